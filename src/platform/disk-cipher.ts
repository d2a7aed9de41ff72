/** The disk cipher on Node's AES-256-GCM, with keys that rotate. */
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { assert, type Cipher, CipherError } from '../base/index.ts';

/** A key that seals data itself. It is stored wrapped by a key of the operator's, never plain. */
export interface DataKey {
  /** 32 bits, random; stands in front of all that it has sealed. */
  readonly id: number;
  /** 32 bytes. */
  readonly secret: Uint8Array;
}

const algorithm = 'aes-256-gcm';
const idBytes = 4;
const nonceBytes = 12;
const tagBytes = 16;
const leadBytes = idBytes + nonceBytes;

/**
 * AES-256-GCM with several data keys: the newest seals, each opens what it sealed (key id | nonce | ciphertext | tag).
 * The nonce is a counter, which must never come twice under one key: a data key seals in one process only, from its
 * making to the process's end.
 */
export class DiskCipher implements Cipher {
  readonly #keys = new Map<number, KeyObject>();
  /** Ids of the keys that something on this disk needed since the start. */
  readonly used = new Set<number>();
  #sealing: { readonly id: number; readonly secret: KeyObject } | undefined;
  #sealed = 0n;

  constructor(known: readonly DataKey[]) {
    for (const { id, secret } of known) this.#keys.set(id, createSecretKey(secret));
  }

  /** A cipher with the same keys that opens and notes by itself. */
  reader(): DiskCipher {
    const reader = new DiskCipher([]);
    for (const [id, key] of this.#keys) reader.#keys.set(id, key);
    return reader;
  }

  /** Seals with a fresh key from now on. */
  sealWith(key: DataKey): void {
    assert(!this.#keys.has(key.id), 'a data key that seals is new');
    this.#sealing = { id: key.id, secret: createSecretKey(key.secret) };
    this.#keys.set(key.id, this.#sealing.secret);
    this.#sealed = 0n;
  }

  seal(plain: Uint8Array, place: Uint8Array, room = 0): Uint8Array {
    const key = this.#sealing;
    assert(key !== undefined, 'a cipher seals once it has a fresh key');
    this.#sealed += 1n;
    const text = room + leadBytes;
    const bytes = Buffer.allocUnsafe(text + plain.length + tagBytes);
    bytes.writeUInt32BE(key.id, room);
    bytes.fill(0, room + idBytes, text);
    bytes.writeBigUInt64BE(this.#sealed, text - 8);
    const cipher = createCipheriv(algorithm, key.secret, bytes.subarray(room + idBytes, text));
    cipher.setAAD(place);
    bytes.set(cipher.update(plain), text);
    cipher.final();
    bytes.set(cipher.getAuthTag(), text + plain.length);
    return bytes;
  }

  open(sealed: Uint8Array, place: Uint8Array): Uint8Array {
    const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
    if (bytes.length < leadBytes + tagBytes) throw new CipherError('forged', 'sealed bytes are too short');
    const id = bytes.readUInt32BE(0);
    const secret = this.#keys.get(id);
    if (secret === undefined)
      throw new CipherError(
        'no-key',
        `the data is encrypted with data key ${id.toString(16)}, which is not among the keys`,
      );
    this.used.add(id);
    const decipher = createDecipheriv(algorithm, secret, bytes.subarray(idBytes, leadBytes));
    decipher.setAAD(place);
    decipher.setAuthTag(bytes.subarray(bytes.length - tagBytes));
    const plain = decipher.update(bytes.subarray(leadBytes, bytes.length - tagBytes));
    try {
      decipher.final();
    } catch (error) {
      throw new CipherError(
        'forged',
        'encrypted data was changed: it does not open although its checksum holds',
        error,
      );
    }
    return plain;
  }
}
