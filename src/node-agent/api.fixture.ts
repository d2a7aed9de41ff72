/** An API in memory, for the agent's tests. */
import { StatusError, type GroupResource, type KubeObject } from '../api/index.ts';
import {
  factsOf,
  type ObjectChange,
  type ObjectRef,
  type ResourceClient,
  type ResourceView,
  type WriteOptions,
} from '../resources/index.ts';

type Place = GroupResource & { readonly namespace?: string | undefined };
type Mutable = Record<string, unknown> & { metadata: Record<string, unknown> };

const keyOf = (resource: GroupResource, namespace: string | undefined, name: string): string =>
  `${resource.group}/${resource.resource}/${namespace ?? ''}/${name}`;

/** No validation, no defaults; a status patch merges conditions by type. */
export class MemoryApi {
  readonly #objects = new Map<string, { readonly resource: GroupResource; object: KubeObject }>();
  readonly #listeners = new Set<(change: ObjectChange) => void>();
  #revision = 0;
  #patches = 0;

  readonly client: ResourceClient = {
    get: async (ref) => Promise.resolve(this.#found(ref, ref.namespace, ref.name) as never),
    list: (query) => Promise.resolve({ items: this.list(query), resourceVersion: String(this.#revision) }),
    create: async (ref, object, options) => this.#create(ref, structuredClone(object) as Mutable, options),
    update: (ref, object) => written(this.#store(ref, structuredClone(object) as Mutable)),
    patch: async (ref, { body }) => this.#patch(ref, body),
    delete: async (ref) => {
      this.remove(ref, ref.namespace, ref.name);
      await Promise.resolve();
    },
    deleteCollection: () => Promise.resolve(),
  };

  readonly view: ResourceView = {
    get: (resource, namespace, name) => this.#objects.get(keyOf(resource, namespace, name))?.object as never,
    list: (resource, namespace) =>
      this.list<KubeObject>(resource).filter(
        ({ metadata }) => namespace === undefined || metadata.namespace === namespace,
      ) as never,
    facts: (resource, query) => factsOf(resource, this.view.list(resource, query?.namespace), query) as never,
    ownedBy: () => [],
    onChange: (listener) => {
      this.#listeners.add(listener);
      return () => {
        this.#listeners.delete(listener);
      };
    },
    synced: () => Promise.resolve(),
  };

  put(resource: GroupResource, object: object): KubeObject {
    return this.#store(resource, structuredClone(object) as Mutable);
  }

  get<T = KubeObject>(resource: GroupResource, namespace: string | undefined, name: string): T | undefined {
    return this.view.get<T>(resource, namespace, name);
  }

  list<T = KubeObject>({ group, resource }: GroupResource): readonly T[] {
    return [...this.#objects.values()]
      .filter((entry) => entry.resource.resource === resource && entry.resource.group === group)
      .map(({ object }) => object as T);
  }

  remove(resource: GroupResource, namespace: string | undefined, name: string): void {
    const object = this.#found(resource, namespace, name);
    this.#objects.delete(keyOf(resource, namespace, name));
    this.#tell({ type: 'delete', resource: { group: resource.group, resource: resource.resource }, object });
  }

  /** How many patches were written. */
  patches(): number {
    return this.#patches;
  }

  #create(ref: Place, object: Mutable, options: WriteOptions | undefined): Promise<never> {
    if (options?.subresource === 'token')
      return written({ status: { token: 'a-token', expirationTimestamp: '2030-01-01T00:00:00Z' } });
    const name = object.metadata['name'] as string;
    if (this.#objects.has(keyOf(ref, ref.namespace, name)))
      throw new StatusError('AlreadyExists', `${ref.resource} "${name}" already exists`);
    return written(this.#store(ref, object));
  }

  #patch(ref: ObjectRef, patch: unknown): Promise<never> {
    this.#patches += 1;
    const before = structuredClone(this.#found(ref, ref.namespace, ref.name)) as object as Mutable;
    const body = patch as { metadata?: { uid?: string } };
    if (body.metadata?.uid !== undefined && body.metadata.uid !== before.metadata['uid'])
      throw new StatusError('Conflict', 'the uid differs');
    return written(this.#store(ref, merge(before, body) as Mutable));
  }

  #found(resource: GroupResource, namespace: string | undefined, name: string): KubeObject {
    const entry = this.#objects.get(keyOf(resource, namespace, name));
    if (entry === undefined) throw new StatusError('NotFound', `${resource.resource} "${name}" not found`);
    return entry.object;
  }

  #store({ group, resource }: GroupResource, object: Mutable): KubeObject {
    this.#revision += 1;
    object.metadata['resourceVersion'] = String(this.#revision);
    object.metadata['uid'] ??= `uid-${this.#revision}`;
    const stored = object as object as KubeObject;
    const { namespace, name = '' } = stored.metadata;
    this.#objects.set(keyOf({ group, resource }, namespace, name), { resource: { group, resource }, object: stored });
    this.#tell({ type: 'put', resource: { group, resource }, object: stored });
    return stored;
  }

  #tell(change: ObjectChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

export function memoryApi(): MemoryApi {
  return new MemoryApi();
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
