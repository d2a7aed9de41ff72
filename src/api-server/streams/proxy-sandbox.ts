/** Keeps pages that pods, Services and nodes answer out of the origin of the API and its dashboard. */
import { isBrowserHeld } from '../foreign-site.ts';
import { type ApiHttpResponse, headerOf, headersOf } from '../request.ts';
import type { RequestContext } from '../request-context.ts';

const documents = new Set(['document', 'iframe', 'frame', 'embed', 'object']);
const rendered = /^(text\/html|application\/xhtml\+xml|image\/svg\+xml|text\/xml|application\/xml)\b/i;

/**
 * The policy for an answer that a browser opens as a document of its own right, by a certificate that it holds: the
 * page has an origin of its own and runs nothing (Content Security Policy, `sandbox`). The backend's own policies hold
 * as well. Through a proxy of the user's, such as kubectl's, the page is in that proxy's origin and stays as it is.
 */
export function sandboxed(context: RequestContext, answer: ApiHttpResponse): Record<string, string[]> {
  const { http, user } = context;
  if (!isBrowserHeld(http, user) || http.headers['x-forwarded-for'] !== undefined) return {};
  const destination = headerOf(http.headers, 'sec-fetch-dest');
  const opens =
    destination === undefined
      ? rendered.test(headerOf(answer.headers, 'content-type') ?? 'text/html')
      : documents.has(destination);
  return opens
    ? { 'content-security-policy': [...headersOf(answer.headers, 'content-security-policy'), 'sandbox'] }
    : {};
}
