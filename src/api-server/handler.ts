/** The path of every request, through whichever door it came: authentication, fairness, authorization, the answer. */
import { bearerToken, tokenEnd } from './auth/index.ts';
import {
  type Clock,
  cutText,
  errorMessage,
  type Logger,
  type Metrics,
  type Random,
  type Trace,
  type TraceScope,
} from '../base/index.ts';
import { excessOf } from '../api/index.ts';
import type { Audit } from './audit/index.ts';
import { failureResponse, isDefect, statusOf } from './answers/failure.ts';
import {
  type AccessAttributes,
  type Authenticator,
  type Authorizer,
  forbiddenAccess,
  impersonated,
  impersonates,
} from './auth/index.ts';
import { refuseForeignSite } from './foreign-site.ts';
import { pathProblem } from './head-bounds.ts';
import type { FlowControl } from './flow/index.ts';
import { Query } from './query.ts';
import { type ApiHttpRequest, type ApiHttpResponse, headerOf, textResponse } from './request.ts';
import type { RequestContext } from './request-context.ts';
import { RequestInfos } from './request-infos.ts';
import { checkTimeout, mayLast } from './request-deadline.ts';
import type { RequestMeter } from './request-meter.ts';
import { RequestRecord } from './request-record.ts';
import { requestTrace } from './request-trace.ts';
import type { ResourceHandler } from './resource-handler.ts';
import type { StandingAnswers } from './standing-answers.ts';

/** Answers a request. Never rejects: every failure is an answer. */
export type ApiHandler = (request: ApiHttpRequest) => Promise<ApiHttpResponse>;

type Answer = ApiHttpResponse | Promise<ApiHttpResponse>;

interface HandlerPorts {
  readonly authenticate: Authenticator;
  readonly authorize: Authorizer;
  readonly resources: ResourceHandler;
  readonly paths: (context: RequestContext) => Answer;
  readonly random: Random;
  readonly clock: Clock;
  readonly log: Logger;
  readonly meter: RequestMeter;
  readonly metrics: Metrics;
  /** Absent: nothing is recorded. */
  readonly audit?: Audit | undefined;
  readonly flow: FlowControl;
  /** Ends answers that last when their users' rights go; absent: they go on until they end by themselves. */
  readonly standing?: StandingAnswers | undefined;
  /** As `authenticate`, but believes nothing that it remembers. */
  readonly authenticateAgain?: Authenticator | undefined;
  /** Absent: no request is followed. */
  readonly traces?: TraceScope | undefined;
}

export function createHandler(ports: HandlerPorts): ApiHandler {
  const handling = new RequestHandling(ports);
  return (request) => handling.handle(request);
}

const noQuery = new Query('');
/** Clients choose paths: a trace keeps their beginning. */
const tracedPathMax = 256;

class RequestHandling {
  readonly #ports: HandlerPorts;
  readonly #infos = new RequestInfos();
  readonly #date: () => string;

  constructor(ports: HandlerPorts) {
    this.#ports = ports;
    this.#date = httpDate(ports.clock);
  }

  handle(request: ApiHttpRequest): Promise<ApiHttpResponse> {
    const problem = pathProblem(request);
    if (problem !== undefined) return Promise.resolve(textResponse(414, `${problem}\n`));
    const { traces, random } = this.#ports;
    const query = request.query === '' ? noQuery : new Query(request.query);
    const info = this.#infos.of(request, query);
    const given = auditId(headerOf(request.headers, 'audit-id'));
    const record = new RequestRecord({ request, info, query, id: given ?? random.uuid() });
    if (traces === undefined) return this.#answer(record);
    const parent = requestTrace(record, { drawn: given === undefined, random });
    return parent === undefined ? this.#answer(record) : this.#traced(traces, parent, record);
  }

  #traced(traces: TraceScope, parent: Trace, record: RequestRecord): Promise<ApiHttpResponse> {
    const { method, path } = record.request;
    return traces.step({ parent, what: `${method} ${cutText(path, tracedPathMax)}` }, () => this.#answer(record));
  }

  async #answer(record: RequestRecord): Promise<ApiHttpResponse> {
    const from = this.#ports.clock.monotonic();
    let response: ApiHttpResponse;
    try {
      response = await this.#served(record);
      response = record.audit?.complete(response) ?? response;
    } catch (error) {
      // What is refused before its user is known is audited too.
      record.beginAudit(this.#ports, undefined);
      response = this.#failed(record.request, error);
      const excess = excessOf(error);
      if (excess !== undefined)
        this.#ports.metrics.count('troupe_refused_bodies_total', { input: excess.input, reason: excess.reason });
      if (isDefect(error)) record.audit?.panic(response);
      else record.audit?.complete(response);
    }
    record.finish(response, this.#date());
    this.#ports.meter.record(record, response.status, from);
    return response;
  }

  /** Waits for nothing that answers at once: most requests are through in one turn. */
  async #served(record: RequestRecord): Promise<ApiHttpResponse> {
    const { authenticate, authorize, flow, metrics } = this.#ports;
    const { request, info } = record;
    record.query.check();
    checkTimeout(info, record.query);
    const identity = authenticate(request);
    let user = identity instanceof Promise ? await identity : identity;
    record.beginAudit(this.#ports, user);
    refuseForeignSite(request, user, metrics);
    if (impersonates(request.headers)) {
      user = await impersonated(request, user, authorize);
      record.audit?.impersonates(user);
    }
    const entered = flow.enter(info, user, request.onGone);
    if (!record.enter(entered instanceof Promise ? await entered : entered)) return refusedForNow();
    const attributes = record.asks(user);
    const decided = authorize(attributes);
    record.decided(attributes, decided instanceof Promise ? await decided : decided);
    const response = await this.#permitted(record, attributes);
    return isStanding(response) ? this.#followed(response, request, attributes) : response;
  }

  #permitted({ request: http, info, query, warn, audit }: RequestRecord, attributes: AccessAttributes): Answer {
    const { resources, paths, authorize } = this.#ports;
    const mayCreate = async (): Promise<void> => {
      const asked = { ...attributes, verb: 'create' };
      const { allowed, reason } = await authorize(asked);
      if (!allowed) throw forbiddenAccess(asked, reason);
    };
    if (mayLast(info)) this.#ports.standing?.admit(attributes.user);
    const context: RequestContext = { http, user: attributes.user, info, query, warn, mayCreate, audit };
    return info.isResource ? resources(context) : paths(context);
  }

  /** What stands ends when its user's rights do. */
  #followed(response: ApiHttpResponse, request: ApiHttpRequest, attributes: AccessAttributes): ApiHttpResponse {
    const judge = (): Promise<void> => this.#judgeAgain(request, attributes);
    const tokenEndsAt = tokenEnd(bearerToken(request) ?? '');
    const reader = { user: attributes.user, tokenEndsAt, certificateEndsAt: request.certificate?.notAfter, judge };
    return this.#ports.standing?.follow(response, reader) ?? response;
  }

  /** Rejects where the request would be refused now. */
  async #judgeAgain(request: ApiHttpRequest, attributes: AccessAttributes): Promise<void> {
    const { authenticate, authenticateAgain = authenticate, authorize } = this.#ports;
    let user = await authenticateAgain(request);
    if (impersonates(request.headers)) user = await impersonated(request, user, authorize);
    const { allowed, reason } = await authorize({ ...attributes, user });
    if (!allowed) throw forbiddenAccess(attributes, reason);
  }

  #failed({ method, path, headers }: ApiHttpRequest, error: unknown): ApiHttpResponse {
    if (isDefect(error))
      this.#ports.log.error('a request failed by a defect', {
        method,
        path,
        error: errorMessage(error),
        stack: error instanceof Error ? error.stack : undefined,
      });
    return failureResponse(statusOf(error), headerOf(headers, 'accept'));
  }
}

/** A stream or another protocol: it lasts beyond its answer. */
const isStanding = ({ body, upgrade }: ApiHttpResponse): boolean => typeof body === 'function' || upgrade !== undefined;

/** The id that a client gave its request, if it can be passed on (Kubernetes takes 64 characters at most). */
function auditId(given: string | undefined): string | undefined {
  return given === undefined || given === '' ? undefined : cutText(given, 64);
}

/** As Kubernetes refuses what finds no turn: in plain text, whatever the client accepts. */
function refusedForNow(): ApiHttpResponse {
  const response = textResponse(429, 'Too many requests, please try again later.\n');
  response.headers['retry-after'] = '1';
  return response;
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
