/** The ranges that cluster addresses are given out of. */
import {
  type Address,
  addressIn,
  holdsAddress,
  type IpFamily,
  type Network,
  networkOf,
  networkSize,
  parseCidr,
} from '../../api/index.ts';

export interface AddressRange {
  readonly text: string;
  readonly family: IpFamily;
  readonly network: Network;
  /** How many addresses a Service may have: number 1 and on. */
  readonly usable: bigint;
}

/** Parses CIDR notation; undefined when it is no network. */
export function addressRange(text: string): AddressRange | undefined {
  const network = parseCidr(text);
  if (network === undefined) return undefined;
  // The network's own address is not given out, nor is the broadcast address, which IPv6 does not have.
  const notGiven = network.family === 'IPv4' ? 2n : 1n;
  return { text, family: network.family, network, usable: networkSize(network) - notGiven };
}

/** Whether a Service may have this address of the range. */
export function isUsable({ network, usable }: AddressRange, address: Address): boolean {
  const number = address.bits - networkOf(network).bits;
  return holdsAddress(network, address) && number > 0n && number <= usable;
}

/** The range's address of this number. */
export const addressOf = ({ network }: AddressRange, number: number): string => addressIn(network, BigInt(number));
