/**
 * For tests: a small API with its view, in memory, and a harness that runs controllers to rest without actors or time.
 */
import {
  behaviourOf,
  type ConditionFields,
  fieldErrorText,
  findResource,
  type GroupResource,
  type KubeObject,
  mergePatch,
  StatusError,
  type StoredObject,
  timeText,
} from '../../api/index.ts';
import { nameSuffix, seededRandom, silentLogger } from '../../base/index.ts';
import {
  type CollectionRef,
  type DeletionOptions,
  factsOf,
  type FactsQuery,
  type ListQuery,
  type ObjectChange,
  type ObjectRef,
  type Patch,
  type ResourceClient,
  type ResourceView,
  type WriteOptions,
  type Written,
} from '../../resources/index.ts';
import { allowedClient } from './allowed-client.fixture.ts';
import type { Controller, ControllerPorts } from './controller.ts';
import { isOf } from './keys.ts';

type Draft = Record<string, unknown> & { metadata: Record<string, unknown> };

const storeKey = (ref: GroupResource, namespace: string | undefined, name: string): string =>
  `${ref.group}/${ref.resource}/${namespace ?? ''}/${name}`;

/** A copy as it would be read again: fields that are undefined are absent. */
const asStored = (object: object): StoredObject => JSON.parse(JSON.stringify(object)) as StoredObject;

/** A controller must write no status that the API refuses. */
function assertStatus(ref: ObjectRef, draft: object, current: StoredObject): void {
  const info = ['v2', 'v1'].flatMap((version) => findResource(ref.group, version, ref.resource) ?? [])[0];
  const check = info === undefined ? undefined : behaviourOf(info).subresources?.['status']?.validateUpdate;
  const problems = check?.(asStored(draft) as KubeObject, current as KubeObject) ?? [];
  if (problems.length > 0)
    throw new StatusError('Invalid', problems.map((each) => `${each.field}: ${fieldErrorText(each)}`).join(', '));
}

export class MemoryCluster {
  now = Date.parse('2026-01-01T00:00:00Z');
  readonly events: { readonly reason: string; readonly message: string; readonly object: string }[] = [];
  /** Called before each write; throwing refuses it. */
  onWrite: (verb: string, ref: GroupResource, object: unknown) => void = () => undefined;
  readonly random = seededRandom(7);
  readonly #objects = new Map<string, StoredObject>();
  readonly #listeners = new Set<(change: ObjectChange) => void>();
  #revision = 0;

  readonly view: ResourceView = {
    get: <T>(resource: GroupResource, namespace: string | undefined, name: string) =>
      this.#objects.get(storeKey(resource, namespace, name)) as T | undefined,
    list: <T>(resource: GroupResource, namespace?: string) => this.#list(resource, namespace) as T[],
    facts: <T>(resource: GroupResource, query: FactsQuery = {}) =>
      factsOf(resource, this.#list(resource, query.namespace) as T[], query),
    ownedBy: <T>(resource: GroupResource, uid: string) =>
      this.#list(resource).filter((object) =>
        object.metadata.ownerReferences?.some((owner) => owner.uid === uid),
      ) as T[],
    onChange: (listener) => {
      this.#listeners.add(listener);
      return () => {
        this.#listeners.delete(listener);
      };
    },
    synced: () => Promise.resolve(),
  };

  readonly client: ResourceClient = {
    get: <T>(ref: ObjectRef) => Promise.resolve(this.#find(ref) as unknown as T),
    list: <T>(query: ListQuery) =>
      Promise.resolve({ items: this.#list(query, query.namespace) as T[], resourceVersion: String(this.#revision) }),
    create: async <T>(ref: CollectionRef & { readonly name?: string }, object: unknown, options?: WriteOptions) =>
      writtenAs<T>(this.#create(ref, object as Draft, options)),
    update: async <T>(ref: ObjectRef, object: unknown, options?: WriteOptions) =>
      writtenAs<T>(this.#update(ref, object as Draft, options)),
    patch: async <T>(ref: ObjectRef, patch: Patch, options?: WriteOptions) =>
      writtenAs<T>(this.#patch(ref, patch, options)),
    delete: async (ref, options) => {
      this.#delete(ref, options ?? {});
    },
    deleteCollection: async (query, options) => {
      for (const object of this.#list(query, query.namespace))
        this.#delete(
          {
            ...query,
            name: object.metadata.name,
            ...(object.metadata.namespace === undefined ? {} : { namespace: object.metadata.namespace }),
          },
          options ?? {},
        );
    },
  };

  get ports(): ControllerPorts {
    return {
      view: this.view,
      client: this.client,
      clock: { now: () => this.now, monotonic: () => this.now },
      random: this.random,
      log: silentLogger,
      event: (object, _type, reason, message) => {
        this.events.push({ reason, message, object: (object as StoredObject).metadata.name });
      },
    };
  }

  #list(resource: GroupResource, namespace?: string): StoredObject[] {
    const prefix = `${resource.group}/${resource.resource}/`;
    return [...this.#objects]
      .filter(
        ([key, object]) =>
          key.startsWith(prefix) && (namespace === undefined || object.metadata.namespace === namespace),
      )
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, object]) => object);
  }

  #find(ref: ObjectRef): StoredObject {
    const object = this.#objects.get(storeKey(ref, ref.namespace, ref.name));
    if (object === undefined) throw new StatusError('NotFound', `${ref.resource} "${ref.name}" not found`);
    return object;
  }

  #put(ref: GroupResource, object: Draft): StoredObject {
    this.#revision += 1;
    const stored = asStored({
      ...object,
      metadata: { ...object.metadata, resourceVersion: String(this.#revision) },
    });
    const key = storeKey(ref, stored.metadata.namespace, stored.metadata.name);
    const previous = this.#objects.get(key);
    if (
      stored.metadata.deletionTimestamp !== undefined &&
      (stored.metadata.finalizers ?? []).length === 0 &&
      namespaceFree(stored)
    ) {
      this.#remove(ref, stored);
      return stored;
    }
    this.#objects.set(key, stored);
    this.#tell({
      type: 'put',
      resource: { group: ref.group, resource: ref.resource },
      object: stored,
      ...(previous === undefined ? {} : { previous }),
    });
    return stored;
  }

  #remove(ref: GroupResource, object: StoredObject): void {
    this.#revision += 1;
    const key = storeKey(ref, object.metadata.namespace, object.metadata.name);
    const previous = this.#objects.get(key) ?? object;
    this.#objects.delete(key);
    this.#tell({ type: 'delete', resource: { group: ref.group, resource: ref.resource }, object, previous });
  }

  #tell(change: ObjectChange): void {
    for (const listener of this.#listeners) listener(change);
  }

  #create(ref: CollectionRef & { readonly name?: string }, object: Draft, options?: WriteOptions): StoredObject {
    this.onWrite('create', ref, object);
    if (options?.subresource === 'binding') {
      const pod = this.#find({ ...ref, name: ref.name ?? '' });
      const target = object['target'] as { name: string };
      return this.#put(ref, {
        ...pod,
        metadata: { ...pod.metadata },
        spec: { ...(pod.spec as object), nodeName: target.name },
      });
    }
    const metadata = object.metadata as { name?: string; generateName?: string; uid?: string };
    const name = metadata.name ?? `${metadata.generateName ?? ''}${nameSuffix(this.random)}`;
    const namespace = ref.namespace;
    if (this.#objects.has(storeKey(ref, namespace, name)))
      throw new StatusError('AlreadyExists', `${ref.resource} "${name}" already exists`);
    const fixed = {
      ...metadata,
      name,
      ...(namespace === undefined ? {} : { namespace }),
      uid: this.random.uuid(),
      generation: 1,
      creationTimestamp: timeText(this.now),
    };
    return this.#put(ref, { ...object, metadata: fixed });
  }

  #update(ref: ObjectRef, object: Draft, options?: WriteOptions): StoredObject {
    this.onWrite('update', ref, object);
    const current = this.#find(ref);
    const { resourceVersion } = object.metadata;
    if (resourceVersion !== undefined && resourceVersion !== current.metadata.resourceVersion)
      throw new StatusError('Conflict', `${ref.name} has changed`);
    return this.#write(ref, current, {
      next: object,
      ...(options?.subresource === undefined ? {} : { subresource: options.subresource }),
    });
  }

  #write(
    ref: ObjectRef,
    current: StoredObject,
    change: { readonly next: Draft; readonly subresource?: string },
  ): StoredObject {
    const { next, subresource } = change;
    if (subresource === 'status') {
      const draft = {
        ...current,
        metadata: {
          ...current.metadata,
          annotations: next.metadata['annotations'],
          managedFields: next.metadata['managedFields'],
        },
        status: next['status'],
      };
      assertStatus(ref, draft, current);
      return this.#put(ref, draft);
    }
    if (subresource === 'finalize')
      return this.#put(ref, { ...current, metadata: { ...current.metadata }, spec: next['spec'] });
    const changed = JSON.stringify(next['spec']) !== JSON.stringify(current.spec);
    const fixed = {
      ...next.metadata,
      uid: current.metadata.uid,
      deletionTimestamp: current.metadata.deletionTimestamp,
      generation: (current.metadata.generation ?? 1) + (changed ? 1 : 0),
    };
    return this.#put(ref, { ...next, metadata: fixed, status: current.status });
  }

  #patch(ref: ObjectRef, patch: Patch, options?: WriteOptions): StoredObject {
    this.onWrite('patch', ref, patch.body);
    const current = this.#find(ref);
    const body = JSON.parse(JSON.stringify(patch.body)) as {
      metadata?: { uid?: string; resourceVersion?: string };
      status?: { conditions?: ConditionFields[] };
    };
    if (body.metadata?.uid !== undefined && body.metadata.uid !== current.metadata.uid)
      throw new StatusError('Conflict', 'another uid');
    if (
      body.metadata?.resourceVersion !== undefined &&
      body.metadata.resourceVersion !== current.metadata.resourceVersion
    )
      throw new StatusError('Conflict', `${ref.name} has changed`);
    const merged = mergePatch(current as never, body as never) as unknown as Draft;
    if (patch.type === 'strategic' && body.status?.conditions !== undefined) {
      const before = ((current.status as { conditions?: ConditionFields[] } | undefined)?.conditions ?? []).filter(
        (one) => !body.status?.conditions?.some((other) => other.type === one.type),
      );
      merged['status'] = { ...(merged['status'] as object), conditions: [...before, ...body.status.conditions] };
    }
    const { subresource, fieldManager: manager } = options ?? {};
    if (manager !== undefined)
      merged.metadata['managedFields'] = [
        ...(current.metadata.managedFields?.filter((entry) => entry.manager !== manager) ?? []),
        { manager, subresource },
      ];
    return this.#write(ref, current, { next: merged, ...(subresource === undefined ? {} : { subresource }) });
  }

  #delete(ref: ObjectRef, options: DeletionOptions): void {
    this.onWrite('delete', ref, options);
    const current = this.#find(ref);
    if (options.uid !== undefined && options.uid !== current.metadata.uid)
      throw new StatusError('Conflict', 'another uid');
    const propagation =
      options.propagation === 'Foreground'
        ? ['foregroundDeletion']
        : options.propagation === 'Orphan'
          ? ['orphan']
          : [];
    const finalizers = [...new Set([...(current.metadata.finalizers ?? []), ...propagation])];
    const deletionTimestamp = current.metadata.deletionTimestamp ?? timeText(this.now);
    const phase =
      ref.resource === 'namespaces' ? { status: { ...(current.status as object), phase: 'Terminating' } } : {};
    this.#put(ref, { ...current, ...phase, metadata: { ...current.metadata, finalizers, deletionTimestamp } });
  }

  /** Makes an object, as a user would. */
  async make<T extends KubeObject = StoredObject>(
    resource: GroupResource,
    object: Record<string, unknown> & { metadata: Record<string, unknown> },
  ): Promise<T> {
    const namespace = object.metadata['namespace'] as string | undefined;
    return (await this.client.create<T>({ ...resource, namespace }, object)).object;
  }
}

function namespaceFree(object: StoredObject): boolean {
  return (
    object.kind !== 'Namespace' ||
    ((object.spec as { finalizers?: readonly string[] } | undefined)?.finalizers ?? []).length === 0
  );
}

/**
 * Runs controllers as their actors would: each woken key once, conflicts again, requeues when asked. Each does what the
 * role of its account allows.
 */
export class Harness {
  readonly cluster: MemoryCluster;
  readonly controllers: readonly Controller[];
  readonly #woken: { readonly controller: Controller; readonly key: string }[] = [];
  readonly #later: { readonly controller: Controller; readonly key: string; readonly at: number }[] = [];

  constructor(cluster: MemoryCluster, controllers: readonly Controller[]) {
    this.cluster = cluster;
    this.controllers = controllers;
    cluster.view.onChange((change) => {
      for (const controller of controllers) {
        if (controller.watches?.some((resource) => isOf(change, resource)) === false) continue;
        for (const key of controller.keysFor(change, cluster.ports)) this.#wake(controller, key);
      }
    });
  }

  #wake(controller: Controller, key: string): void {
    if (!this.#woken.some((one) => one.controller === controller && one.key === key))
      this.#woken.push({ controller, key });
  }

  /** Reconciles until nothing is woken any more. Throws when that takes more than `stepsMax`. */
  async settle(options: { readonly stepsMax?: number; readonly pick?: (count: number) => number } = {}): Promise<void> {
    for (let step = 0; this.#woken.length > 0; step++) {
      if (step > (options.stepsMax ?? 2_000))
        throw new Error(`no rest: ${this.#woken.map((one) => `${one.controller.name} ${one.key}`).join(', ')}`);
      const [next] = this.#woken.splice(options.pick?.(this.#woken.length) ?? 0, 1);
      if (next !== undefined) await this.#reconcile(next.controller, next.key);
    }
  }

  /** Lets time pass and does what is due. */
  async advance(ms: number): Promise<void> {
    this.cluster.now += ms;
    for (const one of this.#later.splice(0)) {
      if (one.at <= this.cluster.now) this.#wake(one.controller, one.key);
      else this.#later.push(one);
    }
    await this.settle();
  }

  async #reconcile(controller: Controller, key: string): Promise<void> {
    try {
      const { ports } = this.cluster;
      const result = await controller.reconcile(key, {
        ...ports,
        client: allowedClient(ports.client, controller.name),
      });
      if (result?.requeueAfterMs === undefined) return;
      if (result.requeueAfterMs <= 10) this.#wake(controller, key);
      else this.#later.push({ controller, key, at: this.cluster.now + result.requeueAfterMs });
    } catch (error) {
      if (!(error instanceof StatusError) || error.code !== 409) throw error;
      this.#wake(controller, key);
    }
  }
}

function writtenAs<T>(object: KubeObject): Written<T> {
  return { object: object as T, name: object.metadata.name ?? '' };
}
