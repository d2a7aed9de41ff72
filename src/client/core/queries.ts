/** The requests that the verbs of the API make: which object, which query parameters, which body. */
import type { ApiRequest } from '../../protocol/index.ts';
import { ApiError } from './api-error.ts';
import { apiVersionOf, type KindInfo } from './kind.ts';
import type { Wire } from './wire.ts';

export interface ListOptions {
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly limit?: number | undefined;
  readonly continue?: string | undefined;
}

export interface ListPage<T> {
  readonly items: T[];
  readonly resourceVersion: string;
  readonly continue?: string | undefined;
}

/** What of WriteOptions becomes query parameters. */
export interface WriteParameters {
  readonly fieldManager?: string | undefined;
  readonly dryRun?: boolean | undefined;
  /** Apply: take fields that others own. */
  readonly force?: boolean | undefined;
}

export type WatchEvent<T> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string };

export interface WatchOptions<T> extends Pick<ListOptions, 'labelSelector' | 'fieldSelector' | 'resourceVersion'> {
  readonly event: (event: WatchEvent<T>) => void;
  /**
   * Called once. Without an error, or with a retryable one: watch on from the last resourceVersion; 410: list again.
   */
  readonly ended?: ((error: ApiError | undefined) => void) | undefined;
}

/** What of a kind: its objects, those of one namespace, one object, or a subresource of it. */
export interface Place {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
}

const pageItems = 500;

/** The content type of each kind of patch. */
export const patchContentTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

/** What of a request follows from a kind and a place in it. */
export function requestOf(kind: KindInfo, { namespace, name, subresource }: Place): Omit<ApiRequest, 'verb'> {
  return {
    group: kind.group,
    version: kind.version,
    resource: kind.resource,
    namespace: kind.namespaced ? namespace : undefined,
    name,
    subresource: subresource === '' ? undefined : subresource,
  };
}

export function writeQuery({ fieldManager, dryRun, force }: WriteParameters): Record<string, string> {
  return parametersOf({
    fieldManager,
    dryRun: dryRun === true ? 'All' : undefined,
    force: force === true ? 'true' : undefined,
  });
}

export function listQuery(options: ListOptions): Record<string, string> {
  const { labelSelector, fieldSelector, resourceVersion, limit, continue: token } = options;
  return parametersOf({ labelSelector, fieldSelector, resourceVersion, limit, continue: token });
}

function parametersOf(options: Readonly<Record<string, string | number | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}

/** The object with its kind and apiVersion, which items of lists leave out and callers may. */
export function withKind<T extends object>(kind: KindInfo, object: T): T {
  return { kind: kind.kind, apiVersion: apiVersionOf(kind), ...object };
}

/** All objects of one state, or the page that `limit` asks for. */
export async function listObjects<T extends object>(
  { request }: Pick<Wire, 'request'>,
  { kind, namespace }: { readonly kind: KindInfo; readonly namespace: string | undefined },
  options: ListOptions,
): Promise<ListPage<T>> {
  const asked: ApiRequest = { verb: 'list', ...requestOf(kind, { namespace }) };
  const items: T[] = [];
  let token = options.continue;
  for (;;) {
    // The token stands for the version of the first page.
    const resourceVersion = token === undefined ? options.resourceVersion : undefined;
    const paging = { resourceVersion, limit: options.limit ?? pageItems, continue: token };
    const { body } = await request({ ...asked, query: listQuery({ ...options, ...paging }) });
    const page = body as {
      readonly items?: T[];
      readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
    };
    for (const item of page.items ?? []) items.push(withKind(kind, item));
    token = page.metadata?.continue === '' ? undefined : page.metadata?.continue;
    if (token === undefined || options.limit !== undefined)
      return { items, resourceVersion: page.metadata?.resourceVersion ?? '', continue: token };
  }
}

/** A watch through the door, from the version in the options. */
export function watchObjects<T>(
  wire: Pick<Wire, 'stream'>,
  request: ApiRequest,
  { event, ended, ...options }: WatchOptions<T>,
): { close(): void } {
  let over = false;
  const stop = (error: ApiError | undefined): void => {
    if (over) return;
    over = true;
    ended?.(error);
  };
  const query = { ...listQuery(options), allowWatchBookmarks: 'true' };
  const stream = wire.stream({ ...request, query }, 'events', {
    message: (message) => {
      if (over || message.event === undefined) return;
      const { type, object } = message.event;
      if (type !== 'ERROR') {
        event(eventOf<T>(type, object));
        return;
      }
      stop(new ApiError((object as { readonly code?: number }).code ?? 500, object));
      stream.close();
    },
    ended: stop,
  });
  return {
    close: () => {
      over = true;
      stream.close();
    },
  };
}

function eventOf<T>(type: string, object: unknown): WatchEvent<T> {
  if (type !== 'BOOKMARK') return { type: type as 'ADDED' | 'MODIFIED' | 'DELETED', object: object as T };
  const { metadata } = object as { readonly metadata: { readonly resourceVersion: string } };
  return { type, resourceVersion: metadata.resourceVersion };
}
