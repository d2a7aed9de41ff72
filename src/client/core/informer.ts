/** A copy of a collection that is kept up to date: a list, then a watch from there. */
import { errorMessage, type Timer, type Timers } from '../../base/index.ts';
import { ApiError } from './api-error.ts';
import type { Collection } from './collection.ts';
import type { KubernetesObject } from './kind.ts';
import type { ListOptions, WatchEvent } from './queries.ts';

export interface InformerHandlers<T> {
  readonly added?: ((object: T) => void) | undefined;
  readonly changed?: ((object: T, before: T) => void) | undefined;
  /** `before`: as it was last known; `object` is the same if the deletion itself was not seen. */
  readonly deleted?: ((object: T, before: T) => void) | undefined;
  /** Why a list or a watch failed; the informer goes on by itself. */
  readonly failed?: ((error: Error) => void) | undefined;
}

export interface InformerOptions<T> extends InformerHandlers<T>, Pick<ListOptions, 'labelSelector' | 'fieldSelector'> {
  /** Every object is told as changed this often, in ms; absent: never. */
  readonly resyncMs?: number | undefined;
}

export interface Informer<T> {
  /** Resolves once the copy is complete for the first time. */
  readonly synced: Promise<void>;
  get(name: string, namespace?: string): T | undefined;
  /** In the order of namespace and name. */
  list(namespace?: string): readonly T[];
  close(): void;
}

export interface InformerSettings<T> extends InformerOptions<T> {
  /** Called with each object before anybody sees it; absent: objects are kept as they come. */
  readonly prepare?: ((object: T) => T) | undefined;
}

const retryMs = 200;
const retryMsMax = 5_000;
/** A watch that fails so often from one version is given up for a list. */
const resumesMax = 3;

/**
 * A watch that ends is resumed where it was; when that version is gone (410) the list is read again, and what differs
 * is told as changes. Nothing is told twice, nothing is missed. The copy already shows a change, and after a list all
 * of them, when the handlers hear of it.
 */
export class CollectionInformer<T extends KubernetesObject> implements Informer<T> {
  readonly synced: Promise<void>;
  readonly #collection: Pick<Collection<T>, 'list' | 'watch'>;
  readonly #timers: Timers;
  readonly #settings: InformerSettings<T>;
  readonly #objects = new Map<string, T>();
  #sorted: readonly T[] | undefined;
  #resolveSynced: () => void = () => undefined;
  #revision = '';
  #failures = 0;
  #watch: { close(): void } | undefined;
  #retry: Timer | undefined;
  readonly #resync: Timer | undefined;
  #closed = false;

  constructor(collection: Pick<Collection<T>, 'list' | 'watch'>, timers: Timers, settings: InformerSettings<T>) {
    this.#collection = collection;
    this.#timers = timers;
    this.#settings = settings;
    this.synced = new Promise((resolve) => {
      this.#resolveSynced = resolve;
    });
    const { resyncMs, changed } = settings;
    this.#resync =
      resyncMs === undefined
        ? undefined
        : timers.every(resyncMs, () => {
            for (const object of this.#objects.values()) changed?.(object, object);
          });
    void this.#list();
  }

  get(name: string, namespace?: string): T | undefined {
    return this.#objects.get(keyOf(name, namespace));
  }

  list(namespace?: string): readonly T[] {
    this.#sorted ??= [...this.#objects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
    return namespace === undefined
      ? this.#sorted
      : this.#sorted.filter(({ metadata }) => metadata.namespace === namespace);
  }

  close(): void {
    this.#closed = true;
    this.#watch?.close();
    this.#retry?.cancel();
    this.#resync?.cancel();
  }

  async #list(): Promise<void> {
    try {
      const { labelSelector, fieldSelector } = this.#settings;
      const { items, resourceVersion } = await this.#collection.list({ labelSelector, fieldSelector });
      if (this.#closed) return;
      this.#revision = resourceVersion;
      const calls = this.#replace(items);
      for (const call of calls) call();
      this.#resolveSynced();
      this.#open();
    } catch (error) {
      this.#again('list', error instanceof Error ? error : new Error(errorMessage(error)));
    }
  }

  #open(): void {
    const { labelSelector, fieldSelector } = this.#settings;
    this.#watch = this.#collection.watch({
      labelSelector,
      fieldSelector,
      resourceVersion: this.#revision,
      event: (event) => {
        this.#event(event);
      },
      ended: (error) => {
        this.#again(error instanceof ApiError && error.status === 410 ? 'list' : 'resume', error);
      },
    });
  }

  #event(event: WatchEvent<T>): void {
    this.#failures = 0;
    if (event.type === 'BOOKMARK') {
      this.#revision = event.resourceVersion;
      return;
    }
    this.#revision = event.object.metadata.resourceVersion ?? this.#revision;
    const call = event.type === 'DELETED' ? this.#remove(event.object) : this.#put(event.object);
    call?.();
  }

  /** The whole state again. Returns the calls that tell what differs. */
  #replace(objects: readonly T[]): (() => void)[] {
    const calls: ((() => void) | undefined)[] = [];
    const present = new Set<string>();
    for (const object of objects) {
      const { name, namespace, uid } = object.metadata;
      present.add(keyOf(name, namespace));
      const before = this.get(name ?? '', namespace);
      // Another object of the same name: the one before was deleted.
      if (before !== undefined && before.metadata.uid !== uid) calls.push(this.#remove(before));
      calls.push(this.#put(object));
    }
    for (const [key, object] of [...this.#objects]) if (!present.has(key)) calls.push(this.#remove(object));
    return calls.filter((call) => call !== undefined);
  }

  #put(received: T): (() => void) | undefined {
    const key = keyOf(received.metadata.name, received.metadata.namespace);
    const before = this.#objects.get(key);
    if (before?.metadata.resourceVersion === received.metadata.resourceVersion && before !== undefined)
      return undefined;
    const { prepare, added, changed } = this.#settings;
    const object = prepare?.(received) ?? received;
    this.#objects.set(key, object);
    this.#sorted = undefined;
    return before === undefined ? () => added?.(object) : () => changed?.(object, before);
  }

  #remove(received: T): (() => void) | undefined {
    const key = keyOf(received.metadata.name, received.metadata.namespace);
    const before = this.#objects.get(key);
    if (before === undefined) return undefined;
    const { prepare, deleted } = this.#settings;
    const object = prepare?.(received) ?? received;
    this.#objects.delete(key);
    this.#sorted = undefined;
    return () => deleted?.(object, before);
  }

  #again(how: 'resume' | 'list', error: Error | undefined): void {
    if (this.#closed) return;
    if (error !== undefined) this.#settings.failed?.(error);
    const waitMs = Math.min(retryMs * 2 ** Math.min(this.#failures, 10), retryMsMax);
    this.#failures += 1;
    this.#watch = undefined;
    this.#retry = this.#timers.after(waitMs, () => {
      if (how === 'list' || this.#failures > resumesMax) void this.#list();
      else this.#open();
    });
  }
}

function keyOf(name = '', namespace = ''): string {
  return `${namespace}/${name}`;
}
