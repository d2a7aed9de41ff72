/** Validates IP addresses and CIDR ranges in the words of Kubernetes. */

import { type FieldError, invalid } from '../machinery/index.ts';

/** An address as its bits. */
export interface Address {
  readonly family: 'IPv4' | 'IPv6';
  readonly bits: bigint;
}

/**
 * Reads an IPv4 or IPv6 address; leading zeros in IPv4 are let through, as upstream still does. Undefined: not an
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
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const groups = halves.map((half) => (half === '' ? [] : groupsOf(half)));
  const [head, tail] = groups;
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  const given = head.length + (tail?.length ?? 0);
  if (halves.length === 1 ? given !== 8 : given > 7) return undefined;
  const all = [...head, ...Array<number>(8 - given).fill(0), ...(tail ?? [])];
  const bits = all.reduce((value, group) => (value << 16n) | BigInt(group), 0n);
  // An address mapped from IPv4 counts as IPv4, as in Go's net package.
  return bits >> 32n === 0xffffn ? { family: 'IPv4', bits: bits & 0xffffffffn } : { family: 'IPv6', bits };
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

export function addressErrors(path: string, text: string): FieldError[] {
  return parseAddress(text) === undefined
    ? [invalid(path, text, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')]
    : [];
}

/** The network of a CIDR; undefined when the text is none. */
export function parseCidr(text: string): (Address & { readonly prefix: number }) | undefined {
  const parts = /^([^/]+)\/([0-9]{1,3})$/.exec(text);
  const address = parseAddress(parts?.[1] ?? '');
  const prefix = Number(parts?.[2]);
  if (address === undefined || prefix > (address.family === 'IPv4' ? 32 : 128)) return undefined;
  return { ...address, prefix };
}

export function cidrErrors(path: string, text: string): FieldError[] {
  return parseCidr(text) === undefined
    ? [invalid(path, text, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')]
    : [];
}

/** Two addresses or networks of different families; more than one of a family is not dual stack. */
export function isDualStack(
  texts: readonly string[],
  parse: (text: string) => Address | undefined = parseAddress,
): boolean {
  const families = new Set(texts.map((text) => parse(text)?.family));
  return families.has('IPv4') && families.has('IPv6');
}

const unspecified = (address: Address): boolean => address.bits === 0n;
const loopback = (address: Address): boolean =>
  address.family === 'IPv4' ? address.bits >> 24n === 127n : address.bits === 1n;
const linkLocal = (address: Address): boolean =>
  address.family === 'IPv4' ? address.bits >> 16n === 0xa9fen : address.bits >> 118n === 0x3fan;
const linkLocalMulticast = (address: Address): boolean =>
  address.family === 'IPv4' ? address.bits >> 8n === 0xe00000n : address.bits >> 112n === 0xff02n;

const multicast = (address: Address): boolean =>
  address.family === 'IPv4' ? address.bits >> 28n === 0xen : address.bits >> 120n === 0xffn;
const broadcast = (address: Address): boolean => address.family === 'IPv4' && address.bits === 0xffffffffn;

/**
 * An address of one machine that others can reach it by: neither unspecified, loopback, link-local, multicast nor
 * broadcast.
 */
export function isGlobalUnicast(text: string): boolean {
  const address = parseAddress(text);
  return address !== undefined && ![unspecified, loopback, linkLocal, multicast, broadcast].some((is) => is(address));
}

/** Errors of an address that traffic cannot be sent to from elsewhere. */
export function specialAddressErrors(path: string, text: string): FieldError[] {
  const address = parseAddress(text);
  if (address === undefined) return [invalid(path, text, 'must be a valid IP address')];
  const errors: FieldError[] = [];
  if (unspecified(address)) errors.push(invalid(path, text, `may not be unspecified (${text})`));
  if (loopback(address)) errors.push(invalid(path, text, 'may not be in the loopback range (127.0.0.0/8, ::1/128)'));
  if (linkLocal(address))
    errors.push(invalid(path, text, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'));
  if (linkLocalMulticast(address))
    errors.push(invalid(path, text, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'));
  return errors;
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

const leadingZero = (text: string): boolean =>
  !text.includes(':') && text.split('.').some((part) => part.length > 1 && part.startsWith('0'));
const isMapped = (text: string, address: Address): boolean => address.family === 'IPv4' && text.includes(':');

/** Errors of an address in a field that takes only the preferred form. */
export function canonicalAddressErrors(path: string, text: string): FieldError[] {
  const address = parseAddress(text);
  if (address === undefined) return addressErrors(path, text);
  if (leadingZero(text)) return [invalid(path, text, 'must not have leading 0s')];
  if (isMapped(text, address)) return [invalid(path, text, 'must not be an IPv4-mapped IPv6 address')];
  const preferred = addressText(address);
  return text === preferred ? [] : [invalid(path, text, `must be in canonical form (${JSON.stringify(preferred)})`)];
}

/** Warnings about an address that is let through though it is not in the preferred form. */
export function addressWarnings(path: string, text: string): string[] {
  const address = parseAddress(text);
  if (address === undefined) return [];
  const preferred = JSON.stringify(addressText(address));
  if (leadingZero(text) || isMapped(text, address))
    return [
      `${path}: non-standard IP address ${JSON.stringify(text)} will be considered invalid in a future Kubernetes release: use ${preferred}`,
    ];
  if (address.family === 'IPv4' || JSON.stringify(text) === preferred) return [];
  return [`${path}: IPv6 address ${JSON.stringify(text)} should be in RFC 5952 canonical format (${preferred})`];
}

/** Network and prefix of a CIDR, the network's bits beyond the prefix cut off. */
function networkText(cidr: Address & { readonly prefix: number }, mapped: boolean): string {
  const width = cidr.family === 'IPv4' ? 32 : 128;
  const prefix = mapped ? Math.max(0, cidr.prefix - 96) : cidr.prefix;
  const hostBits = BigInt(width - Math.min(prefix, width));
  return `${addressText({ family: cidr.family, bits: (cidr.bits >> hostBits) << hostBits })}/${prefix}`;
}

/** Errors of a CIDR in a field that takes only the preferred form. */
export function canonicalCidrErrors(path: string, text: string): FieldError[] {
  const cidr = parseCidr(text);
  if (cidr === undefined) return cidrErrors(path, text);
  const [address = '', prefix = ''] = text.split('/');
  if (leadingZero(address) || (prefix.length > 1 && prefix.startsWith('0')))
    return [invalid(path, text, 'must not have leading 0s in IP or prefix length')];
  if (isMapped(address, cidr)) return [invalid(path, text, 'must not be an IPv4-mapped IPv6 address')];
  const network = networkText(cidr, false);
  if (network !== `${addressText(cidr)}/${cidr.prefix}`)
    return [invalid(path, text, 'must not have bits set beyond the prefix length')];
  return text === network ? [] : [invalid(path, text, `must be in canonical form (${JSON.stringify(network)})`)];
}

/** Warnings about a CIDR that is let through though it is not in the preferred form. */
export function cidrWarnings(path: string, text: string): string[] {
  const cidr = parseCidr(text);
  if (cidr === undefined) return [];
  const [address = '', prefix = ''] = text.split('/');
  const mapped = isMapped(address, cidr);
  const network = networkText(cidr, mapped);
  const own = addressText(cidr);
  const warnings: string[] = [];
  const quoted = JSON.stringify(text);
  if (!network.startsWith(`${own}/`)) {
    const single = JSON.stringify(`${own}/${cidr.family === 'IPv4' ? 32 : 128}`);
    warnings.push(
      `${path}: CIDR value ${quoted} is ambiguous in this context (should be ${JSON.stringify(network)} or ${single}?)`,
    );
  }
  if (leadingZero(address) || mapped || (prefix.length > 1 && prefix.startsWith('0'))) {
    warnings.push(
      `${path}: non-standard CIDR value ${quoted} will be considered invalid in a future Kubernetes release: use ${JSON.stringify(network)}`,
    );
  }
  if (warnings.length > 0 || cidr.family === 'IPv4' || text === network) return warnings;
  return [`${path}: IPv6 CIDR value ${quoted} should be in RFC 5952 canonical format (${JSON.stringify(network)})`];
}
