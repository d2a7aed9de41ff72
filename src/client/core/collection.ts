/** The objects of a kind as a typed collection. */
import type { ApiRequest, ApiVerb } from '../../protocol/index.ts';
import { doorHeaders } from '../../protocol/index.ts';
import type { Kind } from './kind.ts';
import {
  listObjects,
  type ListOptions,
  type ListPage,
  listQuery,
  patchContentTypes,
  type Place,
  requestOf,
  watchObjects,
  type WatchOptions,
  withKind,
  writeQuery,
} from './queries.ts';
import type { Wire } from './wire.ts';

export interface WriteOptions {
  /** `status`, `scale` … */
  readonly subresource?: string | undefined;
  readonly fieldManager?: string | undefined;
  readonly dryRun?: boolean | undefined;
  /** `<holder>/<epoch>` of an external controller: the write counts only while the epoch lasts. */
  readonly fence?: string | undefined;
}

export interface ApplyOptions extends WriteOptions {
  readonly fieldManager: string;
  /** Take fields that others own. */
  readonly force?: boolean | undefined;
}

export interface DeleteOptions {
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan' | undefined;
  readonly gracePeriodSeconds?: number | undefined;
  readonly preconditions?:
    | { readonly uid?: string | undefined; readonly resourceVersion?: string | undefined }
    | undefined;
  readonly fence?: string | undefined;
}

export type PatchType = 'merge' | 'strategic' | 'json';

/** The objects of a kind: of one namespace, of all, or of the cluster. */
export interface Collection<T> {
  get(name: string, options?: { readonly subresource?: string | undefined }): Promise<T>;
  /** All objects of one state; or one page, with `limit`. */
  list(options?: ListOptions): Promise<ListPage<T>>;
  create(object: T, options?: WriteOptions): Promise<T>;
  /** Replaces the object; refused with 409 when its resourceVersion is not the newest. */
  update(object: T, options?: WriteOptions): Promise<T>;
  patch(name: string, patch: unknown, options?: WriteOptions & { readonly type?: PatchType | undefined }): Promise<T>;
  /** Server-side apply: the fields of `object` become the manager's. */
  apply(object: T, options: ApplyOptions): Promise<T>;
  delete(name: string, options?: DeleteOptions): Promise<void>;
  deleteAll(options?: Pick<ListOptions, 'labelSelector' | 'fieldSelector'>): Promise<void>;
  watch(options: WatchOptions<T>): { close(): void };
}

interface Named {
  readonly kind?: string | undefined;
  readonly apiVersion?: string | undefined;
  readonly metadata: { readonly name?: string | undefined; readonly namespace?: string | undefined };
}

export function collectionOf<T extends Named>(wire: Wire, kind: Kind<T>, namespace?: string): Collection<T> {
  const at = (verb: ApiVerb, place: Place = {}): ApiRequest => ({
    verb,
    ...requestOf(kind, { ...place, namespace: place.namespace ?? namespace }),
  });
  const send = async (request: ApiRequest, fence: string | undefined): Promise<T> =>
    (await wire.request(request, fence === undefined ? {} : { [doorHeaders.epoch]: fence })).body as T;
  const placeOf = ({ metadata }: T, subresource: string | undefined): Place => ({
    name: metadata.name ?? '',
    namespace: metadata.namespace,
    subresource,
  });
  return {
    get: (name, { subresource } = {}) => send(at('get', { name, subresource }), undefined),
    list: (options = {}) => listObjects(wire, { kind, namespace }, options),
    create: (object, options = {}) => {
      const { name, ...place } = placeOf(object, options.subresource);
      const request = at('create', options.subresource === undefined ? place : { ...place, name });
      return send({ ...request, query: writeQuery(options), body: withKind(kind, object) }, options.fence);
    },
    update: (object, options = {}) => {
      const request = at('update', placeOf(object, options.subresource));
      return send({ ...request, query: writeQuery(options), body: withKind(kind, object) }, options.fence);
    },
    patch: (name, body, options = {}) => {
      const request = at('patch', { name, subresource: options.subresource });
      const contentType = patchContentTypes[options.type ?? 'merge'];
      return send({ ...request, query: writeQuery(options), contentType, body }, options.fence);
    },
    apply: (object, options) => {
      const request = at('patch', placeOf(object, options.subresource));
      // The door reads what is applied as YAML; JSON is YAML too.
      const body = JSON.stringify(withKind(kind, object));
      return send(
        { ...request, query: writeQuery(options), contentType: patchContentTypes.apply, body },
        options.fence,
      );
    },
    delete: async (name, { fence, ...options } = {}) => {
      await send({ ...at('delete', { name }), body: { kind: 'DeleteOptions', apiVersion: 'v1', ...options } }, fence);
    },
    deleteAll: async (options = {}) => {
      await send({ ...at('deletecollection'), query: listQuery(options) }, undefined);
    },
    watch: (options) => watchObjects(wire, at('watch'), options),
  };
}
