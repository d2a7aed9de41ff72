/** Refuses what another site has a browser send with the certificate that the browser holds. */
import { StatusError } from '../api/index.ts';
import type { Metrics } from '../base/index.ts';
import type { Requester } from '../resources/index.ts';
import { anonymousUser, bearerToken } from './auth/index.ts';
import { type ApiHttpRequest, headerOf } from './request.ts';

const reads = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Whether the caller was recognised by something that a browser adds to any site's requests: a client certificate, or
 * what a module saw in the request, such as a cookie. A page has to know a token to send it; a front proxy answers for
 * its own users.
 */
export function isBrowserHeld(request: ApiHttpRequest, user: Requester): boolean {
  const { certificate } = request;
  if (certificate !== undefined) return certificate.signedBy === undefined;
  return user.name !== anonymousUser.name && bearerToken(request) === undefined;
}

/**
 * Throws 403 for writes and upgrades that a browser sends for a page of another origin (Fetch Metadata, RFC 6454), and
 * 415 for a page's write that does not say what its body is: it needs no preflight, and would be taken for JSON. Other
 * programs send neither header. What a page may read is the browser's to decide: nothing here allows it (CORS).
 */
export function refuseForeignSite(request: ApiHttpRequest, user: Requester, metrics: Metrics): void {
  const site = headerOf(request.headers, 'sec-fetch-site');
  const origin = headerOf(request.headers, 'origin');
  if (site === undefined && origin === undefined) return;
  const writes = !reads.has(request.method);
  if (!writes && request.upgrade === undefined) return;
  const reason = isBrowserHeld(request, user) ? foreignness(request, site, origin) : undefined;
  if (reason !== undefined) {
    metrics.count('troupe_refused_foreign_requests_total', { reason });
    const shown = reason === 'site' ? `Sec-Fetch-Site: ${site}` : `Origin: ${origin}`;
    throw new StatusError('Forbidden', `the request comes from another site (${shown.slice(0, 256)})`);
  }
  if (!writes || origin === undefined || !hasUntypedBody(request)) return;
  metrics.count('troupe_refused_foreign_requests_total', { reason: 'content-type' });
  throw new StatusError('UnsupportedMediaType', "a page's request with a body needs a Content-Type");
}

/**
 * A browser's own word on the site counts before the origin, which a local proxy such as kubectl's leaves as it was.
 */
function foreignness(
  request: ApiHttpRequest,
  site: string | undefined,
  origin: string | undefined,
): 'site' | 'origin' | undefined {
  if (site !== undefined) return site === 'same-origin' || site === 'none' ? undefined : 'site';
  if (origin === undefined || isGoWebSocket(request, origin)) return undefined;
  const host = headerOf(request.headers, 'host') ?? '';
  return originOf(origin) === originOf(`https://${host}`) && host !== '' ? undefined : 'origin';
}

/** Go's golang.org/x/net/websocket must name an origin: clients such as Kubernetes' tests name this one. */
function isGoWebSocket({ headers, upgrade }: ApiHttpRequest, origin: string): boolean {
  const isBrowser = (headerOf(headers, 'user-agent') ?? '').startsWith('Mozilla/');
  return upgrade?.to === 'websocket' && origin === 'http://localhost' && !isBrowser;
}

function originOf(text: string): string | undefined {
  return URL.canParse(text) ? new URL(text).origin : undefined;
}

function hasUntypedBody({ headers, body, bodyTooLarge }: ApiHttpRequest): boolean {
  return (body.byteLength > 0 || bodyTooLarge === true) && (headerOf(headers, 'content-type') ?? '').trim() === '';
}
