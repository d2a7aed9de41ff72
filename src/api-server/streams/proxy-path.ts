/** What of a proxied request's path belongs to the API, and what to the backend. */
import type { RequestInfo } from '../request-info.ts';

/** The path up to the subresource `proxy`, which is no part of what the backend is asked for. */
export function proxyPath({ path, rest }: Pick<RequestInfo, 'path' | 'rest'>): string {
  const segments = path.split('/');
  let left = rest.length;
  let end = segments.length;
  while (left > 0 && end > 0) if (segments[--end] !== '') left--;
  while (end > 0 && segments[end - 1] === '') end--;
  return segments.slice(0, end).join('/');
}
