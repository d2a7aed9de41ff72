/** pods/proxy, services/proxy and nodes/proxy. */
import {
  badRequest,
  type EndpointSlice,
  internalError,
  type KubeObject,
  methodNotAllowed,
  type Node,
  nodeAddress,
  notFound,
  outwardAddress,
  readyEndpoints,
  resources,
  type Service,
  serviceUnavailable,
  slicesOfService,
} from '../../api/index.ts';
import { errorMessage, joinHostPort } from '../../base/index.ts';
import type { ResourceView } from '../../resources/index.ts';
import type { ApiHttpRequest, ApiHttpResponse, Headers, UpgradeRequest } from '../request.ts';
import type { RequestContext } from '../request-context.ts';
import { kubeletAnswer, kubeletPort } from './node-paths.ts';
import type { PodLogPorts } from './pod-log.ts';
import { podOf } from './pod-target.ts';
import { proxyPath } from './proxy-path.ts';
import { sandboxed } from './proxy-sandbox.ts';

/** One HTTP exchange with a backend. Rejects when the backend does not answer. */
export type ProxyExchange = (target: ProxyTarget) => Promise<ApiHttpResponse>;

export interface ProxyTarget {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly port: number;
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
  /** How the backend is known, and by which certificate it knows this server; absent: neither. */
  readonly tls?: {
    readonly certificate: string;
    readonly key: string;
    readonly serverName: string;
    readonly verify: boolean;
    readonly ca?: string | undefined;
  };
  /** How long the head of the answer may take; default 30 s. */
  readonly timeoutMs?: number | undefined;
  /** How long nothing may come in the middle of the answer; default an hour. */
  readonly idleMs?: number | undefined;
  /** Links of HTML pages that begin with `/` get this in front. */
  readonly linksPrefix?: string | undefined;
  /** See ApiHttpRequest. */
  readonly onGone?: ApiHttpRequest['onGone'];
  /**
   * The client asks to turn the connection into something else; the answer then has what joins both sides, or is a
   * refusal.
   */
  readonly upgrade?: UpgradeRequest | undefined;
}

export interface ProxyPorts extends PodLogPorts {
  readonly exchange: ProxyExchange;
}

/** The methods that Kubernetes connects a proxy for. */
const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

type Backend = Pick<ProxyTarget, 'scheme' | 'host' | 'port'>;

/** pods/proxy, services/proxy and nodes/proxy: the request goes on to the backend, its answer comes back as it is. */
export async function proxied(ports: ProxyPorts, context: RequestContext): Promise<ApiHttpResponse> {
  const { info, http } = context;
  if (!methods.has(http.method)) throw methodNotAllowed();
  const prefix = proxyPath(info);
  if (info.path === prefix && http.upgrade === undefined && (http.method === 'GET' || http.method === 'HEAD'))
    return {
      status: 301,
      headers: { location: `${prefix}/${http.query === '' ? '' : `?${http.query}`}` },
      body: new Uint8Array(0),
    };
  const path = `${info.path.slice(prefix.length) || '/'}${http.query === '' ? '' : `?${http.query}`}`;
  const node = kubeletOf(context);
  if (node !== undefined) return kubeletProxied(ports, context, { node, path, prefix });
  const backend = backendOf(ports.view, context);
  try {
    const answer = await ports.exchange({
      ...backend,
      method: http.method,
      path,
      headers: { ...http.headers, 'x-forwarded-uri': info.path },
      body: http.body,
      upgrade: http.upgrade,
      linksPrefix: prefix,
      onGone: http.onGone,
    });
    const headers = { ...answer.headers, ...movedTo(answer, { prefix, backend }), ...sandboxed(context, answer) };
    return { ...answer, headers };
  } catch (error) {
    throw serviceUnavailable(`error trying to reach service: ${errorMessage(error)}`);
  }
}

/** The node whose kubelet is asked; undefined: something else is. */
function kubeletOf({ info }: RequestContext): string | undefined {
  if (info.resource !== 'nodes') return undefined;
  const { id, port } = nameParts(info.name, 'node');
  return port === '' || Number(port) === kubeletPort ? id : undefined;
}

async function kubeletProxied(
  ports: ProxyPorts,
  context: RequestContext,
  asked: { readonly node: string; readonly path: string; readonly prefix: string },
): Promise<ApiHttpResponse> {
  // Kubernetes dials the node; one that says no address cannot be dialled.
  internalAddress(nodeNamed(ports.view, asked.node));
  const answer = await kubeletAnswer(ports, context, asked);
  const location = answer.headers['location'];
  const moved = typeof location === 'string' ? { location: `${asked.prefix}${location}` } : {};
  return { ...answer, headers: { ...answer.headers, ...moved, ...sandboxed(context, answer) } };
}

/** A redirect to a path of the backend is one to the same path behind the proxy. */
function movedTo(
  answer: ApiHttpResponse,
  { prefix, backend }: { readonly prefix: string; readonly backend: Backend },
): Record<string, string> {
  const location = answer.headers['location'];
  if (typeof location !== 'string') return {};
  const own = `${backend.scheme}://${joinHostPort(backend.host, backend.port)}`;
  const path = location.startsWith(own) ? location.slice(own.length) : location;
  return path.startsWith('/') ? { location: `${prefix}${path}` } : {};
}

function backendOf(view: ResourceView, context: RequestContext): Backend {
  const { resource, namespace, name } = context.info;
  const { scheme, id, port } = nameParts(name, resource.slice(0, -1));
  if (resource === 'pods') return podBackend(podOf(view, namespace, id), { scheme, port });
  if (resource === 'services') return serviceBackend(view, { scheme, port, namespace, name: id });
  return { scheme: 'https', host: allowed(internalAddress(nodeNamed(view, id))), port: Number(port) };
}

function nodeNamed(view: ResourceView, name: string): Node {
  const node = view.get<Node>(resources.nodes, undefined, name);
  if (node === undefined) throw notFound(resources.nodes, name);
  return node;
}

function internalAddress(node: Node): string {
  const found = nodeAddress(node, 'InternalIP');
  if (found !== undefined) return found;
  const known = (node.status.addresses ?? []).map(({ type, address }) => `{${type} ${address}}`).join(' ');
  throw internalError(`no preferred addresses found; known addresses: [${known}]`);
}

/** `name`, `name:port`, `https:name:port`. `what` such names are of, for messages. */
function nameParts(
  name: string,
  what: string,
): { readonly scheme: 'http' | 'https'; readonly id: string; readonly port: string } {
  const parts = name.split(':');
  if (parts.length === 1) return { scheme: 'http', id: name, port: '' };
  if (parts.length === 2) return { scheme: 'http', id: parts[0] ?? '', port: parts[1] ?? '' };
  if (parts.length === 3 && (parts[0] === 'http' || parts[0] === 'https' || parts[0] === ''))
    return { scheme: parts[0] === 'https' ? 'https' : 'http', id: parts[1] ?? '', port: parts[2] ?? '' };
  throw badRequest(`invalid ${what} request ${JSON.stringify(name)}`);
}

/**
 * Nodes say what addresses they and their pods have, and whoever writes Endpoints says a Service's; a false word must
 * not lead to this machine's own ports or to a cloud's metadata.
 */
function allowed(address: string): string {
  const dialled = outwardAddress(address);
  if (dialled === undefined) throw badRequest('address not allowed');
  return dialled;
}

interface Port {
  readonly name?: string | undefined;
  readonly port?: number | undefined;
  readonly containerPort?: number | undefined;
}

function podBackend(pod: KubeObject, asked: { readonly scheme: 'http' | 'https'; readonly port: string }): Backend {
  const spec = pod.spec as
    | { readonly containers?: readonly { readonly ports?: readonly Port[] | undefined }[] }
    | undefined;
  const address = (pod.status as { readonly podIP?: string | undefined } | undefined)?.podIP ?? '';
  const declared = (spec?.containers ?? []).flatMap((container) => container.ports ?? []);
  const named = declared.find((port) => port.name === asked.port);
  const port =
    asked.port === ''
      ? (declared[0]?.containerPort ?? (asked.scheme === 'https' ? 443 : 80))
      : (named?.containerPort ?? Number(asked.port));
  return { scheme: asked.scheme, host: allowed(address), port };
}

/** A ready endpoint of the service: the proxy talks to the pod itself. */
function serviceBackend(
  view: ResourceView,
  asked: {
    readonly scheme: 'http' | 'https';
    readonly port: string;
    readonly namespace: string;
    readonly name: string;
  },
): Backend {
  const service = view.get<Service>(resources.services, asked.namespace, asked.name);
  if (service === undefined) throw notFound(resources.services, asked.name);
  const ports = service.spec.ports ?? [];
  const chosen =
    asked.port === '' && ports.length === 1
      ? ports[0]
      : ports.find((port) => port.name === asked.port || String(port.port) === asked.port);
  if (chosen === undefined)
    throw serviceUnavailable(
      `no service port ${JSON.stringify(asked.port)} found for service ${JSON.stringify(asked.name)}`,
    );
  const slices = slicesOfService(view.list<EndpointSlice>(resources.endpointSlices, asked.namespace), asked);
  for (const slice of slices) {
    const port = (slice.ports ?? []).find((candidate) => (candidate.name ?? '') === (chosen.name ?? ''));
    const host = readyEndpoints(slice)[0]?.addresses[0];
    if (port?.port !== undefined && host !== undefined)
      return { scheme: asked.scheme, host: allowed(host), port: port.port };
  }
  throw serviceUnavailable(`no endpoints available for service ${JSON.stringify(asked.name)}`);
}
