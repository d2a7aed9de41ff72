import { StatusError, type GroupResource, type KubeObject } from '../api/index.ts';
import { factsOf, type ObjectChange, type ResourceClient, type ResourceView } from '../resources/index.ts';

type Mutable = Record<string, unknown> & { metadata: Record<string, unknown> };

/** An API in memory, for the agent's tests: no validation, no defaults; a status patch merges conditions by type. */
export interface MemoryApi {
  readonly client: ResourceClient;
  readonly view: ResourceView;
  put(resource: GroupResource, object: object): KubeObject;
  get<T = KubeObject>(resource: GroupResource, namespace: string | undefined, name: string): T | undefined;
  list<T = KubeObject>(resource: GroupResource): readonly T[];
  remove(resource: GroupResource, namespace: string | undefined, name: string): void;
  /** How many patches were written. */
  readonly patches: () => number;
}

export function memoryApi(): MemoryApi {
  const objects = new Map<string, { readonly resource: GroupResource; object: KubeObject }>();
  const listeners = new Set<(change: ObjectChange) => void>();
  let revision = 0;
  let patches = 0;
  const keyOf = (resource: GroupResource, namespace: string | undefined, name: string): string =>
    `${resource.group}/${resource.resource}/${namespace ?? ''}/${name}`;
  const tell = (change: ObjectChange): void => {
    for (const listener of listeners) listener(change);
  };
  const store = (resource: GroupResource, object: Mutable): KubeObject => {
    revision += 1;
    object.metadata['resourceVersion'] = String(revision);
    object.metadata['uid'] ??= `uid-${revision}`;
    const stored = object as unknown as KubeObject;
    objects.set(keyOf(resource, stored.metadata.namespace, stored.metadata.name ?? ''), { resource, object: stored });
    tell({ type: 'put', resource: { group: resource.group, resource: resource.resource }, object: stored });
    return stored;
  };
  const found = (resource: GroupResource, namespace: string | undefined, name: string): KubeObject => {
    const entry = objects.get(keyOf(resource, namespace, name));
    if (entry === undefined) throw new StatusError('NotFound', `${resource.resource} "${name}" not found`);
    return entry.object;
  };
  const remove = (resource: GroupResource, namespace: string | undefined, name: string): void => {
    const object = found(resource, namespace, name);
    objects.delete(keyOf(resource, namespace, name));
    tell({ type: 'delete', resource: { group: resource.group, resource: resource.resource }, object });
  };
  const list = <T>(resource: GroupResource): readonly T[] =>
    [...objects.values()]
      .filter((entry) => entry.resource.resource === resource.resource && entry.resource.group === resource.group)
      .map(({ object }) => object as T);
  const client: ResourceClient = {
    get: async (ref) => Promise.resolve(found(ref, ref.namespace, ref.name) as never),
    list: (query) => Promise.resolve({ items: list(query), resourceVersion: String(revision) }),
    create: async (ref, object, options) => {
      if (options?.subresource === 'token')
        return written({ status: { token: 'a-token', expirationTimestamp: '2030-01-01T00:00:00Z' } });
      const copy = structuredClone(object) as Mutable;
      const name = copy.metadata['name'] as string;
      if (objects.has(keyOf(ref, ref.namespace, name)))
        throw new StatusError('AlreadyExists', `${ref.resource} "${name}" already exists`);
      return written(store(ref, copy));
    },
    update: (ref, object) => written(store(ref, structuredClone(object) as Mutable)),
    patch: async (ref, patch) => {
      patches += 1;
      const before = structuredClone(found(ref, ref.namespace, ref.name)) as unknown as Mutable;
      const body = patch.body as { metadata?: { uid?: string } };
      if (body.metadata?.uid !== undefined && body.metadata.uid !== before.metadata['uid'])
        throw new StatusError('Conflict', 'the uid differs');
      return written(store(ref, merge(before, body) as Mutable));
    },
    delete: async (ref) => {
      remove(ref, ref.namespace, ref.name);
      await Promise.resolve();
    },
    deleteCollection: () => Promise.resolve(),
  };
  const view: ResourceView = {
    get: (resource, namespace, name) => objects.get(keyOf(resource, namespace, name))?.object as never,
    list: (resource, namespace) =>
      list<KubeObject>(resource).filter(
        ({ metadata }) => namespace === undefined || metadata.namespace === namespace,
      ) as never,
    facts: (resource, query) => factsOf(resource, view.list(resource, query?.namespace), query) as never,
    ownedBy: () => [],
    onChange: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    synced: () => Promise.resolve(),
  };
  return {
    client,
    view,
    put: (resource, object) => store(resource, structuredClone(object) as Mutable),
    get: view.get,
    list,
    remove,
    patches: () => patches,
  };
}

function merge(before: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null) return patch;
  if (Array.isArray(patch)) {
    const typed = patch.every((item) => typeof (item as { type?: unknown }).type === 'string');
    const kept =
      typed && Array.isArray(before)
        ? before.filter((old: { type?: string }) => !patch.some((item: { type?: string }) => item.type === old.type))
        : [];
    return [...kept, ...patch.filter((item) => (item as { $patch?: unknown }).$patch === undefined)];
  }
  const result: Record<string, unknown> = { ...(typeof before === 'object' && before !== null ? before : {}) };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merge(result[key], value);
  }
  return result;
}

function written(object: object): Promise<never> {
  const { metadata } = object as Partial<KubeObject>;
  return Promise.resolve({ object, name: metadata?.name ?? '' } as never);
}
