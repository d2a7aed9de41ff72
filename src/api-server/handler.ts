import { type Clock, errorMessage, type Logger, type Random, type TraceScope } from '../base/index.ts';
import type { Audit, AuditRecord } from './audit/index.ts';
import { failureResponse, isDefect, statusOf } from './answers/failure.ts';
import { type Authenticator, type Authorizer, forbiddenAccess, impersonated, impersonates } from './auth/index.ts';
import type { FlowClass, FlowControl, FlowSeat } from './flow/index.ts';
import type { UserInfo } from '../resources/index.ts';
import { Query } from './query.ts';
import { type ApiHttpRequest, type ApiHttpResponse, headerOf, textResponse } from './request.ts';
import type { RequestContext } from './request-context.ts';
import { pinnedName, requestInfo, type RequestInfo } from './request-info.ts';
import type { RequestMeter } from './request-meter.ts';
import { requestTrace } from './request-trace.ts';
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
  /** Absent: nothing is recorded. */
  readonly audit?: Audit | undefined;
  /** Whose turn it is. */
  readonly flow: FlowControl;
  /** Absent: no request is followed. */
  readonly traces?: TraceScope | undefined;
}

const noQuery = new Query('');
/** What paths without a query mean, remembered: clients read the same paths again and again. */
const infosMax = 10_000;

/** The way of every request, whichever door it came through: what it asks, who asks, whether he may, the answer. */
export function createHandler(ports: HandlerPorts): ApiHandler {
  const infos = new Map<string, RequestInfo>();
  const dateText = httpDate(ports.clock);

  function infoOf(request: ApiHttpRequest, query: Query): RequestInfo {
    if (request.query !== '')
      return requestInfo(request.method, request.path, {
        watch: query.flag('watch'),
        fieldName: pinnedName(query.get('fieldSelector')),
      });
    const key = `${request.method} ${request.path}`;
    const known = infos.get(key);
    if (known !== undefined) return known;
    const made = requestInfo(request.method, request.path, { watch: false, fieldName: '' });
    if (infos.size >= infosMax) infos.clear();
    infos.set(key, made);
    return made;
  }

  return (request) => {
    const query = request.query === '' ? noQuery : new Query(request.query);
    const info = infoOf(request, query);
    const given = auditId(headerOf(request.headers, 'audit-id'));
    const id = given ?? ports.random.uuid();
    const parent =
      ports.traces === undefined
        ? undefined
        : requestTrace(request, { id, drawn: given === undefined, info, random: ports.random });
    const answer = (): Promise<ApiHttpResponse> => answerOf(request, { query, info, id });
    return parent === undefined || ports.traces === undefined
      ? answer()
      : ports.traces.step({ parent, what: `${request.method} ${request.path}` }, answer);
  };

  async function answerOf(
    request: ApiHttpRequest,
    { query, info, id }: { readonly query: Query; readonly info: RequestInfo; readonly id: string },
  ): Promise<ApiHttpResponse> {
    const from = ports.clock.monotonic();
    const warnings: string[] = [];
    const trail: Trail = {
      begin: (user) => {
        trail.record ??= ports.audit?.begin({ id, request, info, user, receivedAt: ports.clock.now() });
      },
      record: undefined,
      seat: undefined,
      flow: undefined,
    };
    let response: ApiHttpResponse;
    try {
      response = await answered(ports, request, {
        info,
        query,
        trail,
        warn: (text) => {
          if (!warnings.includes(text)) warnings.push(text);
        },
      });
      response = trail.record?.complete(response) ?? response;
    } catch (error) {
      response = failed(ports, request, error);
      if (isDefect(error)) trail.record?.panic(response);
      else trail.record?.complete(response);
    }
    trail.seat?.release();
    if (trail.flow !== undefined) {
      response.headers['x-kubernetes-pf-flowschema-uid'] = trail.flow.schemaUid;
      response.headers['x-kubernetes-pf-prioritylevel-uid'] = trail.flow.levelUid;
    }
    response.headers['audit-id'] = id;
    response.headers['cache-control'] ??= 'no-cache, private';
    response.headers['date'] = dateText();
    if (warnings.length > 0) response.headers['warning'] = warnings.map(warningText);
    ports.meter.record(info, response.status, from);
    return response;
  }
}

/** What a request has been given on its way: its audit record, once it is known who asks, and its turn. */
interface Trail {
  readonly begin: (user: UserInfo | undefined) => void;
  record: AuditRecord | undefined;
  seat: FlowSeat | undefined;
  flow: FlowClass | undefined;
}

/** The id that a client gave its request, if it is one that can be passed on (upstream: 64 characters at most). */
function auditId(given: string | undefined): string | undefined {
  return given === undefined || given === '' ? undefined : given.slice(0, 64);
}

type Parts = Pick<RequestContext, 'info' | 'query' | 'warn'> & { readonly trail: Trail };

async function answered(ports: HandlerPorts, request: ApiHttpRequest, parts: Parts): Promise<ApiHttpResponse> {
  const { info, trail } = parts;
  let user: UserInfo;
  try {
    const identity = ports.authenticate(request);
    user = identity instanceof Promise ? await identity : identity;
  } catch (error) {
    // What nobody can be recognised of is recorded as well.
    trail.begin(undefined);
    throw error;
  }
  trail.begin(user);
  if (impersonates(request.headers)) {
    user = await impersonated(request, user, ports.authorize);
    trail.record?.impersonates(user);
  }
  const entered = ports.flow.enter(info, user);
  const turn = entered instanceof Promise ? await entered : entered;
  trail.flow = turn?.class;
  if (turn !== undefined && 'refused' in turn) return refusedForNow();
  trail.seat = turn;
  return await permitted(ports, request, { ...parts, user });
}

/** As upstream refuses what finds no turn: in plain text, whatever the client takes. */
function refusedForNow(): ApiHttpResponse {
  const response = textResponse(429, 'Too many requests, please try again later.\n');
  response.headers['retry-after'] = '1';
  return response;
}

async function permitted(
  ports: HandlerPorts,
  request: ApiHttpRequest,
  { info, query, trail, warn, user }: Parts & { readonly user: UserInfo },
): Promise<ApiHttpResponse> {
  const [fieldSelector, labelSelector] = [query.get('fieldSelector'), query.get('labelSelector')];
  const attributes = {
    ...info,
    user,
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
    ...(labelSelector === undefined ? {} : { labelSelector }),
  };
  const decided = ports.authorize(attributes);
  const decision = decided instanceof Promise ? await decided : decided;
  trail.record?.annotate('authorization.k8s.io/decision', decision.allowed ? 'allow' : 'forbid');
  trail.record?.annotate('authorization.k8s.io/reason', decision.reason);
  if (!decision.allowed) throw forbiddenAccess(attributes, decision.reason);
  const context: RequestContext = {
    http: request,
    user,
    info,
    query,
    warn,
    ...(trail.record === undefined ? {} : { audit: trail.record }),
  };
  return await (info.isResource ? ports.resources(context) : ports.paths(context));
}

function failed(ports: HandlerPorts, request: ApiHttpRequest, error: unknown): ApiHttpResponse {
  if (isDefect(error))
    ports.log.error('a request failed by a defect', {
      method: request.method,
      path: request.path,
      error: errorMessage(error),
      stack: error instanceof Error ? error.stack : undefined,
    });
  return failureResponse(statusOf(error), headerOf(request.headers, 'accept'));
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
