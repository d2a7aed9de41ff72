/** The headers that the proxy adds, changes and takes away. */

/** Names and values in turn, as Node gives and takes them. */
export type RawHeaders = readonly string[];

/** What the proxy knows of the client, and tells the backend. */
export interface ClientFacts {
  readonly address: string;
  readonly scheme: 'http' | 'https';
  /** The port that the client came to. */
  readonly port: number;
  readonly authority: string;
}

/**
 * Fields that are about one connection only (RFC 9110 section 7.6.1), and those about framing, which is
 * remade.
 */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'proxy-authenticate',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'expect',
]);
/** What only a proxy may say. Many backends read `_` as `-`, so both are taken for the same. */
const proxysOwn =
  /^(?:x[-_]forwarded[-_].*|x[-_]real[-_]ip|x[-_]original[-_](?:url|host)|x[-_]rewrite[-_]url|forwarded)$/;

/** The fields that go to the backend: the client's, without those of its connection and those that it may not set. */
export function requestHeaders(raw: RawHeaders, client: ClientFacts, own: RawHeaders = []): string[] {
  const headers = ['Host', client.authority];
  const listed = connectionOptions(raw);
  let cookies: string | undefined;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] ?? '';
    const value = raw[i + 1] ?? '';
    const lower = name.toLowerCase();
    if (lower === 'host' || lower.startsWith(':') || hopByHop.has(lower) || listed.has(lower) || proxysOwn.test(lower))
      continue;
    // HTTP/2 may send the cookies apart (RFC 9113 section 8.2.3).
    if (lower === 'cookie') cookies = cookies === undefined ? value : `${cookies}; ${value}`;
    else headers.push(name, value);
  }
  if (cookies !== undefined) headers.push('Cookie', cookies);
  headers.push(
    'X-Forwarded-For',
    client.address,
    'X-Forwarded-Proto',
    client.scheme,
    'X-Forwarded-Host',
    client.authority,
    'X-Forwarded-Port',
    String(client.port),
    'X-Real-IP',
    client.address,
    ...own,
  );
  return headers;
}

/** The fields that go to the client: the backend's, without those of its connection. */
export function responseHeaders(raw: RawHeaders): string[] {
  const listed = connectionOptions(raw);
  const headers: string[] = [];
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] ?? '';
    const lower = name.toLowerCase();
    if (!hopByHop.has(lower) && !listed.has(lower)) headers.push(name, raw[i + 1] ?? '');
  }
  return headers;
}

/** The same as an object with lower-case names, as HTTP/2 takes them. */
export function headersByName(headers: RawHeaders): Record<string, string | string[]> {
  const fields = Object.create(null) as Record<string, string | string[]>;
  for (let i = 0; i < headers.length; i += 2) {
    const name = (headers[i] ?? '').toLowerCase();
    const known = fields[name];
    fields[name] = known === undefined ? (headers[i + 1] ?? '') : [known, headers[i + 1] ?? ''].flat();
  }
  return fields;
}

const none: ReadonlySet<string> = new Set();
/** What every backend must see whatever the client's Connection field says. */
const never = new Set(['host', 'content-length', 'cookie', 'authorization']);

/** The fields that the Connection field calls this connection's own. */
function connectionOptions(raw: RawHeaders): ReadonlySet<string> {
  let listed: Set<string> | undefined;
  for (let i = 0; i < raw.length; i += 2) {
    if ((raw[i] ?? '').length !== 10 || (raw[i] ?? '').toLowerCase() !== 'connection') continue;
    for (const part of (raw[i + 1] ?? '').split(',')) {
      const name = part.trim().toLowerCase();
      if (!never.has(name)) listed = (listed ?? new Set()).add(name);
    }
  }
  return listed ?? none;
}
