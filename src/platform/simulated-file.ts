/** One file of the simulated disk: bytes now, and bytes that survive a crash. */
import type { Random } from '../base/index.ts';

/** Disks write whole sectors: a torn write keeps some and loses others. */
const sectorBytes = 512;

/** Bytes that grow in place. */
class Extent {
  #bytes = new Uint8Array(0);
  length = 0;

  write(position: number, data: Uint8Array): void {
    const end = position + data.length;
    if (end > this.#bytes.length) {
      const wider = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      wider.set(this.#bytes.subarray(0, this.length));
      this.#bytes = wider;
    }
    if (position > this.length) this.#bytes.fill(0, this.length, position);
    this.#bytes.set(data, position);
    this.length = Math.max(this.length, end);
  }

  truncate(length: number): void {
    if (length > this.length) this.write(length, new Uint8Array(0));
    else this.#bytes.fill(0, length, this.length);
    this.length = length;
  }

  read(position: number, length: number): Uint8Array {
    return this.#bytes.slice(position, Math.max(position, Math.min(this.length, position + length)));
  }
}

type Pending =
  | { readonly type: 'write'; readonly position: number; readonly data: Uint8Array }
  | { readonly type: 'truncate'; readonly length: number };

/** The content of one simulated file: what readers see, and what a crash would leave. */
export class SimulatedContent {
  #live = new Extent();
  readonly #durable = new Extent();
  #pending: Pending[] = [];

  get length(): number {
    return this.#live.length;
  }

  read(position: number, length: number): Uint8Array {
    return this.#live.read(position, length);
  }

  write(position: number, data: Uint8Array): void {
    this.#live.write(position, data);
    this.#pending.push({ type: 'write', position, data: data.slice() });
  }

  truncate(length: number): void {
    this.#live.truncate(length);
    this.#pending.push({ type: 'truncate', length });
  }

  /** All writes so far survive a crash. */
  sync(): void {
    for (const change of this.#pending) {
      if (change.type === 'write') this.#durable.write(change.position, change.data);
      else this.#durable.truncate(change.length);
    }
    this.#pending = [];
  }

  /** Each unsynced sector survives or is lost, by the seed; then the durable bytes are all there is. */
  crash(random: Random): void {
    for (const change of this.#pending) {
      if (change.type === 'truncate') {
        if (random.below(2) === 0) this.#durable.truncate(change.length);
      } else this.#tear(change.position, change.data, random);
    }
    this.#pending = [];
    this.#live = new Extent();
    this.#live.write(0, this.#durable.read(0, this.#durable.length));
  }

  #tear(position: number, data: Uint8Array, random: Random): void {
    const fate = random.below(3);
    for (let from = 0; from < data.length;) {
      const to = Math.min(data.length, from + sectorBytes - ((position + from) % sectorBytes));
      if (fate === 0 || (fate === 1 && random.below(2) === 0))
        this.#durable.write(position + from, data.subarray(from, to));
      from = to;
    }
  }
}
