/** The IPv4 ranges that cluster addresses are given out of. */
import { type Ipv4Range, parseIpv4Range } from '../../api/index.ts';

export interface AddressRange extends Ipv4Range {
  readonly text: string;
}

/** Parses CIDR notation; undefined when it is no IPv4 network. */
export function addressRange(text: string): AddressRange | undefined {
  const range = parseIpv4Range(text);
  return range === undefined ? undefined : { ...range, text };
}

/** Whether a host of the range may have this address: the network's own and the broadcast address are not given out. */
export function isUsable(range: AddressRange, address: number): boolean {
  return address > range.first && address < range.first + range.size - 1;
}
