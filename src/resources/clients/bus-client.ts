/** The API for a part of Troupe on another machine: ResourceClient over the NATS client. */
import {
  type JsonObject,
  type KubeObject,
  serviceUnavailable,
  type StatusDetails,
  StatusError,
  type StatusReason,
} from '../../api/index.ts';
import type { Timers, TraceScope } from '../../base/index.ts';
import type { Bus } from '../../bus/index.ts';
import {
  ApiError,
  createWire,
  listObjects,
  listQuery,
  patchContentTypes,
  requestOf,
  type Wire,
  writeQuery,
} from '../../client/core/index.ts';
import type { ApiRequest } from '../../protocol/index.ts';
import type { CollectionRef, DeletionOptions, ListQuery, ResourceClient, Written } from '../client.ts';
import { infoOfRef } from './naming.ts';

export interface BusRequestPorts {
  readonly bus: Bus;
  readonly timers: Timers;
  readonly cluster: string;
  /** The bearer token that says who asks; a function is called for each request, since tokens are renewed. */
  readonly token: string | (() => string);
  /** How long an answer may take, in ms. */
  readonly deadlineMs: number;
  /** Absent: requests do not say what they belong to. */
  readonly traces?: TraceScope | undefined;
}

export function wireOf({ token, ...ports }: BusRequestPorts): Wire {
  return createWire({ ...ports, token: typeof token === 'string' ? () => token : token });
}

/** Survives reconnects. A request that got no answer is 503. */
export function busClient(ports: BusRequestPorts): ResourceClient & { close(): void } {
  const wire = wireOf(ports);
  const send = async <T>(request: ApiRequest): Promise<T> => {
    try {
      return (await wire.request(request)).body as T;
    } catch (error) {
      throw statusErrorOf(error);
    }
  };
  const write = async <T>(request: ApiRequest): Promise<Written<T>> => {
    const object = await send<T & KubeObject>(request);
    return { object, name: object.metadata.name ?? '' };
  };
  return {
    get: <T = KubeObject>(...[ref, { subresource } = {}]: Parameters<ResourceClient['get']>) =>
      send<T>({ verb: 'get', ...placeOf(ref, subresource) }),
    async list<T = KubeObject>(query: ListQuery) {
      try {
        return await listObjects<T & object>(wire, { kind: infoOfRef(query), namespace: query.namespace }, query);
      } catch (error) {
        throw statusErrorOf(error);
      }
    },
    create: <T = KubeObject>(...[ref, body, options = {}]: Parameters<ResourceClient['create']>) =>
      write<T>({ verb: 'create', ...placeOf(ref, options.subresource), query: writeQuery(options), body }),
    update: <T = KubeObject>(...[ref, body, options = {}]: Parameters<ResourceClient['update']>) =>
      write<T>({ verb: 'update', ...placeOf(ref, options.subresource), query: writeQuery(options), body }),
    patch: <T = KubeObject>(...[ref, { type, body, force }, options = {}]: Parameters<ResourceClient['patch']>) =>
      write<T>({
        verb: 'patch',
        ...placeOf(ref, options.subresource),
        query: writeQuery({ ...options, force }),
        contentType: patchContentTypes[type],
        // What is applied is YAML to the door; JSON is YAML too.
        body: type === 'apply' ? JSON.stringify(body) : body,
      }),
    async delete(ref, options = {}) {
      await send({ verb: 'delete', ...placeOf(ref), body: deleteBody(options) });
    },
    async deleteCollection(query, options = {}) {
      await send({
        verb: 'deletecollection',
        ...placeOf(query),
        query: listQuery({ ...query, limit: undefined, continue: undefined }),
        body: deleteBody(options),
      });
    },
    close: () => {
      wire.close();
    },
  };
}

function placeOf(
  ref: CollectionRef & { readonly name?: string | undefined },
  subresource?: string,
): Omit<ApiRequest, 'verb'> {
  return requestOf(infoOfRef(ref), { namespace: ref.namespace, name: ref.name, subresource });
}

function deleteBody({ propagation, gracePeriodSeconds, uid, resourceVersion }: DeletionOptions): JsonObject {
  return {
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    propagationPolicy: propagation,
    gracePeriodSeconds,
    preconditions: uid === undefined && resourceVersion === undefined ? undefined : { uid, resourceVersion },
  };
}

/** The same failure as the write path throws it. */
function statusErrorOf(error: unknown): unknown {
  if (!(error instanceof ApiError)) return error;
  const { status, body } = error;
  if (typeof body !== 'object' || body === null)
    return status === 503 ? serviceUnavailable(error.message) : new StatusError('', error.message, { code: status });
  const { reason, details, metadata } = body as {
    readonly reason?: StatusReason | undefined;
    readonly details?: StatusDetails | undefined;
    readonly metadata?: { readonly continue?: string | undefined };
  };
  const token = metadata?.continue;
  return new StatusError(reason ?? '', error.message, {
    code: status,
    details,
    continueToken: token === '' ? undefined : token,
  });
}
