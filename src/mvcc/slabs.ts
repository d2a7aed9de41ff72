/** Memory for small values, which share blocks. */
import type { Revision } from '../base/index.ts';

/** Where some bytes are: `size` bytes from `start` of `block` on. */
export interface Slab {
  readonly block: Buffer;
  readonly start: number;
  readonly size: number;
}

/** What is larger than this share of a block gets one to itself. */
const sharedMax = 1 / 4;

/**
 * Small values share blocks, which costs far less than an allocation each. A block lives as long as
 * anything in it.
 */
export class Slabs implements Slab {
  readonly #blockBytes: number;
  #shared: Buffer;
  #used = 0;
  /** The place that was given out last. */
  block: Buffer;
  start = 0;
  size = 0;

  constructor(blockBytes: number) {
    this.#blockBytes = blockBytes;
    this.#shared = Buffer.allocUnsafeSlow(0);
    this.block = this.#shared;
  }

  /** Whether so many bytes would share their block with others. */
  shares(size: number): boolean {
    return size <= this.#blockBytes * sharedMax;
  }

  /** Copies bytes in; the answer is valid until the next call. */
  put(bytes: Uint8Array): Slab {
    this.#take(bytes.length);
    this.block.set(bytes, this.start);
    return this;
  }

  /**
   * Copies bytes in, with the digits of `revision` put in at `at` in place of `replaced` bytes; at -1 there is no place
   * for them.
   */
  putWithRevision(
    bytes: Uint8Array,
    revision: Revision,
    { at, replaced }: { readonly at: number; readonly replaced: number },
  ): Slab {
    if (at < 0) return this.put(bytes);
    const digits = String(revision);
    this.#take(bytes.length - replaced + digits.length);
    this.block.set(at === bytes.length ? bytes : bytes.subarray(0, at), this.start);
    for (let i = 0; i < digits.length; i++) this.block[this.start + at + i] = digits.charCodeAt(i);
    this.block.set(bytes.subarray(at + replaced), this.start + at + digits.length);
    return this;
  }

  /** Neighbours are often about as large as each other: as many as fit leave hardly anything over. */
  #lengthFor(size: number): number {
    const whole = this.#blockBytes - (this.#blockBytes % size);
    return Math.min(this.#blockBytes, whole + Math.ceil(size / 16));
  }

  #take(size: number): void {
    this.size = size;
    if (!this.shares(size)) {
      this.block = Buffer.allocUnsafeSlow(size);
      this.start = 0;
      return;
    }
    if (this.#used + size > this.#shared.length) {
      this.#shared = Buffer.allocUnsafeSlow(this.#lengthFor(size));
      this.#used = 0;
    }
    this.block = this.#shared;
    this.start = this.#used;
    this.#used += size;
  }
}
