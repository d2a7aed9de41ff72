/** The ResourceService: what doors ask of the write path, in plain values. */
import type { Revision } from '../base/index.ts';
import type { JsonObject, KubeObject, ParsedYaml, Requester, ResourceInfo } from '../api/index.ts';
import type { StoredRecord } from '../state/index.ts';
import type { ResourceCatalogue } from './catalogue.ts';
import type { DeletionOptions } from './client.ts';

export type { Requester } from '../api/index.ts';

/** What a write carries besides the object. */
export interface WriteContext {
  readonly user: Requester;
  readonly dryRun: boolean;
  readonly fieldManager: string;
  readonly fieldValidation: 'Strict' | 'Warn' | 'Ignore';
  /** Collects the texts of Warning headers. */
  readonly warn: (text: string) => void;
  /** Adds a fact to the audit trail of the request, if it has one. `Request`: only if bodies are recorded, too. */
  readonly annotate?: ((key: string, value: string, level?: 'Request') => void) | undefined;
  /**
   * Asked before an update or an apply makes an object that is not there: the right to change one is none to create it.
   * Throws what the client is refused with. Absent: it may.
   */
  readonly mayCreate?: (() => void | Promise<void>) | undefined;
}

/** One object, or a collection (`name` ''), as a request names it. */
export interface Target {
  readonly info: ResourceInfo;
  readonly namespace: string | undefined;
  readonly name: string;
  /** '' for the object itself. */
  readonly subresource: string;
}

/**
 * A body: the bytes as they came in, or the value of a caller in this process (`valueBody`). The service decodes it
 * against the kind's schema, since only it knows the wanted type.
 */
export interface RequestBody {
  readonly contentType: string;
  /** Of a value: its JSON, made when it is first read. */
  readonly bytes: Uint8Array;
  /** The caller keeps it: nobody changes it or keeps a part of it. Fields that are undefined are absent. */
  readonly value?: unknown;
  /** What the bytes say as YAML, where that was parsed elsewhere: a new copy each time. Throws YamlTextError. */
  readonly yaml?: (() => ParsedYaml) | undefined;
}

/**
 * What a write answers. `record` carries the committed bytes; absent where only an object was made (dry run, Scale,
 * TokenRequest …).
 */
export interface WriteResult {
  readonly object: KubeObject;
  readonly record?: StoredRecord | undefined;
  readonly created: boolean;
}

export interface ListRequest {
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly limit?: number | undefined;
  readonly continue?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly resourceVersionMatch?: string | undefined;
}

export interface ListResult {
  readonly records: readonly StoredRecord[];
  readonly revision: Revision;
  readonly continue?: string | undefined;
  readonly remaining?: number | undefined;
}

export interface WatchOptions extends ListRequest {
  readonly allowWatchBookmarks?: boolean | undefined;
  readonly sendInitialEvents?: boolean | undefined;
}

declare const madeOnce: unique symbol;

/**
 * A change of an object as all its watchers see it. There is one such event for each record and type, made in
 * watching/watch-mapping.ts, and everybody passes on that very object: doors keep its encoded form by identity, and a
 * copy would be encoded again for each watcher. The mark exists for the compiler only, so that no literal is taken for
 * one.
 */
export interface SharedEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly record: StoredRecord;
  /** The request that caused it, where it is known. */
  readonly trace?: string | undefined;
  readonly [madeOnce]: true;
}

/** `record` of a BOOKMARK is absent, its `revision` is what counts. ERROR carries a Status. */
export type RecordEvent =
  | SharedEvent
  | { readonly type: 'BOOKMARK'; readonly revision: Revision; readonly initialEventsEnd: boolean }
  | { readonly type: 'ERROR'; readonly status: unknown };

/** Takes events in batches. False: the reader is too slow and the watch ends. */
export type WatchSink = (events: readonly RecordEvent[]) => boolean;

export type DeleteResult = {
  readonly type: 'deleted' | 'deleting';
  readonly object: KubeObject;
  readonly record?: StoredRecord | undefined;
};

/**
 * The one write path and the reads beside it, the same for every kind. Callers are authenticated and authorised before.
 * Every failure is a StatusError with upstream's reason, code, message and details.
 */
export interface ResourceService {
  /** What is served. */
  readonly catalogue: ResourceCatalogue;
  get(
    target: Target,
    options: { readonly resourceVersion?: string | undefined },
  ): Promise<StoredRecord | { readonly object: KubeObject }>;
  list(target: Target, options: ListRequest): Promise<ListResult>;
  watch(target: Target, options: WatchOptions, sink: WatchSink): Promise<{ close(): void }>;
  create(target: Target, body: RequestBody, context: WriteContext): Promise<WriteResult>;
  update(target: Target, body: RequestBody, context: WriteContext): Promise<WriteResult>;
  patch(target: Target, body: RequestBody, context: WriteContext & { readonly force: boolean }): Promise<WriteResult>;
  delete(target: Target, options: DeletionOptions, context: WriteContext): Promise<DeleteResult>;
  /** Answers the deleted objects, as upstream does. */
  deleteCollection(
    target: Target,
    list: ListRequest,
    options: DeletionOptions,
    context: WriteContext,
  ): Promise<ListResult>;
  /**
   * Asks admission whether somebody may connect to a subresource. Answers the options of the connection (PodExecOptions
   * …), which admission may have changed.
   */
  connect(
    target: Target,
    options: JsonObject,
    context: Pick<WriteContext, 'user' | 'warn' | 'annotate'>,
  ): Promise<JsonObject>;
}
