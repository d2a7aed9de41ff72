/** The claims that NATS servers and the cluster exchange about who may connect (auth callout). */
import { createHash, createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { nkeys } from '@nats-io/transport-node';
import { natsAccount } from './nats-server.ts';

/**
 * The subject on which a server asks about somebody who connects (NATS auth callout, ADR-26 of
 * nats-architecture-and-design).
 */
export const connectionSubject = '$SYS.REQ.USER.AUTH';

export interface SubjectPermissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/** Somebody who connects to a server. */
export interface ConnectionRequest {
  readonly serverId: string;
  /** The key that the server made up for this connection. */
  readonly userKey: string;
  /** The bearer token that was shown. */
  readonly token: string | undefined;
  readonly clientName: string;
}

interface Grant extends SubjectPermissions {
  /** Shown in the server's connection list. */
  readonly name: string;
  /** Wall-clock ms at which the server ends the connection. */
  readonly expiresAt?: number | undefined;
}

/**
 * Answers servers' questions in claims that they believe: JSON Web Tokens signed by the issuer's key (`ed25519-nkey`).
 */
export interface NatsIssuer {
  readonly publicKey: string;
  grant(request: ConnectionRequest, grant: Grant, now: number): Uint8Array;
  refuse(request: ConnectionRequest, reason: string, now: number): Uint8Array;
}

/** A new secret from which the issuer's key pair follows. */
export function makeIssuerSeed(): string {
  return new TextDecoder().decode(nkeys.createAccount().getSeed());
}

/** What stands before the 32 bytes of a private key of Ed25519 in PKCS #8 (RFC 8410, section 7). */
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/**
 * The private key of a seed in NATS' form: two bytes of kind, 32 of seed and two of checksum, in base 32 (RFC 4648).
 * The library signs in JavaScript, which holds the event loop for more than a hundred times as long as OpenSSL does,
 * and everybody who connects asks for one signature or two, whatever they show.
 */
function privateKey(seed: string): KeyObject {
  const bits = [...seed].reduce((number, digit) => number * 32n + BigInt(base32.indexOf(digit)), 0n);
  const bytes = Buffer.from((bits >> 2n).toString(16).padStart(72, '0'), 'hex');
  return createPrivateKey({ key: Buffer.concat([pkcs8, bytes.subarray(2, 34)]), format: 'der', type: 'pkcs8' });
}

/** Answers to what was received may be sent this long; the steering subject of a watch comes with each event. */
const responsesMs = 10 * 60_000;

export function createNatsIssuer(seed: string): NatsIssuer {
  const publicKey = nkeys.fromSeed(new TextEncoder().encode(seed)).getPublicKey();
  const key = privateKey(seed);
  const signed = (claims: object): string => {
    const id = createHash('sha256').update(JSON.stringify(claims)).digest('base64url');
    const text = `${base64({ typ: 'JWT', alg: 'ed25519-nkey' })}.${base64({ jti: id, iss: publicKey, ...claims })}`;
    return `${text}.${sign(undefined, Buffer.from(text), key).toString('base64url')}`;
  };
  const answer = (request: ConnectionRequest, now: number, content: object): Uint8Array =>
    new TextEncoder().encode(
      signed({
        sub: request.userKey,
        aud: request.serverId,
        iat: seconds(now),
        nats: { type: 'authorization_response', version: 2, ...content },
      }),
    );
  return {
    publicKey,
    refuse: (request, reason, now) => answer(request, now, { error: reason }),
    grant: (request, { name, publish, subscribe, expiresAt }, now) =>
      answer(request, now, {
        jwt: signed({
          sub: request.userKey,
          aud: natsAccount,
          name,
          iat: seconds(now),
          exp: expiresAt === undefined ? undefined : seconds(expiresAt),
          nats: {
            type: 'user',
            version: 2,
            subs: -1,
            data: -1,
            payload: -1,
            pub: { allow: publish },
            sub: { allow: subscribe },
            resp: { max: -1, ttl: responsesMs * 1e6 },
          },
        }),
      }),
  };
}

/** The server's question. Undefined for what is none: only servers can ask, and members alone may listen. */
export function connectionRequest(payload: Uint8Array): ConnectionRequest | undefined {
  try {
    const claims = JSON.parse(
      Buffer.from(new TextDecoder().decode(payload).split('.')[1] ?? '', 'base64url').toString(),
    ) as {
      readonly nats?: {
        readonly server_id?: { readonly id?: unknown };
        readonly user_nkey?: unknown | undefined;
        readonly connect_opts?: { readonly auth_token?: unknown; readonly name?: unknown };
      };
    };
    const { server_id: server, user_nkey: userKey, connect_opts: options } = claims.nats ?? {};
    if (typeof server?.id !== 'string' || typeof userKey !== 'string') return undefined;
    return {
      serverId: server.id,
      userKey,
      token: typeof options?.auth_token === 'string' ? options.auth_token : undefined,
      clientName: typeof options?.name === 'string' ? options.name : '',
    };
  } catch {
    return undefined; // Not a token of this form.
  }
}

const seconds = (ms: number): number => Math.floor(ms / 1000);
const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
