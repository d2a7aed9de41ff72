import { StatusError, unauthorized } from '../../api/index.ts';
import type { Clock } from '../../base/index.ts';
import type { ResourceView, UserInfo } from '../../resources/index.ts';
import { type ApiHttpRequest, type ClientCertificate, headerOf, headersOf } from '../request.ts';
import { accountExists, accountUser } from './account-check.ts';
import { bootstrapTokenCheck } from './bootstrap-token.ts';
import { certificateTokenUser, isCertificateToken } from './certificate-token.ts';
import { removedNode } from './removed-nodes.ts';
import { tokenHash } from './signing-keys.ts';
import type { Tokens, VerifiedToken } from './tokens.ts';

export const authenticated = 'system:authenticated';
export const anonymousUser: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

/** Who sent a request. Throws the 401 for credentials that do not hold; a request without any is anonymous. */
export type Authenticator = (request: ApiHttpRequest) => UserInfo | Promise<UserInfo>;

export interface TokenCheck {
  readonly user: UserInfo;
  /** Audiences for which the token is good among those asked; empty for tokens that have none. */
  readonly audiences: readonly string[];
}

export interface TokenRefusal {
  readonly error: string;
  /** The reason may be told to who showed the token: he knows its secret. */
  readonly told?: boolean;
}

export interface AuthenticationPorts {
  readonly tokens: Tokens;
  /** SHA-256 (hex) of a token -> its user. */
  readonly staticTokens: ReadonlyMap<string, UserInfo>;
  readonly view: ResourceView;
  readonly clock: Clock;
  /** Audiences of the API server itself. */
  readonly audiences: readonly string[];
  /** The authority whose client certificates are believed, PEM: their keys may sign tokens. */
  readonly clientCa?: string;
  /** The cluster's name, which such tokens must be meant for. */
  readonly cluster?: string;
}

/** Tokens that held are remembered so long; then their objects are looked up again. */
const rememberMs = 10_000;
const rememberedMax = 20_000;

interface Remembered {
  readonly user: UserInfo;
  readonly until: number;
}

/** Client certificates, then bearer tokens (static, bootstrap, Troupe's own, by a certificate's key, service accounts), then anonymous. */
export function createAuthenticator(ports: AuthenticationPorts): Authenticator {
  const byToken = new Map<string, Remembered>();
  const byCertificate = new WeakMap<ClientCertificate, UserInfo>();
  const users = new Map<string, UserInfo>();
  return (request) => {
    const { certificate } = request;
    if (certificate !== undefined) return certificateUser(certificate);
    const token = bearerToken(request);
    if (token === undefined) return anonymousUser;
    const known = byToken.get(token);
    if (known !== undefined && known.until > ports.clock.monotonic()) return known.user;
    return lookUp(token);
  };

  function certificateUser(certificate: ClientCertificate): UserInfo {
    if (removedNode(ports.view, certificate.commonName, certificate.notBefore)) throw unauthorized();
    const known = byCertificate.get(certificate);
    if (known !== undefined) return known;
    const user = withAuthenticated({
      name: certificate.commonName,
      groups: certificate.organizations,
      extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${certificate.fingerprint}`] },
    });
    byCertificate.set(certificate, user);
    return user;
  }

  async function lookUp(token: string): Promise<UserInfo> {
    const check = await checkToken(ports, token, ports.audiences);
    if ('error' in check) throw check.told === true ? new StatusError('Unauthorized', check.error) : unauthorized();
    // One UserInfo per identity: what authorisation remembers hangs on it.
    const identity = JSON.stringify(check.user);
    const user = users.get(identity) ?? check.user;
    if (byToken.size >= rememberedMax) byToken.clear();
    if (users.size >= rememberedMax) users.clear();
    users.set(identity, user);
    byToken.set(token, { user, until: ports.clock.monotonic() + rememberMs });
    return user;
  }
}

/** Checks a bearer token for the given audiences; what TokenReview answers. Never throws for a bad token. */
export async function checkToken(ports: AuthenticationPorts, token: string, audiences: readonly string[]): Promise<TokenCheck | TokenRefusal> {
  const fixed = ports.staticTokens.get(tokenHash(token));
  if (fixed !== undefined) return { user: withAuthenticated(fixed), audiences: [] };
  const bootstrap = bootstrapTokenCheck(ports, token);
  if (bootstrap !== undefined) return 'error' in bootstrap ? bootstrap : { user: withAuthenticated(bootstrap), audiences: [] };
  if (isCertificateToken(token)) {
    const user = certificateTokenUser(ports, token);
    return user === undefined ? { error: 'invalid bearer token' } : { user: withAuthenticated(user), audiences: [] };
  }
  const verified = await ports.tokens.verify(token);
  if (verified === undefined) return { error: 'invalid bearer token' };
  return ofVerified(ports, verified, audiences);
}

function ofVerified(ports: AuthenticationPorts, token: VerifiedToken, audiences: readonly string[]): TokenCheck | TokenRefusal {
  if (token.type === 'troupe') return { user: withAuthenticated({ ...token.user, extra: { 'authentication.kubernetes.io/credential-id': [`JTI=${token.id}`] } }), audiences: [] };
  const shared = audiences.filter((audience) => token.audiences.includes(audience));
  if (shared.length === 0) {
    const quoted = (values: readonly string[]): string => `[${values.map((value) => JSON.stringify(value)).join(' ')}]`;
    return { error: `[invalid bearer token, token audiences ${quoted(token.audiences)} is invalid for the target audiences ${quoted(audiences)}]` };
  }
  if (!accountExists(ports.view, token.account)) return { error: '[invalid bearer token, service account token has been invalidated]' };
  return { user: withAuthenticated(accountUser(token.account, token.id)), audiences: shared };
}

/** Every user that was recognised is in this group. */
export function withAuthenticated(user: UserInfo): UserInfo {
  return user.groups.includes(authenticated) ? user : { ...user, groups: [...user.groups, authenticated] };
}

const socketProtocolPrefix = 'base64url.bearer.authorization.k8s.io.';

/** The bearer token: of the Authorization header, or of a WebSocket's protocol list (browsers cannot set headers there). */
function bearerToken(request: ApiHttpRequest): string | undefined {
  const header = headerOf(request.headers, 'authorization');
  if (header !== undefined && header.length > 7 && header.slice(0, 7).toLowerCase() === 'bearer ') {
    const token = header.slice(7).trim();
    return token === '' ? undefined : token;
  }
  for (const protocol of headersOf(request.headers, 'sec-websocket-protocol').flatMap((value) => value.split(','))) {
    const name = protocol.trim();
    if (name.startsWith(socketProtocolPrefix)) return Buffer.from(name.slice(socketProtocolPrefix.length), 'base64url').toString();
  }
  return undefined;
}
