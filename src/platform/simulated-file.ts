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

/** What the device does with a write that it has confirmed: it forgets it, writes it elsewhere, or there as well. */
export type WriteFault = 'lost' | 'misdirected' | 'duplicated';

type Pending =
  | { readonly type: 'write'; readonly position: number; readonly data: Uint8Array; readonly fault?: Fault | undefined }
  | { readonly type: 'truncate'; readonly length: number };

interface Fault {
  readonly type: WriteFault;
  /** Where it lands in place of, or beside, its own position. */
  readonly elsewhere: number;
}

/** Where the device really puts a write. */
function landings(position: number, fault: Fault | undefined): readonly number[] {
  if (fault === undefined) return [position];
  if (fault.type === 'lost') return [];
  return fault.type === 'misdirected' ? [fault.elsewhere] : [position, fault.elsewhere];
}

/**
 * The content of one simulated file: what readers see (the page cache), and what a crash would leave (the device). What
 * the device lost or put elsewhere shows only after a crash.
 */
export class SimulatedContent {
  #live = new Extent();
  readonly #durable = new Extent();
  #pending: Pending[] = [];
  /** Sectors that the device cannot read until they are written again. */
  readonly #unreadable = new Set<number>();

  get length(): number {
    return this.#live.length;
  }

  read(position: number, length: number): Uint8Array {
    return this.#live.read(position, length);
  }

  /** Whether a sector of this range cannot be read. */
  isUnreadable(position: number, length: number): boolean {
    if (this.#unreadable.size === 0) return false;
    const end = Math.min(position + length, this.#live.length);
    for (let sector = Math.floor(position / sectorBytes); sector * sectorBytes < end; sector++)
      if (this.#unreadable.has(sector)) return true;
    return false;
  }

  /** The sector at this position cannot be read until it is written again. */
  spoil(position: number): void {
    this.#unreadable.add(Math.floor(position / sectorBytes));
  }

  write(position: number, data: Uint8Array, fault?: Fault): void {
    this.#live.write(position, data);
    this.#pending.push({ type: 'write', position, data: data.slice(), fault });
    for (let at = position; at < position + data.length; at += sectorBytes)
      this.#unreadable.delete(Math.floor(at / sectorBytes));
  }

  truncate(length: number): void {
    this.#live.truncate(length);
    this.#pending.push({ type: 'truncate', length });
  }

  /** All writes so far survive a crash. */
  sync(): void {
    for (const change of this.#pending) {
      if (change.type === 'truncate') this.#durable.truncate(change.length);
      else for (const at of landings(change.position, change.fault)) this.#durable.write(at, change.data);
    }
    this.#pending = [];
  }

  /**
   * A sync failed, as on Linux (Rebello et al., "Can Applications Recover from fsync Failures?", ATC 2020): the pages
   * count as clean, readers still see them, and no later sync writes them.
   */
  failSync(): void {
    this.#pending = [];
  }

  /** Each unsynced sector survives or is lost, by the seed; then the durable bytes are all there is. */
  crash(random: Random): void {
    for (const change of this.#pending) {
      if (change.type === 'truncate') {
        if (random.below(2) === 0) this.#durable.truncate(change.length);
      } else if (change.fault === undefined) this.#tear(change.position, change.data, random);
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
