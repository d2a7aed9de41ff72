import type { JsonObject, KubeObject, ResourceInfo } from '../../api/index.ts';
import type { ApiRequest } from '../../protocol/index.ts';
import type { CollectionRef, DeleteOptions, ListQuery, ObjectList, ResourceClient, WriteOptions } from '../client.ts';
import { apiVersionOf } from '../ownership.ts';
import { type BusRequestPorts, type BusRequests, createBusRequests } from './bus-requests.ts';
import { infoOfRef, patchContentTypes } from './naming.ts';

/** Objects that are asked for at a time when a caller wants a whole list. */
const pageItems = 500;

/** What of a request follows from a reference. */
export function requestOf(
  info: ResourceInfo,
  ref: CollectionRef & { readonly name?: string },
  subresource?: string,
): Omit<ApiRequest, 'verb'> {
  return {
    group: info.group,
    version: info.version,
    resource: info.resource,
    ...(info.namespaced && ref.namespace !== undefined ? { namespace: ref.namespace } : {}),
    ...(ref.name === undefined ? {} : { name: ref.name }),
    ...(subresource === undefined || subresource === '' ? {} : { subresource }),
  };
}

function writeQuery({ fieldManager, dryRun }: WriteOptions, force = false): Record<string, string> {
  return {
    ...(fieldManager === undefined ? {} : { fieldManager }),
    ...(dryRun === true ? { dryRun: 'All' } : {}),
    ...(force ? { force: 'true' } : {}),
  };
}

function listQuery({ labelSelector, fieldSelector, resourceVersion }: ListQuery): Record<string, string> {
  return {
    ...(labelSelector === undefined ? {} : { labelSelector }),
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
}

function deleteBody({ propagation, gracePeriodSeconds, uid, resourceVersion }: DeleteOptions): JsonObject {
  const preconditions = {
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
  return {
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    ...(propagation === undefined ? {} : { propagationPolicy: propagation }),
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(Object.keys(preconditions).length === 0 ? {} : { preconditions }),
  };
}

/** One page, its items told apart by kind again: lists leave that out. */
async function page<T>(
  requests: BusRequests,
  query: ListQuery,
  more: { readonly limit: number; readonly continue?: string },
): Promise<ObjectList<T>> {
  const info = infoOfRef(query);
  const { resourceVersion: _version, ...rest } = listQuery(query);
  const paging = {
    limit: String(more.limit),
    ...(more.continue === undefined ? listQuery(query) : { ...rest, continue: more.continue }),
  };
  const body = (await requests.send({ verb: 'list', ...requestOf(info, query), query: paging })) as JsonObject;
  const { resourceVersion, continue: token } = (body['metadata'] ?? {}) as JsonObject;
  const items = ((body['items'] ?? []) as JsonObject[]).map(
    (item) => ({ kind: info.kind, apiVersion: apiVersionOf(info), ...item }) as T,
  );
  return {
    items,
    resourceVersion: String(resourceVersion),
    ...(typeof token === 'string' && token !== '' ? { continue: token } : {}),
  };
}

/** A list over the bus: the page that was asked for, or all pages of one state. */
export async function listOverBus<T = KubeObject>(requests: BusRequests, query: ListQuery): Promise<ObjectList<T>> {
  if (query.limit !== undefined)
    return page<T>(requests, query, {
      limit: query.limit,
      ...(query.continue === undefined ? {} : { continue: query.continue }),
    });
  const items: T[] = [];
  let token: string | undefined;
  for (;;) {
    const next: ObjectList<T> = await page<T>(requests, query, {
      limit: pageItems,
      ...(token === undefined ? {} : { continue: token }),
    });
    items.push(...next.items);
    token = next.continue;
    if (token === undefined) return { items, resourceVersion: next.resourceVersion };
  }
}

/**
 * The API for a part of Troupe on another machine, through the NATS door; survives reconnects. A request that got no
 * answer is 503.
 */
export function busClient(ports: BusRequestPorts): ResourceClient & { close(): void } {
  const requests = createBusRequests(ports);
  const send = async <T>(request: ApiRequest): Promise<T> => (await requests.send(request)) as T;
  return {
    get<T = KubeObject>(...[ref, options]: Parameters<ResourceClient['get']>): Promise<T> {
      return send<T>({ verb: 'get', ...requestOf(infoOfRef(ref), ref, options?.subresource) });
    },
    list: <T = KubeObject>(query: ListQuery) => listOverBus<T>(requests, query),
    create<T = KubeObject>(...[ref, body, options = {}]: Parameters<ResourceClient['create']>): Promise<T> {
      return send<T>({
        verb: 'create',
        ...requestOf(infoOfRef(ref), ref, options.subresource),
        query: writeQuery(options),
        body,
      });
    },
    update<T = KubeObject>(...[ref, body, options = {}]: Parameters<ResourceClient['update']>): Promise<T> {
      return send<T>({
        verb: 'update',
        ...requestOf(infoOfRef(ref), ref, options.subresource),
        query: writeQuery(options),
        body,
      });
    },
    patch<T = KubeObject>(...[ref, patch, options = {}]: Parameters<ResourceClient['patch']>): Promise<T> {
      // What is applied is YAML to the door; JSON is YAML too.
      const body = patch.type === 'apply' ? JSON.stringify(patch.body) : patch.body;
      return send<T>({
        verb: 'patch',
        ...requestOf(infoOfRef(ref), ref, options.subresource),
        query: writeQuery(options, patch.force),
        contentType: patchContentTypes[patch.type],
        body,
      });
    },
    async delete(ref, options = {}) {
      await requests.send({ verb: 'delete', ...requestOf(infoOfRef(ref), ref), body: deleteBody(options) });
    },
    async deleteCollection(query, options = {}) {
      await requests.send({
        verb: 'deletecollection',
        ...requestOf(infoOfRef(query), query),
        query: listQuery(query),
        body: deleteBody(options),
      });
    },
    close: () => {
      requests.close();
    },
  };
}
