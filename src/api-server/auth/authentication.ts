/** Finds out who sent a request. */
import { type KubeObject, StatusError, unauthorized } from '../../api/index.ts';
import type { Clock, Timers } from '../../base/index.ts';
import type { ResourceView, Requester } from '../../resources/index.ts';
import type { ApiHttpRequest, ClientCertificate } from '../request.ts';
import {
  accountExists,
  accountUser,
  secretProblem,
  tokenSecret,
  bearerToken,
  bootstrapTokenCheck,
  tokenHash,
  type Tokens,
  type VerifiedToken,
} from './tokens/index.ts';
import {
  certificateTokenUser,
  isCertificateToken,
  type FrontProxy,
  proxiedUser,
  removedNode,
} from './certificates/index.ts';
import type { AuthenticationPlugIn } from './plug-ins.ts';
import { RememberedTokens } from './remembered-tokens.ts';
import type { Withdrawals } from './withdrawals.ts';

export const authenticated = 'system:authenticated';
export const anonymousUser: Requester = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

/** Who sent a request. Throws the 401 for credentials that do not hold; a request without any is anonymous. */
export type Authenticator = (request: ApiHttpRequest) => Requester | Promise<Requester>;

interface TokenCheck {
  readonly user: Requester;
  /** Audiences for which the token is good among those asked; empty for tokens that have none. */
  readonly audiences: readonly string[];
}

interface TokenRefusal {
  readonly error: string;
  /** The client may learn the reason: it knows the token's secret. */
  readonly shown?: boolean | undefined;
}

/** SHA-256 (hex) of a token -> its user, as they hold now. */
export type StaticTokens = Pick<ReadonlyMap<string, Requester>, 'get'>;

export interface AuthenticationPorts {
  readonly tokens: Tokens;
  readonly staticTokens: StaticTokens;
  readonly view: ResourceView;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Says when nothing that is remembered of tokens holds any more. */
  readonly withdrawals: Withdrawals;
  /** Audiences of the API server itself. */
  readonly audiences: readonly string[];
  /** The authorities whose client certificates are believed now, PEM: their keys may sign tokens. */
  readonly clientCa?: (() => string) | undefined;
  /** The cluster's name, which such tokens must be meant for. */
  readonly cluster?: string | undefined;
  /** Believed when it names a user; absent: nobody is. */
  readonly frontProxy?: FrontProxy | undefined;
  /** Told of every Secret whose token was believed. */
  readonly tokenUsed?: ((secret: KubeObject) => void) | undefined;
  /**
   * Paths that may be asked for without credentials; a `*` at the end stands for all below. Absent: any path, and
   * authorization decides.
   */
  readonly anonymousPaths?: readonly string[] | undefined;
  /** Asked in this order after the cluster's own ways. */
  readonly plugIns?: readonly AuthenticationPlugIn[] | undefined;
}

const usersMax = 20_000;

/**
 * In this order: the front proxy, client certificates, bearer tokens (static, bootstrap, by a certificate's key,
 * Troupe's own, service accounts, then the plug-ins), plug-ins that look at the request, anonymous.
 */
export function createAuthenticator(ports: AuthenticationPorts): Authenticator {
  const chain = new AuthenticationChain(ports);
  return (request) => chain.userOf(request);
}

/** As `authenticate`, but a token is looked up again, whatever is remembered of it. */
export function authenticatorAgain(ports: AuthenticationPorts, authenticate: Authenticator): Authenticator {
  return async (request) => {
    const token = request.certificate === undefined ? bearerToken(request) : undefined;
    if (token === undefined) return await authenticate(request);
    const check = await checkToken(ports, token, ports.audiences);
    if ('error' in check) throw unauthorized();
    return check.user;
  };
}

function isWithin(path: string, allowed: string): boolean {
  return allowed.endsWith('*') ? path.startsWith(allowed.slice(0, -1)) && !path.includes('..') : path === allowed;
}

class AuthenticationChain {
  readonly #ports: AuthenticationPorts;
  readonly #requestPlugIns: readonly AuthenticationPlugIn[];
  readonly #tokens: RememberedTokens;
  readonly #byCertificate = new WeakMap<ClientCertificate, Requester>();
  /** One UserInfo per identity: what authorization remembers hangs on it. */
  readonly #users = new Map<string, Requester>();

  constructor(ports: AuthenticationPorts) {
    this.#ports = ports;
    this.#requestPlugIns = (ports.plugIns ?? []).filter((plugIn) => plugIn.request !== undefined);
    this.#tokens = new RememberedTokens(ports);
  }

  userOf(request: ApiHttpRequest): Requester | Promise<Requester> {
    const { frontProxy } = this.#ports;
    const { certificate } = request;
    // TLS looks at the time when the connection begins, and never again.
    if (certificate !== undefined && this.#ports.clock.now() > certificate.notAfter) throw unauthorized();
    if (certificate?.signedBy !== undefined) {
      const user = frontProxy === undefined ? undefined : proxiedUser(frontProxy, request);
      if (user !== undefined) return withAuthenticated(user);
    }
    if (certificate !== undefined && certificate.signedBy !== 'frontProxy') return this.#certificateUser(certificate);
    const token = bearerToken(request);
    if (token === undefined)
      return this.#requestPlugIns.length === 0 ? this.#anonymous(request.path) : this.#plugInUser(request);
    return this.#tokens.userOf(token) ?? this.#tokenUser(token);
  }

  #certificateUser(certificate: ClientCertificate): Requester {
    const { commonName, organizations, fingerprint, notBefore } = certificate;
    if (removedNode(this.#ports.view, commonName, notBefore)) throw unauthorized();
    const known = this.#byCertificate.get(certificate);
    if (known !== undefined) return known;
    const user = withAuthenticated({
      name: commonName,
      groups: organizations,
      extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${fingerprint}`] },
    });
    this.#byCertificate.set(certificate, user);
    return user;
  }

  /** Who asks without credentials. Throws the 401 where nobody may. */
  #anonymous(path: string): Requester {
    const { anonymousPaths } = this.#ports;
    if (anonymousPaths !== undefined && !anonymousPaths.some((allowed) => isWithin(path, allowed)))
      throw unauthorized();
    return anonymousUser;
  }

  async #plugInUser({ headers, certificate, remoteAddress, path }: ApiHttpRequest): Promise<Requester> {
    for (const plugIn of this.#requestPlugIns) {
      const user = await attempt(() => plugIn.request?.({ headers, remoteAddress, certificate }));
      if (user === refused) throw unauthorized();
      if (user !== undefined) return withAuthenticated(user);
    }
    return this.#anonymous(path);
  }

  async #tokenUser(token: string): Promise<Requester> {
    const check = await checkToken(this.#ports, token, this.#ports.audiences);
    if ('error' in check) throw check.shown === true ? new StatusError('Unauthorized', check.error) : unauthorized();
    const identity = JSON.stringify(check.user);
    const user = this.#users.get(identity) ?? check.user;
    if (this.#users.size >= usersMax) this.#users.clear();
    this.#users.set(identity, user);
    this.#tokens.remember(token, user);
    return user;
  }
}

/** Checks a bearer token for the given audiences; what TokenReview answers. Never throws for a bad token. */
export async function checkToken(
  ports: AuthenticationPorts,
  token: string,
  audiences: readonly string[],
): Promise<TokenCheck | TokenRefusal> {
  const fixed = ports.staticTokens.get(tokenHash(token));
  if (fixed !== undefined) return { user: withAuthenticated(fixed), audiences: [] };
  const bootstrap = bootstrapTokenCheck(ports, token);
  if (bootstrap !== undefined)
    return 'error' in bootstrap ? bootstrap : { user: withAuthenticated(bootstrap), audiences: [] };
  if (isCertificateToken(token)) {
    const user = certificateTokenUser(ports, token);
    return user === undefined ? { error: 'invalid bearer token' } : { user: withAuthenticated(user), audiences: [] };
  }
  const verified = await ports.tokens.verify(token);
  return verified === undefined ? await ofPlugIns(ports, token, audiences) : ofVerified(ports, verified, audiences);
}

/** The first plug-in that knows the token decides; the refusals of those that do not are told when none does. */
async function ofPlugIns(
  ports: AuthenticationPorts,
  token: string,
  audiences: readonly string[],
): Promise<TokenCheck | TokenRefusal> {
  const errors: string[] = ['invalid bearer token'];
  // A token without audiences is meant for this server.
  const own = audiences.filter((audience) => ports.audiences.includes(audience));
  for (const plugIn of ports.plugIns ?? []) {
    const answer = await attempt(() => plugIn.token?.(token, audiences));
    if (answer === undefined) continue;
    if (answer === refused) errors.push(`${plugIn.name} failed`);
    else if ('error' in answer) errors.push(answer.error);
    else if (answer.audiences === undefined && own.length === 0)
      errors.push(`token is invalid for the target audiences ${quoted(audiences)}`);
    else return { user: withAuthenticated(answer.user), audiences: answer.audiences ?? own };
  }
  return { error: errors.length === 1 ? 'invalid bearer token' : `[${errors.join(', ')}]` };
}

const refused = Symbol('refused');

/** What a plug-in answers. One that fails has let nobody in. */
async function attempt<T>(ask: () => T | undefined | Promise<T | undefined>): Promise<T | undefined | typeof refused> {
  try {
    return await ask();
  } catch {
    return refused;
  }
}

function ofVerified(
  ports: AuthenticationPorts,
  token: VerifiedToken,
  audiences: readonly string[],
): TokenCheck | TokenRefusal {
  if (token.type === 'troupe')
    return {
      user: withAuthenticated({
        ...token.user,
        extra: { 'authentication.kubernetes.io/credential-id': [`JTI=${token.id}`] },
      }),
      audiences: [],
    };
  const shared = audiences.filter((audience) => token.audiences.includes(audience));
  if (shared.length === 0) {
    const [own, target] = [quoted(token.audiences), quoted(audiences)];
    const problem = `token audiences ${own} is invalid for the target audiences ${target}`;
    return { error: `[invalid bearer token, ${problem}]` };
  }
  if (!accountExists(ports.view, token.account))
    return { error: '[invalid bearer token, service account token has been invalidated]' };
  const secret = tokenSecret(ports.view, token.account);
  const problem = secret === undefined ? undefined : secretProblem(secret, token.account);
  if (problem !== undefined) return { error: `[invalid bearer token, ${problem}]` };
  if (secret !== undefined) ports.tokenUsed?.(secret);
  return {
    user: withAuthenticated(accountUser(token.account, secret === undefined ? token.id : undefined)),
    audiences: shared,
  };
}

const quoted = (values: readonly string[]): string => `[${values.map((value) => JSON.stringify(value)).join(' ')}]`;

/** Every user that was recognised is in this group. */
function withAuthenticated(user: Requester): Requester {
  return user.groups.includes(authenticated) ? user : { ...user, groups: [...user.groups, authenticated] };
}
