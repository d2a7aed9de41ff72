/** Authentication by an OpenID Connect provider. */
import { createLocalJWKSet, decodeJwt, errors, type JSONWebKeySet, jwtVerify, type JWTPayload } from 'jose';
import { type Clock, errorMessage } from '../../../base/index.ts';
import type { AuthenticationPlugIn, RecognisedToken, RefusedToken } from '../plug-ins.ts';

interface OidcOptions {
  readonly issuerUrl: string;
  readonly audiences: readonly string[];
  readonly usernameClaim: string;
  /** '': the issuer and '#', but nothing before an e-mail address; '-': nothing. */
  readonly usernamePrefix: string;
  /** '': no groups. */
  readonly groupsClaim: string;
  readonly groupsPrefix: string;
  readonly requiredClaims: ReadonlyMap<string, string>;
  readonly signingAlgorithms: readonly string[];
  /** GET of a JSON document; rejects when there is none. */
  readonly get: (url: string) => Promise<unknown>;
  readonly clock: Clock;
}

/**
 * Keys are looked up again after so long; sooner, but not more often than the second, for a token by a key that is not
 * known.
 */
const keysMs = 10 * 60_000;
const newKeysMs = 10_000;

type KeySet = ReturnType<typeof createLocalJWKSet>;

/**
 * Recognises tokens of an OpenID Connect provider (Core 1.0, Discovery 1.0), by the claims that kube-apiserver's
 * --oidc-* flags name.
 */
export function oidcTokens(options: OidcOptions): AuthenticationPlugIn {
  const keys = providerKeys(options);
  return {
    name: 'oidc',
    token: async (token) => {
      if (issuerOf(token) !== options.issuerUrl) return undefined;
      const verify = async (set: KeySet): Promise<JWTPayload> =>
        (
          await jwtVerify(token, set, {
            issuer: options.issuerUrl,
            audience: [...options.audiences],
            algorithms: [...options.signingAlgorithms],
            requiredClaims: ['exp'],
            currentDate: new Date(options.clock.now()),
          })
        ).payload;
      try {
        return recognised(options, await keys.use(verify));
      } catch (error) {
        return { error: `oidc: ${errorMessage(error)}` };
      }
    },
  };
}

function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined; // No JSON Web Token.
  }
}

function providerKeys({ issuerUrl, get, clock }: OidcOptions): {
  use<T>(verify: (set: KeySet) => Promise<T>): Promise<T>;
} {
  let found: { readonly set: KeySet; readonly at: number } | undefined;
  let fetching: Promise<KeySet> | undefined;
  async function fetched(): Promise<KeySet> {
    const { issuer, jwks_uri: keysUrl } = (await get(
      `${issuerUrl.replace(/\/$/, '')}/.well-known/openid-configuration`,
    )) as { readonly issuer?: unknown; readonly jwks_uri?: unknown };
    if (issuer !== issuerUrl)
      throw new Error(`the provider says that it is ${JSON.stringify(issuer)}, not ${JSON.stringify(issuerUrl)}`);
    if (typeof keysUrl !== 'string') throw new Error('the provider names no jwks_uri');
    const set = createLocalJWKSet((await get(keysUrl)) as JSONWebKeySet);
    found = { set, at: clock.monotonic() };
    return set;
  }
  const look = (): Promise<KeySet> =>
    (fetching ??= fetched().finally(() => {
      fetching = undefined;
    }));
  const age = (): number => clock.monotonic() - (found?.at ?? -Infinity);
  return {
    use: async (verify) => {
      const set = found !== undefined && age() < keysMs ? found.set : await look();
      try {
        return await verify(set);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey) || age() < newKeysMs) throw error;
        return await verify(await look());
      }
    },
  };
}

function recognised(options: OidcOptions, claims: JWTPayload): RecognisedToken | RefusedToken {
  for (const [claim, value] of options.requiredClaims)
    if (claims[claim] !== value)
      return { error: `oidc: required claim ${claim} has not the value ${JSON.stringify(value)}` };
  const name = claims[options.usernameClaim];
  if (typeof name !== 'string' || name === '')
    return { error: `oidc: parse username claims ${JSON.stringify(options.usernameClaim)}: claim not present` };
  const isEmail = options.usernameClaim === 'email';
  if (isEmail && claims['email_verified'] !== undefined && claims['email_verified'] !== true)
    return { error: 'oidc: email not verified' };
  const groups = options.groupsClaim === '' ? [] : groupsOf(claims[options.groupsClaim]);
  if (groups === undefined)
    return {
      error: `oidc: parse groups claim ${JSON.stringify(options.groupsClaim)}: neither a text nor a list of texts`,
    };
  const prefix =
    options.usernamePrefix === '-'
      ? ''
      : options.usernamePrefix !== ''
        ? options.usernamePrefix
        : isEmail
          ? ''
          : `${options.issuerUrl}#`;
  return {
    user: {
      name: `${prefix}${name}`,
      groups: groups.map((group) => `${options.groupsPrefix}${group}`),
      ...credentialOf(claims.jti),
    },
  };
}

const credentialOf = (id: string | undefined): object =>
  id === undefined ? {} : { extra: { 'authentication.kubernetes.io/credential-id': [`JTI=${id}`] } };

function groupsOf(value: unknown): readonly string[] | undefined {
  if (value === undefined) return [];
  if (typeof value === 'string') return [value];
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
}
