/** The port that seals what goes to disk. */

/**
 * Synchronous, since it stands between a batch and its sync; keys are fetched before. What is
 * sealed carries the id of its key, so that keys can change while the store runs. `place` is bound to the bytes: moved
 * elsewhere, or changed, they do not open.
 */
export interface Cipher {
  /** `room`: so many bytes are left free in front of the sealed ones, in the same memory. */
  seal(plain: Uint8Array, place: Uint8Array, room?: number): Uint8Array;
  /** Throws CipherError. */
  open(sealed: Uint8Array, place: Uint8Array): Uint8Array;
}

/** Sealed bytes cannot be read: their key is missing, or they were changed on purpose (a checksum had held). */
export class CipherError extends Error {
  override readonly name = 'CipherError';
  readonly code: 'no-key' | 'forged';
  constructor(code: CipherError['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}
