/** Texts that one home alone can read, wherever they lie (JSON Web Encryption, RFC 7516). */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { compactDecrypt, CompactEncrypt } from 'jose';

/** `publicKey`: PEM of a key on P-256. */
export function seal(text: string, publicKey: string): Promise<string> {
  return new CompactEncrypt(new TextEncoder().encode(text))
    .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM' })
    .encrypt(createPublicKey(publicKey));
}

/** Rejects for what was sealed to another key, or was changed. */
export async function unseal(sealed: string, privateKey: string): Promise<string> {
  const { plaintext } = await compactDecrypt(sealed, createPrivateKey(privateKey), {
    keyManagementAlgorithms: ['ECDH-ES'],
    contentEncryptionAlgorithms: ['A256GCM'],
  });
  return new TextDecoder().decode(plaintext);
}
