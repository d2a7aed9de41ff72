/** Signs and verifies JSON Web Tokens. */
import { decodeProtectedHeader, errors, jwtVerify, SignJWT, type JWTPayload } from 'jose';
import type { Clock, Random } from '../../../base/index.ts';
import type { Requester } from '../../../resources/index.ts';
import type { SigningKeys } from './signing-keys.ts';

/** Issuer of tokens for nodes and administrators, which Troupe gives out itself and which name no stored account. */
export const troupeIssuer = 'troupe';

export interface NamedObject {
  readonly name: string;
  readonly uid: string;
}

/** The `kubernetes.io` claim of a service account's token. */
export interface AccountClaim {
  readonly namespace: string;
  readonly serviceaccount: NamedObject;
  readonly pod?: NamedObject | undefined;
  readonly secret?: NamedObject | undefined;
  readonly node?: NamedObject | undefined;
}

/** A token whose signature and times hold. */
export type VerifiedToken =
  | {
      readonly type: 'account';
      readonly account: AccountClaim;
      readonly audiences: readonly string[];
      readonly id: string;
      readonly expiresAt: number;
    }
  | { readonly type: 'troupe'; readonly user: Requester; readonly id: string; readonly expiresAt: number };

interface AccountTokenRequest {
  readonly account: AccountClaim;
  readonly audiences: readonly string[];
  readonly expirationSeconds: number;
}

interface TokenPorts {
  readonly keys: SigningKeys;
  readonly issuer: string;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Signs and verifies JSON Web Tokens. Verification answers undefined for anything that is not a token of ours in force.
 */
export interface Tokens {
  issueAccountToken(request: AccountTokenRequest): Promise<{ readonly token: string; readonly expiresAt: number }>;
  /** A token of Troupe's own for a node or an administrator. */
  issueUserToken(
    user: { readonly name: string; readonly groups: readonly string[] },
    expirationSeconds: number,
  ): Promise<string>;
  verify(token: string): Promise<VerifiedToken | undefined>;
}

export function createTokens(ports: TokenPorts): Tokens {
  const { keys, clock, random, issuer } = ports;
  const seconds = (): number => Math.floor(clock.now() / 1000);
  const signed = async (
    payload: JWTPayload,
    times: { readonly from: number; readonly until: number },
  ): Promise<string> =>
    await new SignJWT(payload)
      .setProtectedHeader({ alg: keys.signing.algorithm, kid: keys.signing.id })
      .setIssuedAt(times.from)
      .setNotBefore(times.from)
      .setExpirationTime(times.until)
      .setJti(random.uuid())
      .sign(keys.signing.key);

  return {
    issueAccountToken: async ({ account, audiences, expirationSeconds }) => {
      const from = seconds();
      const until = from + expirationSeconds;
      const subject = `system:serviceaccount:${account.namespace}:${account.serviceaccount.name}`;
      const token = await signed(
        { aud: [...audiences], iss: issuer, sub: subject, 'kubernetes.io': account },
        { from, until },
      );
      return { token, expiresAt: until * 1000 };
    },
    issueUserToken: async (user, expirationSeconds) => {
      const from = seconds();
      return await signed(
        { iss: troupeIssuer, sub: user.name, groups: [...user.groups] },
        { from, until: from + expirationSeconds },
      );
    },
    verify: async (token) => {
      const payload = await verifiedPayload(token, ports);
      return payload === undefined ? undefined : tokenOf(payload, issuer);
    },
  };
}

async function verifiedPayload(token: string, ports: TokenPorts): Promise<JWTPayload | undefined> {
  try {
    const { kid } = decodeProtectedHeader(token);
    const key = kid === undefined ? undefined : ports.keys.verification.get(kid);
    if (key === undefined) return undefined;
    const { payload } = await jwtVerify(token, key.key, {
      algorithms: [key.algorithm],
      currentDate: new Date(ports.clock.now()),
    });
    return payload;
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError || error instanceof SyntaxError)
      return undefined;
    throw error;
  }
}

function tokenOf(payload: JWTPayload, issuer: string): VerifiedToken | undefined {
  const expiresAt = (payload.exp ?? 0) * 1000;
  const id = payload.jti ?? '';
  if (payload.iss === troupeIssuer) {
    const groups = payload['groups'];
    if (payload.sub === undefined || !Array.isArray(groups)) return undefined;
    return {
      type: 'troupe',
      user: { name: payload.sub, groups: groups.filter((group) => typeof group === 'string') },
      id,
      expiresAt,
    };
  }
  const account = accountClaimOf(payload['kubernetes.io']);
  if (payload.iss !== issuer || account === undefined) return undefined;
  const audiences = typeof payload.aud === 'string' ? [payload.aud] : (payload.aud ?? []);
  return { type: 'account', account, audiences, id, expiresAt };
}

function accountClaimOf(value: unknown): AccountClaim | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const claim = value as Partial<AccountClaim>;
  return typeof claim.namespace === 'string' && isNamed(claim.serviceaccount) ? (claim as AccountClaim) : undefined;
}

function isNamed(value: unknown): value is NamedObject {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as NamedObject).name === 'string' &&
    typeof (value as NamedObject).uid === 'string'
  );
}
