/** Answers requests for resources, all kinds alike: reads here, writes in resource-writes.ts. */
import { badRequest, behaviourOf, methodNotAllowed, notAcceptable, type ResourceInfo } from '../api/index.ts';
import { atOnce, type Clock, limits, type Random, type Steps, type Timers } from '../base/index.ts';
import { epochFence, type ResourceService } from '../resources/index.ts';
import type { Compare, StoredRecord } from '../state/index.ts';
import { answered } from './answer-turns.ts';
import { componentsResponse, isComponents } from './component-statuses.ts';
import { isStoredForm, listSteps, objectResponse, type Presentation, recordSteps } from './answers/encode.ts';
import { EventLines } from './answers/watch-events.ts';
import { collectionOptions, watchOfNamed } from './list-options.ts';
import { type ApiHttpResponse, headerOf } from './request.ts';
import type { RequestContext } from './request-context.ts';
import { type HealthCheck, nothingHere } from './paths/index.ts';
import { streamTypes } from './negotiation.ts';
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

/** Throws or rejects with a StatusError where the request fails. */
export type ResourceHandler = (context: RequestContext) => ApiHttpResponse | Promise<ApiHttpResponse>;

/** Callers are authenticated and authorized before. */
export function createResourceHandler(given: ResourceHandlerPorts): ResourceHandler {
  const handling = { ...given, presentations: new Presentations(given.clock), lines: new EventLines() };
  const routes = new ResourceRoutes();
  return (context) => {
    const fence = fenceOf(context);
    const ports = fence === undefined ? handling : { ...handling, service: given.fenced(fence) };
    const route = routes.of(context.info, ports.service.catalogue);
    if (route === undefined) return nothingHere();
    warnOfAge(route.info, context);
    const stream = route.subresource === undefined ? undefined : ports.streams(context, route);
    if (stream !== undefined) return stream;
    if (isComponents(route)) return componentsResponse(ports, context, route);
    return verbOf(context.info.verb)(ports, context, route);
  };
}

type Verb = (ports: ReadPorts, context: RequestContext, route: ResourceRoute) => Promise<ApiHttpResponse>;

function verbOf(verb: string): Verb {
  switch (verb) {
    case 'get':
      return get;
    case 'list':
    case 'watch':
      return list;
    case 'create':
      return create;
    case 'update':
      return update;
    case 'patch':
      return patch;
    case 'delete':
      return remove;
    case 'deletecollection':
      return removeCollection;
    default:
      throw methodNotAllowed();
  }
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
  if (text === undefined) return;
  context.warn(text);
  context.audit?.annotate('k8s.io/deprecated', 'true');
}

async function get(ports: ReadPorts, context: RequestContext, route: ResourceRoute): Promise<ApiHttpResponse> {
  const presentation = ports.presentations.of(context, route.info, { table: true, partial: true, router: true });
  const asked = context.query.get('resourceVersion');
  const found = await ports.service.get(route.target, { resourceVersion: asked === '' ? undefined : asked });
  if (!('bytes' in found)) return objectResponse(200, route.info, found.object, presentation);
  const steps = recordSteps(200, { info: route.info, record: found }, presentation);
  return await shown(ports, context, { steps, presentation, records: [found] });
}

interface Shown {
  readonly steps: Steps<ApiHttpResponse>;
  readonly presentation: Presentation;
  readonly records: readonly StoredRecord[];
}

/** Records' own bytes are sent as they are; what has to be made of them may take turns. */
function shown(
  { bodies }: ReadPorts,
  { user }: RequestContext,
  { steps, presentation, records }: Shown,
): ApiHttpResponse | Promise<ApiHttpResponse> {
  if (isStoredForm(presentation)) return atOnce(steps);
  return answered(steps, { turns: bodies.turns, user: user.name, records });
}

/** A watch that stands for a list. Kubernetes writes no tables of it. */
const isStreamedList = ({ query, info }: RequestContext): boolean =>
  (info.verb === 'watch' || query.flag('watch')) &&
  query.flag('sendInitialEvents') &&
  query.flag('allowWatchBookmarks');

async function list(ports: ReadPorts, context: RequestContext, route: ResourceRoute): Promise<ApiHttpResponse> {
  const presentation = ports.presentations.of(context, route.info, {
    table: !isStreamedList(context),
    partial: true,
    stream: true,
    router: true,
  });
  const { length } = context.http.query;
  // Long selectors are work for each object.
  if (length >= limits.turnBytesMin) await ports.bodies.turns?.take(context.user.name, length);
  const asked = collectionOptions(context.query);
  if (!asked.watch && context.info.verb !== 'watch') {
    const found = await ports.service.list(route.target, asked.options);
    const steps = listSteps(route.info, found, presentation);
    return await shown(ports, context, { steps, presentation, records: found.records });
  }
  if (presentation.negotiated.encoding === 'yaml') throw notAcceptable(streamTypes);
  return await watchResponse(
    { ...ports, turns: ports.bodies.turns },
    {
      user: context.user.name,
      target: route.target,
      options: watchOfNamed(asked.options, context.info.name),
      timeoutSeconds: asked.timeoutSeconds,
      presentation,
      accept: headerOf(context.http.headers, 'accept'),
    },
  );
}
