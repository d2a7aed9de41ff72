/** Answers requests for resources, all kinds alike: reads here, writes in resource-writes.ts. */
import { badRequest, behaviourOf, methodNotAllowed, type ResourceInfo } from '../api/index.ts';
import type { Clock, Random, Timers } from '../base/index.ts';
import { epochFence, type ResourceService } from '../resources/index.ts';
import type { Compare } from '../state/index.ts';
import { componentsResponse, isComponents } from './component-statuses.ts';
import { listResponse, objectResponse, recordResponse } from './answers/encode.ts';
import { EventLines } from './answers/watch-events.ts';
import { collectionOptions } from './list-options.ts';
import { type ApiHttpResponse, headerOf } from './request.ts';
import type { RequestContext } from './request-context.ts';
import { type HealthCheck, nothingHere } from './paths/index.ts';
import { Presentations } from './presentations.ts';
import { type ResourceRoute, ResourceRoutes } from './resource-route.ts';
import { create, patch, remove, removeCollection, update, type WritePorts } from './resource-writes.ts';
import { watchResponse } from './watch-response.ts';

/** What a subresource needs that is no object: logs, exec, proxies. Undefined: the subresource is none of these. */
export type StreamHandler = (context: RequestContext, route: ResourceRoute) => Promise<ApiHttpResponse> | undefined;

interface ResourceHandlerPorts extends Pick<WritePorts, 'service' | 'reviews' | 'bodies'> {
  /** The same service for the holder of an epoch: its writes count only while the compare holds. */
  readonly fenced: (fence: Compare) => ResourceService;
  readonly streams: StreamHandler;
  /** What componentstatuses tells of. */
  readonly components: readonly HealthCheck[];
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
}

export type ResourceHandler = (context: RequestContext) => Promise<ApiHttpResponse>;

/** Callers are authenticated and authorized before. */
export function createResourceHandler(given: ResourceHandlerPorts): ResourceHandler {
  const handling = { ...given, presentations: new Presentations(given.clock), lines: new EventLines() };
  const routes = new ResourceRoutes();
  return async (context) => {
    const fence = fenceOf(context);
    const ports = fence === undefined ? handling : { ...handling, service: given.fenced(fence) };
    const route = routes.of(context.info, ports.service.catalogue);
    if (route === undefined) return nothingHere();
    warnOfAge(route.info, context);
    const stream = route.subresource === undefined ? undefined : ports.streams(context, route);
    if (stream !== undefined) return await stream;
    if (isComponents(route)) return await componentsResponse(ports, context, route);
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

interface ReadPorts extends ResourceHandlerPorts {
  readonly presentations: Presentations;
  readonly lines: EventLines;
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

async function get(ports: ReadPorts, context: RequestContext, route: ResourceRoute): Promise<ApiHttpResponse> {
  const presentation = ports.presentations.of(context, { table: true, partial: true, router: true });
  const asked = context.query.get('resourceVersion');
  const found = await ports.service.get(route.target, { resourceVersion: asked === '' ? undefined : asked });
  return 'bytes' in found
    ? recordResponse(200, route.info, found, presentation)
    : objectResponse(200, route.info, found.object, presentation);
}

async function list(ports: ReadPorts, context: RequestContext, route: ResourceRoute): Promise<ApiHttpResponse> {
  const presentation = ports.presentations.of(context, { table: true, partial: true, stream: true, router: true });
  const asked = collectionOptions(context.query);
  if (!asked.watch && context.info.verb !== 'watch')
    return listResponse(route.info, await ports.service.list(route.target, asked.options), presentation);
  return await watchResponse(ports, {
    target: route.target,
    options: asked.options,
    timeoutSeconds: asked.timeoutSeconds,
    presentation,
    accept: headerOf(context.http.headers, 'accept'),
  });
}
