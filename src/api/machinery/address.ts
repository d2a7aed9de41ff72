/** IP addresses and networks: reading, the preferred text (RFC 5952), and what kind of address one is. */

export type IpFamily = 'IPv4' | 'IPv6';
export const ipFamilies: readonly IpFamily[] = ['IPv4', 'IPv6'];

/** An address as its bits. */
export interface Address {
  readonly family: IpFamily;
  readonly bits: bigint;
}

/** An address in a network, and how many of its first bits name the network. */
export interface Network extends Address {
  readonly prefix: number;
}

/** How many bits an address has. */
export const addressBits = { IPv4: 32, IPv6: 128 } as const;

/** The family of a text that is known to be an address or a network. */
export const familyOf = (text: string): IpFamily => (text.includes(':') ? 'IPv6' : 'IPv4');
export const otherFamily = (family: IpFamily): IpFamily => (family === 'IPv4' ? 'IPv6' : 'IPv4');

/**
 * Reads an IPv4 or IPv6 address; leading zeros in IPv4 are let through, as Kubernetes still does. Undefined: not an
 * address.
 */
export function parseAddress(text: string): Address | undefined {
  if (text.includes(':')) return parseIpv6(text);
  const bits = parseIpv4(text);
  return bits === undefined ? undefined : { family: 'IPv4', bits };
}

function parseIpv4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || parts.some((part) => !/^[0-9]{1,10}$/.test(part) || Number(part) > 255)) return undefined;
  return parts.reduce((bits, part) => (bits << 8n) | BigInt(Number(part)), 0n);
}

function parseIpv6(text: string): Address | undefined {
  const bits = ipv6Bits(text);
  if (bits === undefined) return undefined;
  // An address mapped from IPv4 counts as IPv4, as in Go's net package.
  return bits >> 32n === 0xffffn ? { family: 'IPv4', bits: bits & 0xffffffffn } : { family: 'IPv6', bits };
}

function ipv6Bits(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const groups = halves.map((half) => (half === '' ? [] : groupsOf(half)));
  const [head, tail] = groups;
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  const given = head.length + (tail?.length ?? 0);
  if (halves.length === 1 ? given !== 8 : given > 7) return undefined;
  const all = [...head, ...Array<number>(8 - given).fill(0), ...(tail ?? [])];
  return all.reduce((value, group) => (value << 16n) | BigInt(group), 0n);
}

function groupsOf(text: string): number[] | undefined {
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (index === parts.length - 1 && part.includes('.')) {
      const embedded = parseIpv4(part);
      if (embedded === undefined) return undefined;
      groups.push(Number(embedded >> 16n), Number(embedded & 0xffffn));
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

/**
 * Reads an address as Go's netip does: no leading zeros, and nothing mapped from IPv4. Undefined for anything else.
 */
export function parseStrictAddress(text: string): Address | undefined {
  if (text.includes(':')) {
    const bits = text.includes('.') ? undefined : ipv6Bits(text);
    return bits === undefined ? undefined : { family: 'IPv6', bits };
  }
  return /(^|\.)0\d/.test(text) ? undefined : parseAddress(text);
}

/** The network of a CIDR; undefined when the text is none. */
export function parseCidr(text: string): Network | undefined {
  const [, address = '', prefix = ''] = /^([^/]+)\/([0-9]{1,3})$/.exec(text) ?? [];
  return networkIn(parseAddress(address), prefix);
}

/** As parseStrictAddress reads the address; the prefix without leading zeros. */
export function parseStrictCidr(text: string): Network | undefined {
  const [, address = '', prefix = ''] = /^([^/]+)\/(0|[1-9][0-9]{0,2})$/.exec(text) ?? [];
  return networkIn(parseStrictAddress(address), prefix);
}

function networkIn(address: Address | undefined, prefix: string): Network | undefined {
  if (address === undefined || Number(prefix) > addressBits[address.family]) return undefined;
  return { ...address, prefix: Number(prefix) };
}

/** The network's first address: the bits behind the prefix cleared. */
export function networkOf({ family, bits, prefix }: Network): Network {
  const rest = BigInt(addressBits[family] - prefix);
  return { family, bits: (bits >> rest) << rest, prefix };
}

/** How many addresses the network has. */
export const networkSize = ({ family, prefix }: Network): bigint => 1n << BigInt(addressBits[family] - prefix);

/** The network's address with this number; 0 is its own. */
export function addressIn(network: Network, number: bigint): string {
  const { family, bits } = networkOf(network);
  return addressText({ family, bits: bits + number });
}

/** A network in its preferred text, without bits behind the prefix. */
export const networkText = (network: Network): string => `${addressIn(network, 0n)}/${network.prefix}`;

/** Whether one of the networks holds some of the other one's addresses. */
export function networksOverlap(one: Network, other: Network): boolean {
  return holdsAddress(one.prefix < other.prefix ? one : other, one.prefix < other.prefix ? other : one);
}

/** Whether the address is one of the network's. */
export function holdsAddress(network: Network, { family, bits }: Address): boolean {
  const { prefix } = network;
  return network.family === family && networkOf({ family, bits, prefix }).bits === networkOf(network).bits;
}

/** The preferred text of an address: RFC 5952 for IPv6. */
export function addressText({ family, bits }: Address): string {
  if (family === 'IPv4') return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 255n).join('.');
  const groups = Array.from({ length: 8 }, (_, index) => Number((bits >> BigInt(112 - 16 * index)) & 0xffffn));
  const zeros = longestZeros(groups);
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':');
  return zeros === undefined
    ? hex(groups)
    : `${hex(groups.slice(0, zeros.from))}::${hex(groups.slice(zeros.from + zeros.count))}`;
}

/** The first of the longest runs of two or more zeros. */
function longestZeros(groups: readonly number[]): { readonly from: number; readonly count: number } | undefined {
  let best: { from: number; count: number } | undefined;
  for (let from = 0; from < groups.length; from++) {
    let count = 0;
    while (groups[from + count] === 0) count += 1;
    if (count > 1 && count > (best?.count ?? 0)) best = { from, count };
  }
  return best;
}

export const isUnspecified = (address: Address): boolean => address.bits === 0n;
export const isLoopback = (address: Address): boolean =>
  address.family === 'IPv4' ? address.bits >> 24n === 127n : address.bits === 1n;
export const isLinkLocal = (address: Address): boolean =>
  address.family === 'IPv4' ? address.bits >> 16n === 0xa9fen : address.bits >> 118n === 0x3fan;
export const isLinkLocalMulticast = (address: Address): boolean =>
  address.family === 'IPv4' ? address.bits >> 8n === 0xe00000n : address.bits >> 112n === 0xff02n;

const multicast = (address: Address): boolean =>
  address.family === 'IPv4' ? address.bits >> 28n === 0xen : address.bits >> 120n === 0xffn;
const broadcast = (address: Address): boolean => address.family === 'IPv4' && address.bits === 0xffffffffn;

/**
 * The text by which an address that somebody wrote is dialled; undefined for one that is no `isGlobalUnicast`. The
 * system's resolver reads a part with a leading zero as octal: `0177.0.0.1`, which is 177.0.0.1 here, would lead to
 * 127.0.0.1.
 */
export function outwardAddress(text: string): string | undefined {
  const address = isGlobalUnicast(text) ? parseAddress(text) : undefined;
  return address === undefined ? undefined : addressText(address);
}

/**
 * An address of one machine that others can reach it by: neither unspecified, loopback, link-local, multicast nor
 * broadcast.
 */
export function isGlobalUnicast(text: string): boolean {
  const address = parseAddress(text);
  return (
    address !== undefined && ![isUnspecified, isLoopback, isLinkLocal, multicast, broadcast].some((is) => is(address))
  );
}
