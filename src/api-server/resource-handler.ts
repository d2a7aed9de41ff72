import {
  badRequest,
  behaviourOf,
  type KubeObject,
  methodNotAllowed,
  notAcceptable,
  type ResourceInfo,
  tooLarge,
} from '../api/index.ts';
import { type Clock, limits, type Random, type Timers } from '../base/index.ts';
import {
  epochFence,
  type RequestBody,
  type ResourceService,
  type WriteContext,
  type WriteResult,
} from '../resources/index.ts';
import type { Compare } from '../state/index.ts';
import { listResponse, objectResponse, type Presentation, recordResponse } from './answers/encode.ts';
import { includeObjectOf } from './answers/table.ts';
import { collectionOptions } from './list-options.ts';
import { negotiate, type NegotiationRules } from './negotiation.ts';
import { type ApiHttpResponse, headerOf } from './request.ts';
import { contentTypeOfRequest, type RequestContext, wantsPretty } from './request-context.ts';
import { nothingHere } from './paths/index.ts';
import { type ResourceRoute, routeOf } from './resource-route.ts';
import { reviewOf, type ReviewPorts } from './reviews/index.ts';
import { watchResponse } from './watch-response.ts';
import { applyPatchType, deleteOptions, patchTypeOf, writeContext } from './write-options.ts';

/** What a subresource needs that is no object: logs, exec, proxies. Undefined: the subresource is none of these. */
export type StreamHandler = (context: RequestContext, route: ResourceRoute) => Promise<ApiHttpResponse> | undefined;

export interface ResourceHandlerPorts {
  readonly service: ResourceService;
  /** The service on behalf of somebody: its writes count only while the compare holds. */
  readonly fenced: (fence: Compare) => ResourceService;
  readonly reviews: ReviewPorts;
  readonly streams: StreamHandler;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
}

export type ResourceHandler = (context: RequestContext) => Promise<ApiHttpResponse>;

/** Answers requests for resources, all kinds alike. Callers are authenticated and authorised before. */
export function createResourceHandler(given: ResourceHandlerPorts): ResourceHandler {
  return async (context) => {
    const fence = fenceOf(context);
    const ports = fence === undefined ? given : { ...given, service: given.fenced(fence) };
    const route = routeOf(context.info, ports.service.catalogue);
    if (route === undefined) return nothingHere();
    warnOfAge(route.info, context);
    const stream = route.subresource === undefined ? undefined : ports.streams(context, route);
    if (stream !== undefined) return await stream;
    switch (context.info.verb) {
      case 'get':
        return await get(ports, context, route);
      case 'list':
      case 'watch':
        return await list(ports, context, route);
      case 'create':
        return await create(ports, context, route);
      case 'update':
        return await update(ports, context, route);
      case 'patch':
        return await patch(ports, context, route);
      case 'delete':
        return await remove(ports, context, route);
      case 'deletecollection':
        return await removeCollection(ports, context, route);
      default:
        throw methodNotAllowed();
    }
  };
}

/** `Troupe-Epoch: <holder>/<epoch>`: the write counts only while that epoch lasts. */
function fenceOf({ http }: RequestContext): Compare | undefined {
  const text = headerOf(http.headers, 'troupe-epoch');
  if (text === undefined) return undefined;
  const [, holder, epoch] = /^(.+)\/(\d+)$/.exec(text) ?? [];
  if (holder === undefined) throw badRequest('Troupe-Epoch must be the holder, a slash and the number of its epoch');
  return epochFence(holder, Number(epoch));
}

function warnOfAge(info: ResourceInfo, context: RequestContext): void {
  const text = behaviourOf(info).deprecation;
  if (text !== undefined) context.warn(text);
}

async function get(
  ports: ResourceHandlerPorts,
  context: RequestContext,
  route: ResourceRoute,
): Promise<ApiHttpResponse> {
  const presentation = presentationOf(ports, context, { table: true, partial: true, router: true });
  const resourceVersion = context.query.get('resourceVersion');
  const found = await ports.service.get(
    route.target,
    resourceVersion === undefined || resourceVersion === '' ? {} : { resourceVersion },
  );
  return 'bytes' in found
    ? recordResponse(200, route.info, found, presentation)
    : objectResponse(200, route.info, found.object, presentation);
}

async function list(
  ports: ResourceHandlerPorts,
  context: RequestContext,
  route: ResourceRoute,
): Promise<ApiHttpResponse> {
  const presentation = presentationOf(ports, context, { table: true, partial: true, stream: true, router: true });
  const asked = collectionOptions(context.query);
  if (asked.watch || context.info.verb === 'watch') {
    return await watchResponse(ports, {
      target: route.target,
      options: asked.options,
      timeoutSeconds: asked.timeoutSeconds,
      presentation,
      accept: headerOf(context.http.headers, 'accept'),
    });
  }
  return listResponse(route.info, await ports.service.list(route.target, asked.options), presentation);
}

async function create(
  ports: ResourceHandlerPorts,
  context: RequestContext,
  route: ResourceRoute,
): Promise<ApiHttpResponse> {
  const review = route.subresource === undefined ? reviewOf(route.info) : undefined;
  const presentation = presentationOf(ports, context, { table: review === undefined, partial: true, router: true });
  const body = bodyOf(context);
  const options = writeContext({
    kind: 'CreateOptions',
    query: context.query,
    userAgent: userAgentOf(context),
    user: context.user,
    warn: context.warn,
    annotate: annotatorOf(context),
  });
  if (review !== undefined) {
    const answer = await review(ports.reviews, {
      info: route.info,
      namespace: route.target.namespace,
      body,
      user: context.user,
      options,
    });
    return objectResponse(201, route.info, answer, presentation);
  }
  const result = await ports.service.create(route.target, body, options);
  context.audit?.made(nameOf(result));
  return written(201, route.info, result, presentation);
}

async function update(
  ports: ResourceHandlerPorts,
  context: RequestContext,
  route: ResourceRoute,
): Promise<ApiHttpResponse> {
  const presentation = presentationOf(ports, context, { table: true, partial: true, router: true });
  const options = writeContext({
    kind: 'UpdateOptions',
    query: context.query,
    userAgent: userAgentOf(context),
    user: context.user,
    warn: context.warn,
    annotate: annotatorOf(context),
  });
  const result = await ports.service.update(route.target, bodyOf(context), options);
  return written(result.created ? 201 : 200, route.info, result, presentation);
}

async function patch(
  ports: ResourceHandlerPorts,
  context: RequestContext,
  route: ResourceRoute,
): Promise<ApiHttpResponse> {
  const type = patchTypeOf(contentTypeOfRequest(context.http));
  const presentation = presentationOf(ports, context, { table: true, partial: true, router: true });
  const options = writeContext({
    kind: 'PatchOptions',
    query: context.query,
    userAgent: userAgentOf(context),
    user: context.user,
    warn: context.warn,
    annotate: annotatorOf(context),
    apply: type === applyPatchType,
  });
  const result = await ports.service.patch(route.target, { ...bodyOf(context), contentType: type }, options);
  return written(result.created ? 201 : 200, route.info, result, presentation);
}

async function remove(
  ports: ResourceHandlerPorts,
  context: RequestContext,
  route: ResourceRoute,
): Promise<ApiHttpResponse> {
  const presentation = presentationOf(ports, context, { table: true, partial: true, router: true });
  const { info, target } = route;
  const { options, dryRun } = deleteOptions(context.query, bodyOf(context));
  const { user, warn } = context;
  const result = await ports.service.delete(target, options, {
    user,
    warn,
    dryRun,
    fieldManager: '',
    fieldValidation: 'Ignore',
    ...annotated(context),
  });
  if (result.type === 'deleting' || behaviourOf(info).deletionAnswersObject === true) {
    return result.record === undefined
      ? objectResponse(200, info, result.object, presentation)
      : recordResponse(200, info, result.record, presentation);
  }
  return objectResponse(200, info, deletedStatus(info, result.object), presentation);
}

function deletedStatus(info: ResourceInfo, object: KubeObject): KubeObject {
  const { name = '', uid } = object.metadata;
  const details = {
    name,
    ...(info.group === '' ? {} : { group: info.group }),
    kind: info.resource,
    ...(uid === undefined ? {} : { uid }),
  };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}

async function removeCollection(
  ports: ResourceHandlerPorts,
  context: RequestContext,
  route: ResourceRoute,
): Promise<ApiHttpResponse> {
  const presentation = presentationOf(ports, context, { table: true, partial: true, router: true });
  const { options, dryRun } = deleteOptions(context.query, bodyOf(context));
  const { user, warn } = context;
  const list = await ports.service.deleteCollection(route.target, collectionOptions(context.query).options, options, {
    user,
    warn,
    dryRun,
    fieldManager: '',
    fieldValidation: 'Ignore',
    ...annotated(context),
  });
  return listResponse(route.info, list, presentation);
}

/** What a write named its object; a stored one need not be parsed for it. */
function nameOf(result: WriteResult): { readonly name?: string | undefined; readonly namespace?: string | undefined } {
  if (result.record === undefined) return result.object.metadata;
  const { 'metadata.name': name, 'metadata.namespace': namespace } = result.record.index.fields;
  return { name, namespace };
}

function written(status: number, info: ResourceInfo, result: WriteResult, presentation: Presentation): ApiHttpResponse {
  return result.record === undefined
    ? objectResponse(status, info, result.object, presentation)
    : recordResponse(status, info, result.record, presentation);
}

function presentationOf(ports: ResourceHandlerPorts, context: RequestContext, rules: NegotiationRules): Presentation {
  const negotiated = negotiate(headerOf(context.http.headers, 'accept'), rules);
  if (negotiated.shape === 'discovery') throw notAcceptable([]);
  return {
    negotiated,
    pretty: wantsPretty(context),
    include: negotiated.shape === 'Table' ? includeObjectOf(context.query) : 'Metadata',
    now: ports.clock.now(),
  };
}

/** Facts that admission adds to the trail of the request. */
function annotatorOf({ audit }: RequestContext): WriteContext['annotate'] {
  return audit === undefined
    ? undefined
    : (key, value) => {
        audit.annotate(key, value);
      };
}

function annotated(context: RequestContext): Pick<WriteContext, 'annotate'> {
  const annotate = annotatorOf(context);
  return annotate === undefined ? {} : { annotate };
}

function bodyOf(context: RequestContext): RequestBody {
  if (context.http.bodyTooLarge === true) throw tooLarge(`limit is ${limits.requestBytesMax}`);
  return { contentType: contentTypeOfRequest(context.http), bytes: context.http.body };
}

function userAgentOf(context: RequestContext): string | undefined {
  return headerOf(context.http.headers, 'user-agent');
}
