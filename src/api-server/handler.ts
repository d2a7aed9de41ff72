import { type Clock, errorMessage, type Logger, type Random } from '../base/index.ts';
import { failureResponse, isDefect, statusOf } from './answers/failure.ts';
import { type Authenticator, type Authorizer, forbiddenAccess, impersonated, impersonates } from './auth/index.ts';
import { Query } from './query.ts';
import { type ApiHttpRequest, type ApiHttpResponse, headerOf } from './request.ts';
import type { RequestContext } from './request-context.ts';
import { pinnedName, requestInfo, type RequestInfo } from './request-info.ts';
import type { RequestMeter } from './request-meter.ts';
import type { ResourceHandler } from './resource-handler.ts';

/** Answers a request. Never rejects: every failure is an answer. */
export type ApiHandler = (request: ApiHttpRequest) => Promise<ApiHttpResponse>;

export interface HandlerPorts {
  readonly authenticate: Authenticator;
  readonly authorize: Authorizer;
  readonly resources: ResourceHandler;
  readonly paths: (context: RequestContext) => ApiHttpResponse | Promise<ApiHttpResponse>;
  readonly random: Random;
  readonly clock: Clock;
  readonly log: Logger;
  readonly meter: RequestMeter;
}

const noQuery = new Query('');
/** What paths without a query mean, remembered: clients read the same paths again and again. */
const infosMax = 10_000;

/** The way of every request, whichever door it came through: what it asks, who asks, whether he may, the answer. */
export function createHandler(ports: HandlerPorts): ApiHandler {
  const infos = new Map<string, RequestInfo>();
  const dateText = httpDate(ports.clock);

  function infoOf(request: ApiHttpRequest, query: Query): RequestInfo {
    if (request.query !== '') return requestInfo(request.method, request.path, { watch: query.flag('watch'), fieldName: pinnedName(query.get('fieldSelector')) });
    const key = `${request.method} ${request.path}`;
    const known = infos.get(key);
    if (known !== undefined) return known;
    const made = requestInfo(request.method, request.path, { watch: false, fieldName: '' });
    if (infos.size >= infosMax) infos.clear();
    infos.set(key, made);
    return made;
  }

  return async (request) => {
    const from = ports.clock.monotonic();
    const query = request.query === '' ? noQuery : new Query(request.query);
    const info = infoOf(request, query);
    const warnings: string[] = [];
    let response: ApiHttpResponse;
    try {
      response = await answered(ports, request, { info, query, warn: (text) => { if (!warnings.includes(text)) warnings.push(text); } });
    } catch (error) {
      response = failed(ports, request, error);
    }
    response.headers['audit-id'] = headerOf(request.headers, 'audit-id') ?? ports.random.uuid();
    response.headers['cache-control'] ??= 'no-cache, private';
    response.headers['date'] = dateText();
    if (warnings.length > 0) response.headers['warning'] = warnings.map(warningText);
    ports.meter.record(info, response.status, from);
    return response;
  };
}

async function answered(ports: HandlerPorts, request: ApiHttpRequest, parts: Pick<RequestContext, 'info' | 'query' | 'warn'>): Promise<ApiHttpResponse> {
  const identity = ports.authenticate(request);
  let user = identity instanceof Promise ? await identity : identity;
  if (impersonates(request.headers)) {
    const other = impersonated(request, user, ports.authorize);
    if ('status' in other) return other;
    user = other;
  }
  const { info, query } = parts;
  const fieldSelector = query.get('fieldSelector');
  const attributes = { ...info, user, ...(fieldSelector === undefined ? {} : { fieldSelector }) };
  const decision = ports.authorize(attributes);
  if (!decision.allowed) throw forbiddenAccess(attributes, decision.reason);
  const context: RequestContext = { http: request, user, ...parts };
  return await (info.isResource ? ports.resources(context) : ports.paths(context));
}

function failed(ports: HandlerPorts, request: ApiHttpRequest, error: unknown): ApiHttpResponse {
  if (isDefect(error)) ports.log.error('a request failed by a defect', { method: request.method, path: request.path, error: errorMessage(error), stack: error instanceof Error ? error.stack : undefined });
  return failureResponse(statusOf(error));
}

/** The Date header (RFC 9110 section 5.6.7), made once a second. */
function httpDate(clock: Clock): () => string {
  let second = -1;
  let text = '';
  return () => {
    const now = Math.floor(clock.now() / 1000);
    if (now !== second) text = new Date(now * 1000).toUTCString();
    second = now;
    return text;
  };
}

/** A Warning header (RFC 7234 section 5.5) as upstream writes it. */
function warningText(text: string): string {
  const printable = text.replace(/\p{Cc}/gu, '');
  return `299 - "${printable.replace(/["\\]/g, '\\$&')}"`;
}
