/** One request while it is answered: what it asks, and what it has been given on its way. */
import type { Clock } from '../base/index.ts';
import type { Audit, AuditRecord } from './audit/index.ts';
import { type AccessAttributes, type Decision, forbiddenAccess } from './auth/index.ts';
import type { FlowClass, FlowRefusal, FlowSeat } from './flow/index.ts';
import type { Requester } from '../resources/index.ts';
import type { Query } from './query.ts';
import type { ApiHttpRequest, ApiHttpResponse } from './request.ts';
import type { RequestInfo } from './request-info.ts';
import { warningHeaders } from './warnings.ts';

/** What a request says, and what is known of it before anybody is asked. */
export interface RequestFacts {
  readonly request: ApiHttpRequest;
  readonly info: RequestInfo;
  readonly query: Query;
  /** Its Audit-ID. */
  readonly id: string;
}

interface AuditPorts {
  /** Absent: nothing is recorded. */
  readonly audit?: Audit | undefined;
  readonly clock: Clock;
}

export class RequestRecord implements RequestFacts {
  readonly request: ApiHttpRequest;
  readonly info: RequestInfo;
  readonly query: Query;
  readonly id: string;
  /** Set once the user is known, where the audit policy wants the request recorded. */
  audit: AuditRecord | undefined;
  #auditBegun = false;
  #seat: FlowSeat | undefined;
  #flow: FlowClass | undefined;
  readonly #warnings: string[] = [];

  constructor({ request, info, query, id }: RequestFacts) {
    this.request = request;
    this.info = info;
    this.query = query;
    this.id = id;
  }

  /** Begins the audit record once; `user` undefined: authentication failed, which is audited too. */
  beginAudit({ audit, clock }: AuditPorts, user: Requester | undefined): void {
    if (this.#auditBegun || audit === undefined) return;
    this.#auditBegun = true;
    const { id, request, info } = this;
    this.audit = audit.begin({ id, request, info, user, receivedAt: clock.now() });
  }

  /** What the authorizer is asked. */
  asks(user: Requester): AccessAttributes {
    const { info, query } = this;
    return {
      user,
      verb: info.verb,
      isResource: info.isResource,
      group: info.group,
      version: info.version,
      resource: info.resource,
      subresource: info.subresource,
      namespace: info.namespace,
      name: info.name,
      path: info.path,
      rest: info.rest,
      fieldSelector: query.get('fieldSelector'),
      labelSelector: query.get('labelSelector'),
    };
  }

  /** Throws 403 unless the authorizer allows the request. */
  decided(attributes: AccessAttributes, { allowed, reason }: Decision): void {
    this.audit?.annotate('authorization.k8s.io/decision', allowed ? 'allow' : 'forbid');
    this.audit?.annotate('authorization.k8s.io/reason', reason);
    if (!allowed) throw forbiddenAccess(attributes, reason);
  }

  /** True if the request may go on. */
  enter(turn: FlowSeat | FlowRefusal | undefined): boolean {
    this.#flow = turn?.class;
    if (turn === undefined) return true;
    if ('refused' in turn) return false;
    this.#seat = turn;
    return true;
  }

  readonly warn = (text: string): void => {
    if (!this.#warnings.includes(text)) this.#warnings.push(text);
  };

  /** Gives the seat back, and adds the headers that every answer has. */
  finish({ headers }: ApiHttpResponse, date: string): void {
    this.#seat?.release();
    if (this.#flow !== undefined) {
      headers['x-kubernetes-pf-flowschema-uid'] = this.#flow.schemaUid;
      headers['x-kubernetes-pf-prioritylevel-uid'] = this.#flow.levelUid;
    }
    headers['audit-id'] = this.id;
    headers['cache-control'] ??= 'no-cache, private';
    headers['date'] = date;
    if (this.#warnings.length > 0) headers['warning'] = warningHeaders(this.#warnings);
  }
}
