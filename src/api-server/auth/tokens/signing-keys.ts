/** The keys that sign and verify tokens. */
import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { exportJWK, type JWK } from 'jose';

/** The key that signs tokens, and all keys whose signatures are accepted. PEM texts. */
export interface SigningKeyOptions {
  readonly privateKey: string;
  /** Other keys whose tokens are taken: those that signed before, and those that will. */
  readonly olderPublicKeys?: readonly string[] | undefined;
}

interface VerificationKey {
  readonly id: string;
  readonly algorithm: 'ES256' | 'RS256';
  readonly key: KeyObject;
}

/** All who sign and verify share one of these, so that a change of keys reaches them at once. */
export interface SigningKeys {
  readonly signing: VerificationKey;
  /** By key id. */
  readonly verification: ReadonlyMap<string, VerificationKey>;
  /** The public keys as a JSON Web Key Set (RFC 7517). */
  jwks(): Promise<{ readonly keys: readonly JWK[] }>;
  /** Signs and accepts by these keys from now on. Throws when one of them is no key; then nothing changes. */
  replace(options: SigningKeyOptions): void;
  /** Called after each replacement. */
  onReplaced(listener: () => void): void;
}

export function signingKeys(options: SigningKeyOptions): SigningKeys {
  let now = keysOf(options);
  const listeners: (() => void)[] = [];
  return {
    get signing() {
      return now.signing;
    },
    get verification() {
      return now.verification;
    },
    jwks: async () => ({
      keys: await Promise.all(
        [...now.verification.values()].map(async ({ id, algorithm, key }) => ({
          use: 'sig',
          kid: id,
          alg: algorithm,
          ...(await exportJWK(key)),
        })),
      ),
    }),
    replace: (next) => {
      now = keysOf(next);
      for (const listener of listeners) listener();
    },
    onReplaced: (listener) => {
      listeners.push(listener);
    },
  };
}

function keysOf({
  privateKey: pem,
  olderPublicKeys = [],
}: SigningKeyOptions): Pick<SigningKeys, 'signing' | 'verification'> {
  const privateKey = createPrivateKey(pem);
  const own = described(createPublicKey(privateKey));
  return {
    signing: { ...own, key: privateKey },
    verification: new Map(
      [own, ...olderPublicKeys.map((older) => described(createPublicKey(older)))].map((key) => [key.id, key]),
    ),
  };
}

/** The id of a public or private key, by which tokens name it. */
export function signingKeyId(pem: string): string {
  return described(createPublicKey(pem)).id;
}

/** The key id is the hash of the public key's DER form, as Kubernetes makes it. */
function described(key: KeyObject): VerificationKey {
  const algorithm = key.asymmetricKeyType === 'ec' ? 'ES256' : 'RS256';
  const id = createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
  return { id, algorithm, key };
}

/** SHA-256 in hex: how static tokens are kept, so that a table of them gives none away. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** SHA-256 in hex of a text, for entity tags. */
export const textHash = tokenHash;
