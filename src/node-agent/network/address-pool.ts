/** Gives out the addresses of a node's pod ranges. */
import { addressIn, type Network, networkOf, networkSize, parseAddress, parseCidr } from '../../api/index.ts';

/** Of a large range only so many addresses are used. */
const addressesMax = 2 ** 24;

/**
 * The addresses of one node's pods: one of each of its ranges. Several agents can share one bridge, each in its own
 * ranges. An address that was given back is used again as late as possible, since others may still remember it.
 */
export class AddressPool {
  readonly #ranges: readonly RangePool[];

  constructor(podCidrs: readonly string[]) {
    this.#ranges = podCidrs.map((podCidr) => new RangePool(podCidr));
  }

  /**
   * The owner's addresses in the order of the ranges; the same at each call until released. Undefined when a range has
   * none that is free.
   */
  acquire(owner: string): readonly string[] | undefined {
    const addresses = this.#ranges.flatMap((range) => range.acquire(owner) ?? []);
    if (addresses.length === this.#ranges.length) return addresses;
    this.release(owner);
    return undefined;
  }

  /** Addresses that a running sandbox has already. */
  reserve(owner: string, addresses: readonly string[]): void {
    for (const text of addresses) {
      const address = parseAddress(text);
      if (address === undefined) continue;
      for (const range of this.#ranges) if (range.network.family === address.family) range.reserve(owner, address.bits);
    }
  }

  release(owner: string): void {
    for (const range of this.#ranges) range.release(owner);
  }
}

/** Numbers of addresses within one range. */
class RangePool {
  readonly network: Network;
  readonly #count: number;
  readonly #byOwner = new Map<string, number>();
  readonly #taken = new Set<number>();
  #next = 0;

  constructor(podCidr: string) {
    const network = parseCidr(podCidr);
    const size = network === undefined ? 0n : networkSize(network);
    if (network === undefined || size < 4n) throw new RangeError(`${podCidr} is no usable range for pods`);
    this.network = network;
    // The network's and the bridge's own addresses, and the last one (broadcast), are never given out.
    this.#count = size - 3n > addressesMax ? addressesMax : Number(size - 3n);
  }

  acquire(owner: string): string | undefined {
    const known = this.#byOwner.get(owner);
    if (known !== undefined) return this.#text(known);
    for (let tries = 0; tries < this.#count; tries++) {
      const number = this.#next;
      this.#next = (this.#next + 1) % this.#count;
      if (this.#taken.has(number)) continue;
      this.#take(owner, number);
      return this.#text(number);
    }
    return undefined;
  }

  /** One outside of the range is the owner's, too, and nobody else's. */
  reserve(owner: string, bits: bigint): void {
    const number = Number(bits - networkOf(this.network).bits - 2n);
    this.#take(owner, number);
    if (number >= 0 && number < this.#count) this.#next = (number + 1) % this.#count;
  }

  release(owner: string): void {
    const number = this.#byOwner.get(owner);
    if (number === undefined) return;
    this.#byOwner.delete(owner);
    this.#taken.delete(number);
  }

  #text(number: number): string {
    return addressIn(this.network, BigInt(number) + 2n);
  }

  #take(owner: string, number: number): void {
    this.#byOwner.set(owner, number);
    this.#taken.add(number);
  }
}
