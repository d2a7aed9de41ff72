/** The memory that bodies of requests take together, from their first byte to their answer. */
import { limits } from '../../base/index.ts';
import { type ApiHttpRequest, noBytes } from '../request.ts';

/** What is left for bodies, of all clients and of each address. */
export class BodyBudget {
  readonly #byAddress = new Map<string, number>();
  #bytes = 0;

  /** False: there is no room for so many more bytes. */
  take(address: string, bytes: number): boolean {
    const own = (this.#byAddress.get(address) ?? 0) + bytes;
    if (this.#bytes + bytes > limits.bodiesBytesMax || own > limits.bodiesBytesPerAddressMax) return false;
    this.#bytes += bytes;
    this.#byAddress.set(address, own);
    return true;
  }

  give(address: string, bytes: number): void {
    this.#bytes -= bytes;
    const own = (this.#byAddress.get(address) ?? 0) - bytes;
    if (own > 0) this.#byAddress.set(address, own);
    else this.#byAddress.delete(address);
  }

  get bytes(): number {
    return this.#bytes;
  }
}

type Body = Pick<ApiHttpRequest, 'body' | 'bodyTooLarge' | 'bodyWithoutRoom'>;

/**
 * Keeps the body of one request up to the limit and while there is room. What is beyond is read and dropped, so that
 * the refusal can be answered.
 */
export class BodyReading {
  readonly #budget: BodyBudget;
  readonly #address: string;
  #chunks: Buffer[] = [];
  #size = 0;
  #taken = 0;
  #dropped = false;

  constructor(budget: BodyBudget, address: string | undefined) {
    this.#budget = budget;
    this.#address = address ?? '';
  }

  add(chunk: Buffer): void {
    this.#size += chunk.byteLength;
    if (this.#dropped) return;
    if (this.#size <= limits.requestBytesMax && this.#budget.take(this.#address, chunk.byteLength)) {
      this.#taken += chunk.byteLength;
      this.#chunks.push(chunk);
      return;
    }
    this.#dropped = true;
    this.release();
  }

  /** What was read, once it has ended. */
  get body(): Body {
    if (this.#size > limits.requestBytesMax) return { body: noBytes, bodyTooLarge: true };
    if (this.#dropped) return { body: noBytes, bodyWithoutRoom: true };
    const [first] = this.#chunks;
    return { body: this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks) };
  }

  /** The request is answered, or its client is gone before its end. */
  release(): void {
    this.#budget.give(this.#address, this.#taken);
    this.#taken = 0;
    this.#chunks = [];
  }
}
