/** Records requests: from the policy's decision to an event for each stage. */
import { microTimeText } from '../../api/index.ts';
import { type Clock, type Metrics, silentMetrics } from '../../base/index.ts';
import type { Requester } from '../../resources/index.ts';
import { type ApiHttpRequest, type ApiHttpResponse, type BodyStream, headerOf } from '../request.ts';
import type { RequestInfo } from '../request-info.ts';
import type { AuditBackend } from './batch.ts';
import {
  agentMax,
  type AuditEvent,
  type ObjectName,
  objectReference,
  readable,
  requestObject,
  responseObject,
  SharedFacts,
  shortened,
  sourceAddresses,
  uriMax,
  withoutManagedFields,
} from './event.ts';
import { EventTexts } from './event-text.ts';
import { RefusalBudget } from './refusal-budget.ts';
import { auditDecider, type AuditDecision, type AuditPolicy, levels } from './policy.ts';
import type { AuditLevel, AuditStage } from './rule.ts';

interface AuditedRequest {
  readonly id: string;
  readonly request: ApiHttpRequest;
  readonly info: RequestInfo;
  /** Absent where the credentials did not hold. */
  readonly user: Requester | undefined;
  readonly receivedAt: number;
}

/** What is recorded of one request. */
export interface AuditRecord {
  /**
   * Adds a fact; the first value of a key stays (as in Kubernetes). `level`: the lowest level at which it is recorded.
   */
  annotate(key: string, value: string, level?: AuditLevel): void;
  /** The request acts as another user. */
  impersonates(user: Requester): void;
  /** What the body says, where the record cannot read that from its bytes. It may throw: the body is none. */
  reads(body: () => unknown): void;
  /** A creation may go on: if it is refused after this, its body names the object. */
  creates(): void;
  /** Names the object that a create made. */
  made(object: ObjectName): void;
  /** The request is answered. Gives the response to send: a stream tells its own end. */
  complete(response: ApiHttpResponse): ApiHttpResponse;
  /** The request failed by a defect of the server. */
  panic(response: ApiHttpResponse): void;
}

export interface Audit {
  /** The record of a request; undefined when the policy does not want one. */
  begin(asked: AuditedRequest): AuditRecord | undefined;
  /** Hands out what waits. */
  close(): Promise<void>;
}

interface AuditOptions {
  readonly policy: AuditPolicy;
  readonly backends: readonly AuditBackend[];
  readonly clock: Clock;
  readonly metrics?: Metrics | undefined;
}

export function createAudit(options: AuditOptions): Audit {
  const decide = auditDecider(options.policy);
  const { backends, clock, metrics = silentMetrics } = options;
  const refusals = new RefusalBudget(clock);
  const ports: RecordPorts = { backends, clock, metrics, refusals, facts: new SharedFacts(), texts: new EventTexts() };
  return {
    begin: (asked) => {
      const decision = decide(asked.info, asked.user);
      return decision.level === 'None' ? undefined : new StagedRecord(asked, decision, ports);
    },
    close: async () => {
      await Promise.all(
        backends.map(async (backend) => {
          await backend.close();
        }),
      );
    },
  };
}

interface RecordPorts {
  readonly backends: readonly AuditBackend[];
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly refusals: RefusalBudget;
  readonly facts: SharedFacts;
  readonly texts: EventTexts;
}

/** Sends an event at each stage of a request that the policy wants recorded. */
class StagedRecord implements AuditRecord {
  readonly #asked: AuditedRequest;
  readonly #decision: AuditDecision;
  readonly #ports: RecordPorts;
  #annotations: Record<string, string> | undefined;
  #impersonated: Requester | undefined;
  #made: ObjectName | undefined;
  #creates = false;
  #readBody: (() => unknown) | undefined;

  constructor(asked: AuditedRequest, decision: AuditDecision, ports: RecordPorts) {
    this.#asked = asked;
    this.#decision = decision;
    this.#ports = ports;
    this.#send('RequestReceived', {});
  }

  annotate(key: string, value: string, level: AuditLevel = 'Metadata'): void {
    if (!this.#records(level)) return;
    this.#annotations ??= {};
    this.#annotations[key] ??= value;
  }

  impersonates(user: Requester): void {
    this.#impersonated = user;
  }

  reads(body: () => unknown): void {
    this.#readBody = body;
  }

  creates(): void {
    this.#creates = true;
  }

  made(object: ObjectName): void {
    this.#made = object;
  }

  complete(response: ApiHttpResponse): ApiHttpResponse {
    if (response.status >= 400) {
      if (!this.#mayRecordRefusal()) return response;
      if (this.#creates) this.#made ??= nameIn(this.#body());
    }
    if (this.#asked.user === undefined) {
      const header = headerOf(this.#asked.request.headers, 'authorization');
      const message =
        header === undefined
          ? 'Authentication failed, no credentials provided'
          : `Authentication failed, attempted: ${(header.split(' ')[0] ?? '').toLowerCase()}`;
      this.#send('ResponseStarted', {
        responseStatus: { metadata: {}, status: 'Failure', message, reason: 'Unauthorized', code: response.status },
      });
      return response;
    }
    const { body } = response;
    const result = {
      responseStatus: this.#ports.facts.status(response, this.#asked.info),
      responseObject: this.#responseObject(response),
    };
    if (typeof body !== 'function') {
      this.#send('ResponseComplete', result);
      return response;
    }
    this.#send('ResponseStarted', result);
    return {
      ...response,
      body: observed(body, () => {
        this.#send('ResponseComplete', result);
      }),
    };
  }

  panic(response: ApiHttpResponse): void {
    this.#send('Panic', {
      responseStatus: {
        metadata: {},
        status: 'Failure',
        message: 'the request failed by a defect of the server; its log tells more',
        reason: 'InternalError',
        code: response.status,
      },
    });
  }

  /** False: the caller's refusals have filled their part of the trail. */
  #mayRecordRefusal(): boolean {
    const { refusals, metrics } = this.#ports;
    const { user, request } = this.#asked;
    // Strangers are told apart by where they come from.
    const stranger = user === undefined || user.name === 'system:anonymous';
    const leftOut = refusals.take(stranger ? `from ${request.remoteAddress ?? ''}` : user.name);
    if (leftOut === undefined) metrics.count('troupe_audit_left_out_total', { user: stranger ? 'stranger' : 'known' });
    else if (leftOut > 0) this.annotate('troupe.dev/refusals-left-out', String(leftOut));
    return leftOut !== undefined;
  }

  #responseObject(response: ApiHttpResponse): unknown {
    return this.#decision.level === 'RequestResponse'
      ? this.#bare(responseObject(response, this.#asked.info))
      : undefined;
  }

  #requestObject(): unknown {
    return this.#records('Request') ? this.#bare(this.#body()) : undefined;
  }

  #body(): unknown {
    return this.#readBody === undefined
      ? requestObject(this.#asked.request, this.#asked.info)
      : readable(this.#readBody);
  }

  #records(level: AuditLevel): boolean {
    return levels.indexOf(this.#decision.level) >= levels.indexOf(level);
  }

  #bare(object: unknown): unknown {
    return this.#decision.omitManagedFields ? withoutManagedFields(object) : object;
  }

  #send(stage: AuditStage, result: Partial<Pick<AuditEvent, 'responseStatus' | 'responseObject'>>): void {
    if (this.#decision.omitStages.has(stage)) return;
    const { request, info, user, id, receivedAt } = this.#asked;
    const { backends, clock, facts, texts } = this.#ports;
    const addresses = sourceAddresses(request);
    const event: AuditEvent = {
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: this.#decision.level,
      auditID: id,
      stage,
      requestURI: shortened(request.query === '' ? request.path : `${request.path}?${request.query}`, uriMax),
      verb: info.verb,
      user: user === undefined ? {} : facts.user(user),
      impersonatedUser: this.#impersonated === undefined ? undefined : facts.user(this.#impersonated),
      sourceIPs: addresses.length === 0 ? undefined : addresses,
      userAgent: shortened(headerOf(request.headers, 'user-agent'), agentMax),
      objectRef: objectReference(info, this.#made),
      responseStatus: result.responseStatus,
      requestObject: stage === 'RequestReceived' ? undefined : this.#requestObject(),
      responseObject: result.responseObject,
      requestReceivedTimestamp: microTimeText(receivedAt),
      stageTimestamp: microTimeText(clock.now()),
      annotations: this.#annotations === undefined ? undefined : { ...this.#annotations },
    };
    const text = texts.of(event);
    for (const backend of backends) backend.add(text);
  }
}

function nameIn(body: unknown): ObjectName | undefined {
  const { name } = (body as { readonly metadata?: { readonly name?: unknown } } | undefined)?.metadata ?? {};
  return typeof name === 'string' ? { name } : undefined;
}

/** The same stream, with a call once it is over. */
function observed(stream: BodyStream, over: () => void): BodyStream {
  return (sink) => {
    let open = true;
    sink.onClose(() => {
      if (open) over();
      open = false;
    });
    stream(sink);
  };
}
