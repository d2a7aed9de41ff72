/** Numbers, texts and bytes, written and read one after the other. */

const firstBytes = 64 * 1024;
/** A writer that has grown beyond this gives its memory back when it is done. */
const keptBytesMax = 4 * 1024 * 1024;
/** Up to this length a text is written character by character, as long as it is ASCII. */
const shortTextMax = 64;

/** Writes numbers, texts and bytes one after the other, into memory that it uses again. */
export class ByteWriter {
  #bytes = Buffer.allocUnsafeSlow(firstBytes);
  #at = 0;

  /** What was written since the last call, as a copy. */
  take(): Uint8Array {
    const taken = new Uint8Array(this.#bytes.subarray(0, this.#at));
    this.#at = 0;
    if (this.#bytes.length > keptBytesMax) this.#bytes = Buffer.allocUnsafeSlow(firstBytes);
    return taken;
  }

  /** 0 to 255. */
  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = value;
  }

  /** A whole number from 0 on, seven bits a byte, the lowest first. */
  whole(value: number): void {
    this.#reserve(8);
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#bytes[this.#at++] = (rest % 0x80) | 0x80;
    this.#bytes[this.#at++] = rest;
  }

  /** Any number. */
  double(value: number): void {
    this.#reserve(8);
    this.#at = this.#bytes.writeDoubleBE(value, this.#at);
  }

  /** A well-formed text as UTF-8, its length first. */
  text(value: string): void {
    if (value.length <= shortTextMax && this.#ascii(value)) return;
    const size = Buffer.byteLength(value);
    this.whole(size);
    this.#reserve(size);
    this.#at += this.#bytes.write(value, this.#at);
  }

  /** Bytes, their length first. */
  blob(value: Uint8Array): void {
    this.whole(value.length);
    this.#reserve(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }

  #ascii(value: string): boolean {
    this.#reserve(1 + shortTextMax);
    const [bytes, from] = [this.#bytes, this.#at + 1];
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code >= 0x80) return false;
      bytes[from + i] = code;
    }
    bytes[from - 1] = value.length;
    this.#at = from + value.length;
    return true;
  }

  #reserve(size: number): void {
    if (this.#at + size <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#at + size, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
  }
}

/** Reads what a ByteWriter wrote. Reading beyond the end throws RangeError. */
export class ByteReader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#at = at;
  }

  /** Where the next read begins. */
  get position(): number {
    return this.#at;
  }

  byte(): number {
    const value = this.#bytes[this.#at++];
    if (value === undefined) throw new RangeError('the bytes end too early');
    return value;
  }

  whole(): number {
    let value = this.byte();
    if (value < 0x80) return value;
    value &= 0x7f;
    for (let scale = 0x80; ; scale *= 0x80) {
      const next = this.byte();
      value += (next & 0x7f) * scale;
      if (next < 0x80) return value;
    }
  }

  double(): number {
    const value = this.#bytes.readDoubleBE(this.#at);
    this.#at += 8;
    return value;
  }

  text(): string {
    const from = this.#advance(this.whole());
    return from === this.#at ? '' : this.#bytes.toString('utf8', from, this.#at);
  }

  /** A view of the bytes. */
  blob(): Uint8Array {
    const from = this.#advance(this.whole());
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + from, this.#at - from);
  }

  #advance(size: number): number {
    const from = this.#at;
    if (from + size > this.#bytes.length) throw new RangeError('the bytes end too early');
    this.#at = from + size;
    return from;
  }
}
