import { parseAddress, parseCidr } from '../../api/index.ts';

/** Whether an address lies in the network; false when either text is none. */
export function lies(address: string, cidr: string): boolean {
  const host = parseAddress(address);
  const network = parseCidr(cidr);
  if (host === undefined || network?.family !== host.family) return false;
  const hostBits = BigInt((host.family === 'IPv4' ? 32 : 128) - network.prefix);
  return host.bits >> hostBits === network.bits >> hostBits;
}

/** Whether one of the addresses would belong to no range if `cidrs` went: it lies there, and in none of `others`. */
export function isStranded(addresses: readonly string[], cidrs: readonly string[], others: readonly string[]): boolean {
  return addresses.some(
    (address) => cidrs.some((cidr) => lies(address, cidr)) && !others.some((cidr) => lies(address, cidr)),
  );
}
