import type { ApiRequest, ApiVerb } from '../protocol/index.ts';
import { ApiError } from './api-error.ts';
import { apiVersionOf, type Kind } from './kind.ts';
import type { Wire } from './wire.ts';

export interface ListOptions {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly resourceVersion?: string;
  readonly limit?: number;
  readonly continue?: string;
}

export interface ListPage<T> {
  readonly items: T[];
  readonly resourceVersion: string;
  readonly continue?: string;
}

export interface WriteOptions {
  /** `status`, `scale` … */
  readonly subresource?: string;
  readonly fieldManager?: string;
  readonly dryRun?: boolean;
  /** `<holder>/<epoch>` of an external controller: the write counts only while the epoch lasts. */
  readonly fence?: string;
}

export interface ApplyOptions extends WriteOptions {
  readonly fieldManager: string;
  /** Take fields that others own. */
  readonly force?: boolean;
}

export interface DeleteOptions {
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  readonly gracePeriodSeconds?: number;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly fence?: string;
}

export type PatchType = 'merge' | 'strategic' | 'json';

export type WatchEvent<T> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string };

export interface WatchOptions<T> extends Pick<ListOptions, 'labelSelector' | 'fieldSelector' | 'resourceVersion'> {
  readonly event: (event: WatchEvent<T>) => void;
  /** Called once. Without an error, or with a retryable one: watch on from the last resourceVersion; 410: list anew. */
  readonly ended?: (error: ApiError | undefined) => void;
}

/** The objects of a kind: of one namespace, of all, or of the cluster. */
export interface Collection<T> {
  get(name: string, options?: { readonly subresource?: string }): Promise<T>;
  /** All objects of one state; or one page, with `limit`. */
  list(options?: ListOptions): Promise<ListPage<T>>;
  create(object: T, options?: WriteOptions): Promise<T>;
  /** Replaces the object; refused with 409 when its resourceVersion is not the newest. */
  update(object: T, options?: WriteOptions): Promise<T>;
  patch(name: string, patch: unknown, options?: WriteOptions & { readonly type?: PatchType }): Promise<T>;
  /** Server-side apply: the fields of `object` become the manager's. */
  apply(object: T, options: ApplyOptions): Promise<T>;
  delete(name: string, options?: DeleteOptions): Promise<void>;
  deleteAll(options?: Pick<ListOptions, 'labelSelector' | 'fieldSelector'>): Promise<void>;
  watch(options: WatchOptions<T>): { close(): void };
}

interface Named {
  readonly kind?: string;
  readonly apiVersion?: string;
  readonly metadata: { readonly name?: string; readonly namespace?: string };
}

const pageItems = 500;
const patchTypes = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
} as const;

export function collectionOf<T extends Named>(wire: Wire, kind: Kind<T>, namespace: string | undefined): Collection<T> {
  const base = (
    verb: ApiVerb,
    of: { readonly name?: string; readonly namespace?: string; readonly subresource?: string } = {},
  ): ApiRequest => ({
    verb,
    group: kind.group,
    version: kind.version,
    resource: kind.resource,
    ...(kind.namespaced && (of.namespace ?? namespace) !== undefined
      ? { namespace: of.namespace ?? namespace ?? '' }
      : {}),
    ...(of.name === undefined ? {} : { name: of.name }),
    ...(of.subresource === undefined ? {} : { subresource: of.subresource }),
  });
  const send = async (request: ApiRequest, options: { readonly fence?: string } = {}): Promise<T> =>
    (await wire.request(request, fenceHeader(options))).body as T;
  const complete = (object: T): T => ({ kind: kind.kind, apiVersion: apiVersionOf(kind), ...object });
  const placed = ({ metadata }: T, verb: ApiVerb, options: WriteOptions): ApiRequest =>
    base(verb, {
      ...(verb === 'create' && options.subresource === undefined ? {} : { name: metadata.name ?? '' }),
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      ...(options.subresource === undefined ? {} : { subresource: options.subresource }),
    });
  return {
    get: (name, options = {}) => send(base('get', { name, ...options })),
    list: (options = {}) => listAll(wire, base('list'), options, complete),
    create: (object, options = {}) =>
      send({ ...placed(object, 'create', options), query: writeQuery(options), body: complete(object) }, options),
    update: (object, options = {}) =>
      send({ ...placed(object, 'update', options), query: writeQuery(options), body: complete(object) }, options),
    patch: (name, patch, options = {}) =>
      send(
        {
          ...base('patch', {
            name,
            ...(options.subresource === undefined ? {} : { subresource: options.subresource }),
          }),
          query: writeQuery(options),
          contentType: patchTypes[options.type ?? 'merge'],
          body: patch,
        },
        options,
      ),
    apply: (object, options) =>
      send(
        {
          ...placed(object, 'patch', options),
          query: { ...writeQuery(options), ...(options.force === true ? { force: 'true' } : {}) },
          contentType: 'application/apply-patch+yaml',
          body: JSON.stringify(complete(object)),
        },
        options,
      ),
    delete: async (name, { fence, ...options } = {}) => {
      await send(
        { ...base('delete', { name }), body: { kind: 'DeleteOptions', apiVersion: 'v1', ...options } },
        fence === undefined ? {} : { fence },
      );
    },
    deleteAll: async (options = {}) => {
      await send({ ...base('deletecollection'), query: listQuery(options) });
    },
    watch: (options) => watch(wire, base('watch'), options),
  };
}

function fenceHeader({ fence }: { readonly fence?: string }): Readonly<Record<string, string>> {
  return fence === undefined ? {} : { 'Troupe-Epoch': fence };
}

function writeQuery({ fieldManager, dryRun }: WriteOptions): Record<string, string> {
  return { ...(fieldManager === undefined ? {} : { fieldManager }), ...(dryRun === true ? { dryRun: 'All' } : {}) };
}

function listQuery(options: ListOptions): Record<string, string> {
  return Object.fromEntries(
    Object.entries({ ...options })
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, String(value)]),
  );
}

async function listAll<T>(
  wire: Wire,
  request: ApiRequest,
  options: ListOptions,
  complete: (item: T) => T,
): Promise<ListPage<T>> {
  const items: T[] = [];
  let token = options.continue;
  for (;;) {
    const { resourceVersion: _version, ...later } = options;
    const query = listQuery({
      ...(token === undefined ? options : later),
      limit: options.limit ?? pageItems,
      ...(token === undefined ? {} : { continue: token }),
    });
    const body = (await wire.request({ ...request, query })).body as {
      readonly items?: T[];
      readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
    };
    items.push(...(body.items ?? []).map(complete));
    token = body.metadata?.continue === '' ? undefined : body.metadata?.continue;
    const page = { items, resourceVersion: body.metadata?.resourceVersion ?? '' };
    if (token === undefined) return page;
    if (options.limit !== undefined) return { ...page, continue: token };
  }
}

function watch<T>(wire: Wire, request: ApiRequest, { event, ended, ...options }: WatchOptions<T>): { close(): void } {
  const stream = wire.stream(
    { ...request, query: { ...listQuery(options), allowWatchBookmarks: 'true' } },
    {
      message: ({ event: told }) => {
        if (told === undefined) return;
        if (told.type === 'ERROR')
          stop(new ApiError((told.object as { readonly code?: number }).code ?? 500, told.object));
        else if (told.type === 'BOOKMARK')
          event({
            type: 'BOOKMARK',
            resourceVersion: (told.object as { readonly metadata: { readonly resourceVersion: string } }).metadata
              .resourceVersion,
          });
        else event({ type: told.type as 'ADDED' | 'MODIFIED' | 'DELETED', object: told.object as T });
      },
      ended: (error) => {
        stop(error);
      },
    },
  );
  let over = false;
  function stop(error: ApiError | undefined): void {
    if (over) return;
    over = true;
    ended?.(error);
  }
  return {
    close: () => {
      over = true;
      stream.close();
    },
  };
}
