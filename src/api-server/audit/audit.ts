import type { Clock } from '../../base/index.ts';
import type { UserInfo } from '../../resources/index.ts';
import { type ApiHttpRequest, type ApiHttpResponse, type BodyStream, headerOf } from '../request.ts';
import type { RequestInfo } from '../request-info.ts';
import type { AuditBackend } from './batch.ts';
import { type AuditEvent, type ObjectName, objectReference, requestObject, responseObject, responseStatus, shownUser, sourceAddresses, withoutManagedFields } from './event.ts';
import { auditDecider, type AuditDecision, type AuditPolicy, type AuditStage, levels } from './policy.ts';

export interface AuditedRequest {
  readonly id: string;
  readonly request: ApiHttpRequest;
  readonly info: RequestInfo;
  /** Absent where the credentials did not hold. */
  readonly user: UserInfo | undefined;
  readonly receivedAt: number;
}

/** The trail of one request. */
export interface AuditRecord {
  /** Adds a fact; the first value of a key stays (as upstream). */
  annotate(key: string, value: string): void;
  /** The request acts as another user. */
  impersonates(user: UserInfo): void;
  /** Names the object that a create made. */
  made(object: ObjectName): void;
  /** The request is answered. Gives the response to send: a stream tells its own end. */
  complete(response: ApiHttpResponse): ApiHttpResponse;
  /** The request failed by a defect of the server. */
  panic(response: ApiHttpResponse): void;
}

export interface Audit {
  /** The trail of a request; undefined when the policy does not want it. */
  begin(asked: AuditedRequest): AuditRecord | undefined;
  /** Hands out what waits. */
  close(): Promise<void>;
}

export function createAudit(options: { readonly policy: AuditPolicy; readonly backends: readonly AuditBackend[]; readonly clock: Clock }): Audit {
  const decide = auditDecider(options.policy);
  const { backends, clock } = options;
  return {
    begin: (asked) => {
      const decision = decide({ ...asked.info, user: asked.user });
      return decision.level === 'None' ? undefined : new Trail(asked, decision, { backends, clock });
    },
    close: async () => { await Promise.all(backends.map(async (backend) => { await backend.close(); })); },
  };
}

class Trail implements AuditRecord {
  readonly #asked: AuditedRequest;
  readonly #decision: AuditDecision;
  readonly #ports: { readonly backends: readonly AuditBackend[]; readonly clock: Clock };
  readonly #annotations: Record<string, string> = {};
  #impersonated: UserInfo | undefined;
  #made: ObjectName | undefined;

  constructor(asked: AuditedRequest, decision: AuditDecision, ports: { readonly backends: readonly AuditBackend[]; readonly clock: Clock }) {
    this.#asked = asked;
    this.#decision = decision;
    this.#ports = ports;
    this.#send('RequestReceived', {});
  }

  annotate(key: string, value: string): void {
    this.#annotations[key] ??= value;
  }

  impersonates(user: UserInfo): void {
    this.#impersonated = user;
  }

  made(object: ObjectName): void {
    this.#made = object;
  }

  complete(response: ApiHttpResponse): ApiHttpResponse {
    if (this.#asked.user === undefined) {
      const header = headerOf(this.#asked.request.headers, 'authorization');
      const message = header === undefined ? 'Authentication failed, no credentials provided' : `Authentication failed, attempted: ${(header.split(' ')[0] ?? '').toLowerCase()}`;
      this.#send('ResponseStarted', { responseStatus: { metadata: {}, status: 'Failure', message, reason: 'Unauthorized', code: response.status } });
      return response;
    }
    const { body } = response;
    const result = { responseStatus: responseStatus(response, this.#asked.info), ...this.#responseObject(response) };
    if (typeof body !== 'function') {
      this.#send('ResponseComplete', result);
      return response;
    }
    this.#send('ResponseStarted', result);
    return { ...response, body: told(body, () => { this.#send('ResponseComplete', result); }) };
  }

  panic(response: ApiHttpResponse): void {
    this.#send('Panic', { responseStatus: { metadata: {}, status: 'Failure', message: 'the request failed by a defect of the server; its log tells more', reason: 'InternalError', code: response.status } });
  }

  #responseObject(response: ApiHttpResponse): Pick<AuditEvent, 'responseObject'> {
    if (this.#decision.level !== 'RequestResponse') return {};
    const object = responseObject(response, this.#asked.info);
    return object === undefined ? {} : { responseObject: this.#bare(object) };
  }

  #requestObject(): Pick<AuditEvent, 'requestObject'> {
    if (levels.indexOf(this.#decision.level) < levels.indexOf('Request')) return {};
    const object = requestObject(this.#asked.request, this.#asked.info);
    return object === undefined ? {} : { requestObject: this.#bare(object) };
  }

  #bare(object: unknown): unknown {
    return this.#decision.omitManagedFields ? withoutManagedFields(object) : object;
  }

  #send(stage: AuditStage, result: Pick<AuditEvent, 'responseStatus' | 'responseObject'>): void {
    if (this.#decision.omitStages.has(stage)) return;
    const { request, info, user, id, receivedAt } = this.#asked;
    const agent = headerOf(request.headers, 'user-agent');
    const addresses = sourceAddresses(request);
    const objectRef = objectReference(info, this.#made);
    const received = stage === 'RequestReceived';
    const event: AuditEvent = {
      kind: 'Event', apiVersion: 'audit.k8s.io/v1', level: this.#decision.level, auditID: id, stage,
      requestURI: request.query === '' ? request.path : `${request.path}?${request.query}`,
      verb: info.verb,
      user: user === undefined ? {} : shownUser(user),
      ...(this.#impersonated === undefined ? {} : { impersonatedUser: shownUser(this.#impersonated) }),
      ...(addresses.length === 0 ? {} : { sourceIPs: addresses }),
      ...(agent === undefined ? {} : { userAgent: agent }),
      ...(objectRef === undefined ? {} : { objectRef }),
      ...(result.responseStatus === undefined ? {} : { responseStatus: result.responseStatus }),
      ...(received ? {} : this.#requestObject()),
      ...(result.responseObject === undefined ? {} : { responseObject: result.responseObject }),
      requestReceivedTimestamp: microTime(receivedAt),
      stageTimestamp: microTime(this.#ports.clock.now()),
      ...(Object.keys(this.#annotations).length === 0 ? {} : { annotations: { ...this.#annotations } }),
    };
    for (const backend of this.#ports.backends) backend.add(event);
  }
}

function microTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, -1)}000Z`;
}

/** A stream that tells once when it is over. */
function told(stream: BodyStream, over: () => void): BodyStream {
  return (sink) => {
    let open = true;
    sink.onClose(() => {
      if (open) over();
      open = false;
    });
    stream(sink);
  };
}
