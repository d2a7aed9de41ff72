import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { exportJWK, type JWK } from 'jose';

/** The key that signs tokens, and all keys whose signatures are accepted. PEM texts. */
export interface SigningKeyOptions {
  readonly privateKey: string;
  /** Older keys whose tokens are still taken. */
  readonly olderPublicKeys?: readonly string[];
}

export interface VerificationKey {
  readonly id: string;
  readonly algorithm: 'ES256' | 'RS256';
  readonly key: KeyObject;
}

export interface SigningKeys {
  readonly signing: VerificationKey;
  /** By key id. */
  readonly verification: ReadonlyMap<string, VerificationKey>;
  /** The public keys as a JSON Web Key Set (RFC 7517). */
  jwks(): Promise<{ readonly keys: readonly JWK[] }>;
}

export function signingKeys(options: SigningKeyOptions): SigningKeys {
  const privateKey = createPrivateKey(options.privateKey);
  const own = described(createPublicKey(privateKey));
  const all = [own, ...(options.olderPublicKeys ?? []).map((pem) => described(createPublicKey(pem)))];
  return {
    signing: { ...own, key: privateKey },
    verification: new Map(all.map((key) => [key.id, key])),
    jwks: async () => ({ keys: await Promise.all(all.map(async ({ id, algorithm, key }) => ({ use: 'sig', kid: id, alg: algorithm, ...await exportJWK(key) }))) }),
  };
}

/** The key id is the hash of the public key's DER form, as upstream makes it. */
function described(key: KeyObject): VerificationKey {
  const algorithm = key.asymmetricKeyType === 'ec' ? 'ES256' : 'RS256';
  const id = createHash('sha256').update(key.export({ type: 'spki', format: 'der' })).digest('base64url');
  return { id, algorithm, key };
}

/** SHA-256 in hex: how static tokens are kept, so that a table of them gives none away. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** SHA-256 in hex of a text, for entity tags. */
export const textHash = tokenHash;
