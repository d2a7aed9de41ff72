/** Gives out the addresses of a node's pod range. */
import { ipv4Number, ipv4Text, parseIpv4Range } from '../../api/index.ts';

/**
 * The addresses of one node's pods. Several agents can share one bridge, each in its own range. An address that was
 * given back is used again as late as possible, since others may still remember it.
 */
export class AddressPool {
  readonly #first: number;
  readonly #count: number;
  readonly #byOwner = new Map<string, number>();
  readonly #taken = new Set<number>();
  #next = 0;

  constructor(podCidr: string) {
    const cidr = parseIpv4Range(podCidr);
    if (cidr === undefined || cidr.prefix > 30) throw new RangeError(`${podCidr} is no usable IPv4 range for pods`);
    // The network's and the bridge's own addresses, and the broadcast address, are never given out.
    this.#first = cidr.first + 2;
    this.#count = cidr.size - 3;
  }

  /** The owner's address; the same at each call until released. Undefined when none is free. */
  acquire(owner: string): string | undefined {
    const known = this.#byOwner.get(owner);
    if (known !== undefined) return ipv4Text(known);
    for (let tries = 0; tries < this.#count; tries++) {
      const address = this.#first + this.#next;
      this.#next = (this.#next + 1) % this.#count;
      if (this.#taken.has(address)) continue;
      this.#take(owner, address);
      return ipv4Text(address);
    }
    return undefined;
  }

  /** An address that a running sandbox has already. */
  reserve(owner: string, address: string): void {
    const number = ipv4Number(address);
    if (number === undefined) return;
    this.#take(owner, number);
    if (number >= this.#first && number < this.#first + this.#count)
      this.#next = (number - this.#first + 1) % this.#count;
  }

  release(owner: string): void {
    const address = this.#byOwner.get(owner);
    if (address === undefined) return;
    this.#byOwner.delete(owner);
    this.#taken.delete(address);
  }

  #take(owner: string, address: number): void {
    this.#byOwner.set(owner, address);
    this.#taken.add(address);
  }
}
