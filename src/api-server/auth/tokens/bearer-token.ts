/** Reads the bearer token of a request. */
import { type ApiHttpRequest, headerOf, headersOf } from '../../request.ts';

const socketProtocolPrefix = 'base64url.bearer.authorization.k8s.io.';

/**
 * The bearer token: of the Authorization header, or of a WebSocket's protocol list (browsers cannot set headers there).
 */
export function bearerToken(request: ApiHttpRequest): string | undefined {
  const header = headerOf(request.headers, 'authorization');
  if (header !== undefined && header.length > 7 && header.slice(0, 7).toLowerCase() === 'bearer ') {
    const token = header.slice(7).trim();
    return token === '' ? undefined : token;
  }
  for (const protocol of headersOf(request.headers, 'sec-websocket-protocol').flatMap((value) => value.split(','))) {
    const name = protocol.trim();
    if (name.startsWith(socketProtocolPrefix))
      return Buffer.from(name.slice(socketProtocolPrefix.length), 'base64url').toString();
  }
  return undefined;
}

/** When a token that has been verified ends, wall-clock ms; static ones do not. */
export function tokenEnd(token: string): number | undefined {
  try {
    const { exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
      readonly exp?: unknown;
    };
    return typeof exp === 'number' ? exp * 1000 : undefined;
  } catch {
    return undefined; // No JSON Web Token.
  }
}
