import { errorMessage, type Timer, type Timers } from '../base/index.ts';
import { ApiError } from './api-error.ts';
import type { Collection, ListOptions } from './collection.ts';
import type { KubernetesObject } from './kind.ts';

export interface InformerHandlers<T> {
  readonly added?: (object: T) => void;
  readonly changed?: (object: T, before: T) => void;
  readonly deleted?: (object: T) => void;
  /** Why a list or a watch failed; the informer goes on by itself. */
  readonly failed?: (error: Error) => void;
}

export interface InformerOptions<T> extends InformerHandlers<T>, Pick<ListOptions, 'labelSelector' | 'fieldSelector'> {
  /** Every object is told as changed this often, in ms; absent: never. */
  readonly resyncMs?: number;
}

/** A copy of a collection that is kept up to date. */
export interface Informer<T> {
  /** Resolves once the copy is complete for the first time. */
  readonly synced: Promise<void>;
  get(name: string, namespace?: string): T | undefined;
  list(): readonly T[];
  close(): void;
}

const retryMs = 200;
const retryMsMax = 10_000;

/**
 * A list, then a watch from there. A watch that ends goes on where it was; when that is gone (410) or a message was
 * lost the list is read anew, and what differs is told as changes. Nothing is told twice, nothing is missed.
 */
export function informerOf<T extends KubernetesObject>(
  collection: Collection<T>,
  timers: Timers,
  options: InformerOptions<T>,
): Informer<T> {
  const made = new CollectionInformer(collection, timers, options);
  return made;
}

class CollectionInformer<T extends KubernetesObject> implements Informer<T> {
  readonly synced: Promise<void>;
  readonly #collection: Collection<T>;
  readonly #timers: Timers;
  readonly #options: InformerOptions<T>;
  readonly #objects = new Map<string, T>();
  #resolveSynced: () => void = () => undefined;
  #revision = '';
  #failures = 0;
  #watch: { close(): void } | undefined;
  #retry: Timer | undefined;
  readonly #resync: Timer | undefined;
  #closed = false;

  constructor(collection: Collection<T>, timers: Timers, options: InformerOptions<T>) {
    this.#collection = collection;
    this.#timers = timers;
    this.#options = options;
    this.synced = new Promise((resolve) => {
      this.#resolveSynced = resolve;
    });
    this.#resync =
      options.resyncMs === undefined
        ? undefined
        : timers.every(options.resyncMs, () => {
            for (const object of this.#objects.values()) options.changed?.(object, object);
          });
    void this.#list();
  }

  get(name: string, namespace?: string): T | undefined {
    return this.#objects.get(keyOf(name, namespace));
  }

  list(): readonly T[] {
    return [...this.#objects.values()];
  }

  close(): void {
    this.#closed = true;
    this.#watch?.close();
    this.#retry?.cancel();
    this.#resync?.cancel();
  }

  async #list(): Promise<void> {
    try {
      const { items, resourceVersion } = await this.#collection.list(this.#selectors());
      if (this.#closed) return;
      const present = new Set(items.map(({ metadata }) => keyOf(metadata.name, metadata.namespace)));
      for (const object of items) this.#put(object);
      for (const [key, object] of this.#objects) if (!present.has(key)) this.#remove(key, object);
      this.#revision = resourceVersion;
      this.#resolveSynced();
      this.#open();
    } catch (error) {
      this.#again('anew', error instanceof Error ? error : new Error(errorMessage(error)));
    }
  }

  #selectors(): Pick<ListOptions, 'labelSelector' | 'fieldSelector'> {
    const { labelSelector, fieldSelector } = this.#options;
    return {
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
    };
  }

  #open(): void {
    this.#watch = this.#collection.watch({
      ...this.#selectors(),
      resourceVersion: this.#revision,
      event: (event) => {
        this.#failures = 0;
        if (event.type === 'BOOKMARK') {
          this.#revision = event.resourceVersion;
          return;
        }
        this.#revision = event.object.metadata.resourceVersion ?? this.#revision;
        if (event.type === 'DELETED')
          this.#remove(keyOf(event.object.metadata.name, event.object.metadata.namespace), event.object);
        else this.#put(event.object);
      },
      ended: (error) => {
        this.#again(error instanceof ApiError && error.status === 410 ? 'anew' : 'on', error);
      },
    });
  }

  #put(object: T): void {
    const key = keyOf(object.metadata.name, object.metadata.namespace);
    const before = this.#objects.get(key);
    if (before?.metadata.resourceVersion === object.metadata.resourceVersion && before !== undefined) return;
    this.#objects.set(key, object);
    if (before === undefined) this.#options.added?.(object);
    else this.#options.changed?.(object, before);
  }

  #remove(key: string, object: T): void {
    if (this.#objects.delete(key)) this.#options.deleted?.(object);
  }

  #again(how: 'on' | 'anew', error: Error | undefined): void {
    if (this.#closed) return;
    if (error !== undefined) this.#options.failed?.(error);
    const waitMs = error === undefined ? 0 : Math.min(retryMs * 2 ** this.#failures++, retryMsMax);
    this.#retry = this.#timers.after(waitMs, () => {
      if (how === 'on') this.#open();
      else void this.#list();
    });
  }
}

function keyOf(name = '', namespace = ''): string {
  return `${namespace}/${name}`;
}
