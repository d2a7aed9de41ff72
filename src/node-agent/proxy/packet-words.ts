/** The packet filter's words for the two families of addresses: each has a table of its own. */
import { addressText, type IpFamily, networkText, parseAddress, parseCidr } from '../../api/index.ts';

export interface PacketWords {
  /** The family of the table, and of the header whose addresses its rules match. */
  readonly ip: 'ip' | 'ip6';
  /** The type of an address in a set. */
  readonly address: 'ipv4_addr' | 'ipv6_addr';
  readonly loopback: string;
  /** A host port's `hostIP` that stands for all addresses. */
  readonly anyAddress: string;
  /** Rules that let through how neighbours find each other: connection tracking does not know it. */
  readonly discovery: readonly string[];
  /** Addresses that only the link knows: pods have none of IPv4. */
  readonly linkLocal?: string | undefined;
}

export const packetWords: Readonly<Record<IpFamily, PacketWords>> = {
  IPv4: { ip: 'ip', address: 'ipv4_addr', loopback: '127.0.0.0/8', anyAddress: '0.0.0.0', discovery: [] },
  IPv6: {
    ip: 'ip6',
    address: 'ipv6_addr',
    loopback: '::1',
    anyAddress: '::',
    discovery: ['icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept'],
    linkLocal: 'fe80::/10',
  },
};

/** An address as a part of a chain's name. */
export const nameOfAddress = (address: string): string => address.replace(/[.:]/g, '_');

/** What most addresses look like; the rest is read with more care. */
const plainAddress = /^(?:(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])(?:\.(?!$)|$)){4}$/;

/**
 * An address as the packet filter is told it; undefined: it is none of the family. The API lets leading zeros through,
 * which the filter takes for octal digits or refuses with all of its rules, and an IPv6 address has many texts.
 */
export function filterAddress(text: string, family: IpFamily): string | undefined {
  if (family === 'IPv4' && plainAddress.test(text)) return text;
  const address = parseAddress(text);
  return address?.family === family ? addressText(address) : undefined;
}

/** A block of addresses, in the same way. */
export function filterBlock(text: string, family: IpFamily): string | undefined {
  const network = parseCidr(text);
  return network?.family === family ? networkText(network) : undefined;
}
