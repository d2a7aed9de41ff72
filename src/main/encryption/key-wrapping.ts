/** Wraps data keys by a key that is kept elsewhere. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { readKeysFile } from './keys-file.ts';

export interface KeyWrapping {
  /** The name of the key that wraps now; it changes when the operator changes keys. */
  current(): Promise<string>;
  wrap(secret: Uint8Array): Promise<{ readonly by: string; readonly wrapped: Uint8Array }>;
  /** Rejects when the key is gone, or the bytes were changed. */
  unwrap(by: string, wrapped: Uint8Array): Promise<Uint8Array>;
}

const nonceBytes = 12;
const tagBytes = 16;

/** Wrapping by AES-256-GCM with the keys of a file, which is read at each call. */
export function fileWrapping(file: string): KeyWrapping {
  const first = (): { readonly name: string; readonly secret: string } => {
    const [key] = readKeysFile(file);
    if (key === undefined) throw new Error(`${file} has no keys`);
    return key;
  };
  return {
    current: async () => await Promise.resolve(first().name),
    wrap: async (secret) => {
      const key = first();
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', Buffer.from(key.secret, 'base64'), nonce);
      const sealed = Buffer.concat([nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
      return await Promise.resolve({ by: key.name, wrapped: sealed });
    },
    unwrap: async (by, wrapped) => {
      const key = readKeysFile(file).find(({ name }) => name === by);
      if (key === undefined)
        throw new Error(`${file} has no key ${by}, which encrypts the store's data keys; put it back`);
      const decipher = createDecipheriv(
        'aes-256-gcm',
        Buffer.from(key.secret, 'base64'),
        wrapped.subarray(0, nonceBytes),
      );
      decipher.setAuthTag(wrapped.subarray(wrapped.length - tagBytes));
      return await Promise.resolve(
        Buffer.concat([decipher.update(wrapped.subarray(nonceBytes, wrapped.length - tagBytes)), decipher.final()]),
      );
    },
  };
}
