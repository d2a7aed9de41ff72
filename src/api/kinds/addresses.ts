/** Validates IP addresses and CIDR ranges in the words of Kubernetes. */

import {
  type Address,
  addressText,
  type FieldError,
  invalid,
  isLinkLocal,
  isLinkLocalMulticast,
  isLoopback,
  isUnspecified,
  type Network,
  networkOf,
  parseAddress,
  parseCidr,
} from '../machinery/index.ts';

export function addressErrors(path: string, text: string): FieldError[] {
  return parseAddress(text) === undefined
    ? [invalid(path, text, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')]
    : [];
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

/** Errors of an address that traffic cannot be sent to from elsewhere. */
export function specialAddressErrors(path: string, text: string): FieldError[] {
  const address = parseAddress(text);
  if (address === undefined) return [invalid(path, text, 'must be a valid IP address')];
  const errors: FieldError[] = [];
  if (isUnspecified(address)) errors.push(invalid(path, text, `may not be unspecified (${text})`));
  if (isLoopback(address)) errors.push(invalid(path, text, 'may not be in the loopback range (127.0.0.0/8, ::1/128)'));
  if (isLinkLocal(address))
    errors.push(invalid(path, text, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'));
  if (isLinkLocalMulticast(address))
    errors.push(invalid(path, text, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'));
  return errors;
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
      `${path}: non-standard IP address ${JSON.stringify(text)} will be considered invalid in a future ` +
        `Kubernetes release: use ${preferred}`,
    ];
  if (address.family === 'IPv4' || JSON.stringify(text) === preferred) return [];
  return [`${path}: IPv6 address ${JSON.stringify(text)} should be in RFC 5952 canonical format (${preferred})`];
}

/** Network and prefix of a CIDR, the network's bits beyond the prefix cut off. */
function networkText(cidr: Network, mapped: boolean): string {
  const prefix = mapped ? Math.max(0, cidr.prefix - 96) : cidr.prefix;
  return `${addressText(networkOf({ ...cidr, prefix }))}/${prefix}`;
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
      `${path}: non-standard CIDR value ${quoted} will be considered invalid in a future Kubernetes release: ` +
        `use ${JSON.stringify(network)}`,
    );
  }
  if (warnings.length > 0 || cidr.family === 'IPv4' || text === network) return warnings;
  return [`${path}: IPv6 CIDR value ${quoted} should be in RFC 5952 canonical format (${JSON.stringify(network)})`];
}
