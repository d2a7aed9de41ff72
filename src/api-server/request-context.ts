/** What a handler knows of its request. */
import type { AuditRecord } from './audit/index.ts';
import type { Requester, WriteContext } from '../resources/index.ts';
import { type ApiHttpRequest, headerOf } from './request.ts';
import type { Query } from './query.ts';
import type { RequestInfo } from './request-info.ts';

/** One request on its way through the handler. */
export interface RequestContext {
  readonly http: ApiHttpRequest;
  readonly info: RequestInfo;
  readonly query: Query;
  readonly user: Requester;
  readonly warn: (text: string) => void;
  /** See WriteContext. */
  readonly mayCreate: WriteContext['mayCreate'];
  /**
   * The trail of this request; absent when the audit policy does not want one. Answers of their own (the dashboard's
   * buttons) add facts to it.
   */
  readonly audit?: AuditRecord | undefined;
}

/** Asked by parameter, or because the client is one that people read (as in Kubernetes: curl, wget, browsers). */
export function wantsPretty(context: Pick<RequestContext, 'http' | 'query'>): boolean {
  if (context.query.get('pretty') !== undefined) return context.query.flag('pretty');
  const agent = headerOf(context.http.headers, 'user-agent');
  return agent !== undefined && /^(curl\/|Wget\/|Mozilla\/5\.0)/.test(agent);
}

export function contentTypeOfRequest(request: ApiHttpRequest): string {
  return headerOf(request.headers, 'content-type') ?? '';
}

/** Facts that admission adds to the request's audit record. */
export function annotatorOf({ audit }: RequestContext): WriteContext['annotate'] {
  if (audit === undefined) return undefined;
  return (key, value, level) => {
    audit.annotate(key, value, level);
  };
}
