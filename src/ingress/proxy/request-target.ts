/** Reads host and path of a request. */

/** Whom a request is for, as routes are looked up by. */
export interface RequestTarget {
  /** The Host for the backend, as the client wrote it. */
  readonly authority: string;
  /** In lower case, without port and without a dot at its end. */
  readonly host: string;
  /** Without the query. */
  readonly path: string;
  /** Path and query as the client wrote them. */
  readonly url: string;
}

interface RequestHead {
  readonly method: string | undefined;
  /** The request line's target, or HTTP/2's `:path`. */
  readonly url: string | undefined;
  /** HTTP/2's `:authority`. */
  readonly authority?: string | undefined;
  /** All values of the Host field. */
  readonly hosts: readonly string[];
}

const absolute = /^https?:\/\/([^/?#]*)/i;
const authorityText = /^(?:\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i;
/**
 * A segment of one or two dots, however written: backends resolve them, so the matched path would not be the path
 * served there.
 */
const dotSegment = /(?:^|[/\\])(?:\.|%2e){1,2}(?:[/\\]|$)/i;

/** The target of a request, or why it is refused: whatever a backend could read in another way than the routes do. */
export function requestTarget({
  method,
  url = '',
  authority,
  hosts,
}: RequestHead): RequestTarget | { readonly refused: string } {
  if (hosts.length > 1) return { refused: 'more than one Host' };
  const named = absolute.exec(url);
  const rest = named === null ? url : url.slice(named[0].length);
  const target = named !== null && !rest.startsWith('/') ? `/${rest}` : rest;
  const asterisk = target === '*' && method === 'OPTIONS';
  if (!target.startsWith('/') && !asterisk) return { refused: 'no path' };
  if (target.includes('#')) return { refused: 'a fragment in the path' };
  const wanted = named?.[1] ?? authority ?? hosts[0] ?? '';
  if (authority !== undefined && hosts[0] !== undefined && authority.toLowerCase() !== hosts[0].toLowerCase())
    return { refused: 'Host and :authority differ' };
  if (wanted !== '' && !authorityText.test(wanted)) return { refused: 'a malformed Host' };
  const mark = target.indexOf('?');
  const path = asterisk ? '/' : mark < 0 ? target : target.slice(0, mark);
  if (dotSegment.test(path)) return { refused: 'a dot segment in the path' };
  return { authority: wanted, host: hostOf(wanted), path, url: target };
}

/** The name in an authority. */
function hostOf(authority: string): string {
  const name = authority.startsWith('[')
    ? authority.slice(0, authority.indexOf(']') + 1)
    : (authority.split(':', 1)[0] ?? '');
  return (name.endsWith('.') ? name.slice(0, -1) : name).toLowerCase();
}
