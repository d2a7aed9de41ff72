/** Admission of connections to pods, services and nodes (CONNECT). */
import type { JsonObject } from '../../api/index.ts';
import type { ResourceService } from '../../resources/index.ts';
import type { Query } from '../query.ts';
import { annotatorOf, type RequestContext } from '../request-context.ts';
import type { RequestInfo } from '../request-info.ts';
import type { ResourceRoute } from '../resource-route.ts';
import { proxyPath } from './proxy-path.ts';

export interface ConnectPorts {
  readonly connect: ResourceService['connect'];
}

const streams = ['stdin', 'stdout', 'stderr', 'tty'];
const proxyKinds: Readonly<Record<string, string>> = {
  pods: 'PodProxyOptions',
  services: 'ServiceProxyOptions',
  nodes: 'NodeProxyOptions',
};

/**
 * Lets admission say what it has against a connection; answers the options of the connection, which it may have
 * changed. Throws its refusal.
 */
export function admitted(
  { connect }: ConnectPorts,
  context: RequestContext,
  { target }: ResourceRoute,
): Promise<JsonObject> {
  const { user, warn } = context;
  return connect(target, { apiVersion: 'v1', ...optionsOf(context) }, { user, warn, annotate: annotatorOf(context) });
}

function optionsOf({ info, query }: RequestContext): JsonObject {
  switch (info.subresource) {
    case 'exec':
      return { kind: 'PodExecOptions', ...streamOptions(query), command: [...query.all('command')] };
    case 'attach':
      return { kind: 'PodAttachOptions', ...streamOptions(query) };
    case 'portforward':
      return { kind: 'PodPortForwardOptions', ...portOptions(query) };
    default:
      return { kind: proxyKinds[info.resource] ?? '', ...pathOption(info) };
  }
}

function streamOptions(query: Query): JsonObject {
  const container = query.get('container') ?? '';
  return {
    ...Object.fromEntries(streams.filter((name) => query.flag(name)).map((name) => [name, true])),
    ...(container === '' ? {} : { container }),
  };
}

function portOptions(query: Query): JsonObject {
  const ports = query
    .all('ports')
    .flatMap((value) => value.split(','))
    .map(Number)
    .filter((port) => Number.isInteger(port));
  return ports.length === 0 ? {} : { ports };
}

function pathOption(info: RequestInfo): JsonObject {
  const below = info.path.slice(proxyPath(info).length + 1);
  return below === '' ? {} : { path: below };
}
