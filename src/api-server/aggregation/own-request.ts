/** Requests that this server makes by itself of an aggregated API, for documents and for objects. */
import type { Requester } from '../../resources/index.ts';
import { Query } from '../query.ts';
import { noBytes } from '../request.ts';
import type { RequestContext } from '../request-context.ts';
import { noQueryFacts, requestInfo, type RequestInfo, targetInfo } from '../request-info.ts';
import type { RequestTarget } from '../request-target.ts';

/** A GET of JSON. */
export interface OwnRequest {
  /** Without the question mark; '' for none. */
  readonly query: string;
  readonly info: RequestInfo;
}

export const aggregatorUser: Requester = { name: 'system:kube-aggregator', groups: ['system:masters'] };

/** For a document that has a path but is no resource: discovery, OpenAPI. */
export function documentRequest(path: string, query = ''): OwnRequest {
  return { query, info: requestInfo('GET', path, noQueryFacts) };
}

/** For objects: one, or a list with the parameters of its query. */
export function resourceRequest(target: RequestTarget, query: Readonly<Record<string, string>>): OwnRequest {
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return { query: pairs.join('&'), info: targetInfo('GET', target) };
}

/** As a URL names it: path and query. */
export function requestUri({ query, info }: OwnRequest): string {
  return query === '' ? info.path : `${info.path}?${query}`;
}

/** As a handler within this process takes it. */
export function contextOf({ query, info }: OwnRequest): RequestContext {
  return {
    http: { method: 'GET', path: info.path, query, headers: { accept: 'application/json' }, body: noBytes },
    user: aggregatorUser,
    warn: () => undefined,
    mayCreate: undefined,
    info,
    query: new Query(query),
  };
}
