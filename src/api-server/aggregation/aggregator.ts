/** Passes requests on to other API servers behind this one, and to APIs of this process. */
import { allResources, resources } from '../../api/index.ts';
import { errorMessage, noTraces, traceparentOf, type TraceScope } from '../../base/index.ts';
import { doorHeaders } from '../../protocol/index.ts';
import { addressOf, type ResourceView, type Requester } from '../../resources/index.ts';
import type { Store } from '../../state/index.ts';
import type { PathHandler } from '../paths/index.ts';
import { type ApiHttpResponse, type Headers, noBytes, textResponse } from '../request.ts';
import type { RequestContext } from '../request-context.ts';
import type { ProxyExchange, ProxyTarget } from '../streams/index.ts';
import { allApiServices, type ApiService, apiServiceOf, isAvailable } from './api-service.ts';
import { aggregatorUser, contextOf, documentRequest, type OwnRequest, requestUri } from './own-request.ts';

/** By whose certificate the other servers know that the headers are true, PEM. */
interface FrontProxy {
  readonly certificate: string;
  readonly key: string;
}

interface AggregatorPorts {
  readonly view: ResourceView;
  readonly store: Store;
  readonly frontProxy: FrontProxy;
  readonly exchange: ProxyExchange;
  /** APIs that end in this process; absent: none. */
  readonly own?: readonly OwnApi[] | undefined;
  /** Absent: no request is followed. */
  readonly traces?: TraceScope | undefined;
}

/**
 * An API that this process answers, as long as its APIService names no Service. Answers in JSON what is asked of it;
 * throws StatusError.
 */
export interface OwnApi {
  readonly group: string;
  readonly version: string;
  readonly answer: (context: RequestContext) => ApiHttpResponse;
}

export interface Aggregator {
  /** The APIServices of groups that come from elsewhere than the resources served here. */
  apis(): readonly ApiService[];
  api(group: string, version: string): ApiService | undefined;
  /** The answer of the server that serves the group's version; undefined: it is served here, or by nobody. */
  handle(context: RequestContext): Promise<ApiHttpResponse> | undefined;
  /**
   * Asks for the API's discovery document. Resolves with why it cannot be had, in Kubernetes' words; undefined: it
   * answered.
   */
  probe(api: ApiService): Promise<string | undefined>;
  /** The answer to a GET of this server's own. Rejects when there is none. */
  fetch(api: ApiService, request: OwnRequest): Promise<ApiHttpResponse>;
}

/** How long an API may take to say that it is there (as in Kubernetes). */
const probeMs = 6_000;

export function createAggregator(ports: AggregatorPorts): Aggregator {
  const builtIn = new Set(allResources().map(({ group }) => group));
  const ownOf = ({ spec }: ApiService): OwnApi | undefined =>
    spec?.service === undefined
      ? ports.own?.find(({ group, version }) => group === spec?.group && version === spec.version)
      : undefined;
  const isForeign = (api: ApiService): boolean => api.spec?.service !== undefined || ownOf(api) !== undefined;
  const apiOf: Aggregator['api'] = (group, version) => {
    const found = apiServiceOf(ports.view, group, version);
    return found !== undefined && isForeign(found) ? found : undefined;
  };
  const fetch: Aggregator['fetch'] = async (api, request) =>
    ownOf(api)?.answer(contextOf(request)) ??
    ports.exchange({
      ...targetOf(ports, api),
      method: 'GET',
      path: requestUri(request),
      headers: { accept: 'application/json', ...remoteHeaders(aggregatorUser) },
      body: noBytes,
      timeoutMs: probeMs,
    });
  return {
    apis: () => allApiServices(ports.view).filter(isForeign),
    api: apiOf,
    handle(context) {
      const { group, version } = context.info;
      if (version === '' || builtIn.has(group)) return undefined;
      const api = apiOf(group, version);
      if (api === undefined) return undefined;
      const own = ownOf(api);
      return own === undefined ? passedOn(ports, api, context) : Promise.resolve(context).then(own.answer);
    },
    async probe(api) {
      const path = `/apis/${api.spec?.group ?? ''}/${api.spec?.version ?? ''}`;
      let url = path;
      try {
        const { host, port } = targetOf(ports, api);
        url = `https://${host.includes(':') ? `[${host}]` : host}:${String(port)}${path}`;
        const { status, body } = await fetch(api, documentRequest(path));
        if (typeof body === 'function') body(nowhere);
        return status >= 200 && status < 300
          ? undefined
          : `failing or missing response from ${url}: bad status from ${url}: ${String(status)}`;
      } catch (error) {
        return `failing or missing response from ${url}: ${errorMessage(error)}`;
      }
    },
    fetch,
  };
}

/** How long an answer may take to begin, and be silent (kube-apiserver's request timeout). */
const requestMs = 60_000;

/** How often a request was passed on: behind one aggregating cluster there may be another, but not many. */
const passesHeader = 'troupe-passed-on';
const passesMax = 4;

/** Takes an answer that nobody reads: its connection is given up. */
const nowhere = {
  write: () => false,
  end: () => undefined,
  abort: () => undefined,
  full: false,
  onDrain: () => undefined,
  onClose: (listener: () => void) => {
    listener();
  },
};

async function passedOn(
  ports: AggregatorPorts,
  api: ApiService,
  { http, info, user }: RequestContext,
): Promise<ApiHttpResponse> {
  if (!isAvailable(api)) return unavailable();
  const passes = Number(http.headers[passesHeader] ?? 0);
  if (!(passes < passesMax))
    return textResponse(508, 'the request came back: the APIService leads to the cluster that has it');
  let target: Pick<ProxyTarget, 'scheme' | 'host' | 'port' | 'tls'>;
  try {
    target = targetOf(ports, api);
  } catch {
    return unavailable();
  }
  const path = `${http.path}${http.query === '' ? '' : `?${http.query}`}`;
  try {
    const answer = await followed(ports.traces, `${http.method} of another server, ${target.host}`, (trace) =>
      ports.exchange({
        ...target,
        method: http.method,
        path,
        headers: {
          ...withoutRemote(http.headers),
          ...remoteHeaders(user),
          ...trace,
          [passesHeader]: String(passes + 1),
        },
        body: http.body,
        upgrade: http.upgrade,
        onGone: http.onGone,
        timeoutMs: requestMs,
        // A watch may have nothing to tell for long.
        idleMs: info.verb === 'watch' ? undefined : requestMs,
      }),
    );
    if (answer.status < 300 || answer.status > 399 || answer.headers['location'] === undefined) return answer;
    if (typeof answer.body === 'function') answer.body(nowhere);
    return textResponse(502, 'the backend attempted to redirect this request, which is not permitted');
  } catch (error) {
    return textResponse(503, `error trying to reach service: ${errorMessage(error)}`);
  }
}

/**
 * Passes a request on as a step of its trace, which the other server is told by a header in place of the client's own.
 */
function followed<T>(traces: TraceScope = noTraces, what: string, pass: (headers: Headers) => T): T {
  const parent = traces.current();
  return parent === undefined
    ? pass({})
    : traces.step({ parent, what }, (trace) => pass({ [doorHeaders.trace]: traceparentOf(trace) }));
}

const unavailable = (): ApiHttpResponse => textResponse(503, 'service unavailable\n');

/**
 * A ready endpoint of the API's Service. Throws when there is none, or when the Service stands for a name outside the
 * cluster.
 */
function targetOf(
  { store, view, frontProxy }: AggregatorPorts,
  { spec }: ApiService,
): Pick<ProxyTarget, 'scheme' | 'host' | 'port' | 'tls'> {
  const { namespace = '', name = '', port = 443 } = spec?.service ?? {};
  const service = view.get<{ readonly spec?: { readonly type?: string | undefined } }>(
    resources.services,
    namespace,
    name,
  );
  if (service?.spec?.type === 'ExternalName')
    throw new Error(
      `service ${JSON.stringify(name)} is a name outside the cluster, and requests are passed on to endpoints only`,
    );
  const address = addressOf(store, { namespace, name, port });
  const { caBundle = '', insecureSkipTLSVerify = false } = spec ?? {};
  return {
    scheme: 'https',
    ...address,
    tls: {
      ...frontProxy,
      serverName: `${name}.${namespace}.svc`,
      verify: !insecureSkipTLSVerify,
      ...(caBundle === '' ? {} : { ca: Buffer.from(caBundle, 'base64').toString() }),
    },
  };
}

/** What a client says of itself must not look like this server's word. */
function withoutRemote(headers: Headers): Headers {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('x-remote-')));
}

/** The user, for the request header authenticator of the other server. */
function remoteHeaders({ name, uid, groups, extra = {} }: Requester): Headers {
  return {
    'x-remote-user': name,
    'x-remote-uid': uid === '' ? undefined : uid,
    'x-remote-group': groups,
    ...Object.fromEntries(Object.entries(extra).map(([key, values]) => [`x-remote-extra-${encodedKey(key)}`, values])),
  };
}

/** What may not stand in a header's name is percent-encoded, and the percent sign too. */
function encodedKey(key: string): string {
  return [...new TextEncoder().encode(key)]
    .map((byte) => {
      const letter = String.fromCharCode(byte);
      return /[A-Za-z0-9!#$&'*+\-.^_`|~]/.test(letter)
        ? letter.toLowerCase()
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}

/** Answers for resources: the other server's, or those of `local`. */
export function aggregatedResources(
  aggregator: Aggregator | undefined,
  local: (context: RequestContext) => ApiHttpResponse | Promise<ApiHttpResponse>,
): (context: RequestContext) => ApiHttpResponse | Promise<ApiHttpResponse> {
  return aggregator === undefined ? local : (context) => aggregator.handle(context) ?? local(context);
}

/** Answers for /apis/<group>/<version> of other servers. */
export function aggregatedPaths(aggregator: Aggregator | undefined): PathHandler {
  return (context) => aggregator?.handle(context);
}
