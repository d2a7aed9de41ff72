/** The API as Troupe's own parts see it: ResourceClient writes and reads, ResourceView reads from memory. */
import type { GroupResource, KubeObject } from '../api/index.ts';
import type { RecordIndex } from '../state/index.ts';

/** Names a collection, or a namespace's part of it. `version` is only needed where a group serves several. */
export interface CollectionRef extends GroupResource {
  readonly version?: string | undefined;
  readonly namespace?: string | undefined;
}

export interface ObjectRef extends CollectionRef {
  readonly name: string;
}

export interface ListQuery extends CollectionRef {
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly limit?: number | undefined;
  readonly continue?: string | undefined;
  readonly resourceVersion?: string | undefined;
}

export interface ObjectList<T = KubeObject> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
  readonly continue?: string | undefined;
}

export interface WriteOptions {
  /** `status`, `scale`, `binding`, `eviction`, `token` … */
  readonly subresource?: string | undefined;
  readonly fieldManager?: string | undefined;
  readonly dryRun?: boolean | undefined;
}

export interface DeletionOptions {
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan' | undefined;
  readonly gracePeriodSeconds?: number | undefined;
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
}

export interface Patch {
  readonly type: 'json' | 'merge' | 'strategic' | 'apply';
  readonly body: unknown;
  /** For apply: take fields that others own. */
  readonly force?: boolean | undefined;
}

/** What a write made. In a member the object is parsed when it is first read, since most writers never do. */
export interface Written<T = KubeObject> {
  readonly object: T;
  /** The object's name, which the server may have made; nothing is parsed for it. */
  readonly name: string;
}

/**
 * The Kubernetes API for everything inside Troupe: in a member it calls the write path, on a node it goes over the bus;
 * both mean the same as HTTP. Every failure is a StatusError.
 */
export interface ResourceClient {
  get<T = KubeObject>(ref: ObjectRef, options?: { readonly subresource?: string | undefined }): Promise<T>;
  list<T = KubeObject>(query: ListQuery): Promise<ObjectList<T>>;
  /** The caller keeps `object`; fields that are undefined are absent. */
  create<T = KubeObject>(
    ref: CollectionRef & { readonly name?: string | undefined },
    object: unknown,
    options?: WriteOptions,
  ): Promise<Written<T>>;
  update<T = KubeObject>(ref: ObjectRef, object: unknown, options?: WriteOptions): Promise<Written<T>>;
  patch<T = KubeObject>(ref: ObjectRef, patch: Patch, options?: WriteOptions): Promise<Written<T>>;
  delete(ref: ObjectRef, options?: DeletionOptions): Promise<void>;
  deleteCollection(query: ListQuery, options?: DeletionOptions): Promise<void>;
}

/** Which objects a view holds. */
export interface ViewQuery extends GroupResource {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** Nobody waits for it (`synced`): a member of an earlier version may refuse it. */
  readonly optional?: boolean | undefined;
}

/** What is known of a change without parsing its objects. */
interface ChangeFacts<T = KubeObject> {
  readonly object: ObjectFacts<T>;
  readonly previous?: ObjectFacts<T> | undefined;
}

export interface ObjectChange<T = KubeObject> {
  readonly type: 'put' | 'delete';
  readonly resource: GroupResource;
  /** In a member parsed when it is first read. */
  readonly object: T;
  readonly previous?: T | undefined;
  /** What can be told without parsing; absent where the view has parsed objects only. */
  readonly facts?: ChangeFacts<T> | undefined;
  /**
   * Runs `call` as part of the trace of the request that caused the change; absent: the listener is called within it
   * already.
   */
  within?(call: () => void): void;
}

/** Acts on a change: what `call` causes belongs to the trace of the request that caused the change. */
export function actOn(change: ObjectChange, call: () => void): void {
  if (change.within === undefined) call();
  else change.within(call);
}

/** What is known of an object without parsing it. */
export interface ObjectFacts<T = KubeObject> {
  readonly index: RecordIndex;
  /** Whether the object's JSON has this piece of text, such as `"deletionTimestamp"`. */
  mentions(text: string): boolean;
  object(): T;
  /**
   * As `object`, for who looks at each of very many once: nothing is remembered, and what others have at hand does not
   * go for it.
   */
  read(): T;
}

/** Which objects a reader wants to know of. */
export interface FactsQuery {
  readonly namespace?: string | undefined;
  /** A selectable field and its value. */
  readonly field?: { readonly name: string; readonly value: string };
}

/**
 * Synchronous reads of objects that are kept up to date: in a member straight from the local replica (no copy), on a
 * node from a cache fed by watches over the bus. Objects are frozen; their order is namespace, name.
 */
export interface ResourceView {
  get<T = KubeObject>(resource: GroupResource, namespace: string | undefined, name: string): T | undefined;
  list<T = KubeObject>(resource: GroupResource, namespace?: string): readonly T[];
  /** Like `list`, for who needs few of many objects: only those that are looked at are parsed. */
  facts<T = KubeObject>(resource: GroupResource, query?: FactsQuery): readonly ObjectFacts<T>[];
  /** Objects of `resource` whose owner references name this UID. */
  ownedBy<T = KubeObject>(resource: GroupResource, uid: string): readonly T[];
  /** Every change from now on, or those of some kinds (`of`); the view already shows it when the listener runs. */
  onChange(listener: (change: ObjectChange) => void, of?: readonly GroupResource[]): () => void;
  /** Resolves when the first state is complete. */
  synced(): Promise<void>;
}
