/** The functions of Kubernetes' CEL library on IP addresses and CIDR networks. */

import {
  type Address,
  addressText,
  holdsAddress,
  type Network,
  networkOf,
  parseStrictAddress,
  parseStrictCidr,
} from '../machinery/index.ts';
import { type CelEnvironment, ownFunction } from './environment.ts';

class AddressValue {
  readonly address: Address;

  constructor(address: Address) {
    this.address = address;
  }

  equals(other: unknown): boolean {
    return (
      other instanceof AddressValue &&
      this.address.family === other.address.family &&
      this.address.bits === other.address.bits
    );
  }
}

class NetworkValue {
  readonly network: Network;

  constructor(network: Network) {
    this.network = network;
  }

  equals(other: unknown): boolean {
    return other instanceof NetworkValue && networkText(this.network) === networkText(other.network);
  }
}

const addressIn = ({ family, bits }: Network): Address => ({ family, bits });
const networkText = (network: Network): string => `${addressText(network)}/${network.prefix}`;

function readAddress(text: string): AddressValue {
  const address = parseStrictAddress(text);
  if (address === undefined && text.includes('%') && parseStrictAddress(text.replace(/%.*$/, '')) !== undefined)
    throw new Error(`IP address ${JSON.stringify(text)} with zone value is not allowed`);
  if (address === undefined && /^(0*:)*:?ffff:[\d.]+$/i.test(text))
    throw new Error(`IPv4-mapped IPv6 address ${JSON.stringify(text)} is not allowed`);
  if (address === undefined)
    throw new Error(
      `IP Address ${JSON.stringify(text)} parse error during conversion from string: ` +
        `ParseAddr(${JSON.stringify(text)}): unable to parse IP`,
    );
  return new AddressValue(address);
}

function readNetwork(text: string): NetworkValue {
  const network = parseStrictCidr(text);
  if (network === undefined)
    throw new Error(
      `network address parse error during conversion from string: netip.ParsePrefix(${JSON.stringify(text)}): ` +
        networkProblem(text),
    );
  return new NetworkValue(network);
}

function networkProblem(text: string): string {
  const slash = text.lastIndexOf('/');
  if (slash < 0) return "no '/'";
  const [address, bits] = [text.slice(0, slash), text.slice(slash + 1)];
  if (parseStrictAddress(address) === undefined) return `ParseAddr(${JSON.stringify(address)}): unable to parse IP`;
  return /^(0|[1-9]\d{0,2})$/.test(bits)
    ? 'prefix length out of range'
    : `bad bits after slash: ${JSON.stringify(bits)}`;
}

const inNetwork = (text: string) => {
  const network = readNetwork(text).network;
  return ({ address }: AddressValue): boolean => holdsAddress(network, address);
};
const anyOf =
  (...tests: readonly ((value: AddressValue) => boolean)[]) =>
  (value: AddressValue): boolean =>
    tests.some((test) => test(value));

/** Gives `ip.isCanonical` a receiver. */
class AddressFunctions {}

const address = 'net.IP';
const network = 'net.CIDR';

/** Functions of IP addresses and networks. */
export function registerAddressFunctions(environment: CelEnvironment): void {
  environment
    .registerType(address, AddressValue)
    .registerType(network, NetworkValue)
    .registerFunction(`ip(string): ${address}`, readAddress)
    .registerFunction('isIP(string): bool', (text: string) => parseStrictAddress(text) !== undefined)
    .registerType('kubernetes.Addresses', AddressFunctions)
    .registerConstant('ip', 'kubernetes.Addresses', new AddressFunctions())
    .registerFunction(
      'kubernetes.Addresses.isCanonical(string): bool',
      (_functions: unknown, text: string) => addressText(readAddress(text).address) === text,
    )
    .registerFunction(`${address}.family(): int`, (value: AddressValue) => (value.address.family === 'IPv4' ? 4n : 6n))
    .registerFunction(`${address}.isUnspecified(): bool`, (value: AddressValue) => value.address.bits === 0n)
    .registerFunction(`${address}.isLoopback(): bool`, anyOf(inNetwork('127.0.0.0/8'), inNetwork('::1/128')))
    .registerFunction(
      `${address}.isLinkLocalUnicast(): bool`,
      anyOf(inNetwork('169.254.0.0/16'), inNetwork('fe80::/10')),
    )
    .registerFunction(
      `${address}.isLinkLocalMulticast(): bool`,
      anyOf(inNetwork('224.0.0.0/24'), inNetwork('ff02::/16')),
    )
    .registerFunction(
      `${address}.isGlobalUnicast(): bool`,
      (value: AddressValue) =>
        value.address.bits !== 0n &&
        !anyOf(
          inNetwork('127.0.0.0/8'),
          inNetwork('::1/128'),
          inNetwork('224.0.0.0/4'),
          inNetwork('ff00::/8'),
          inNetwork('169.254.0.0/16'),
          inNetwork('fe80::/10'),
          inNetwork('255.255.255.255/32'),
        )(value),
    )
    .registerFunction(`${ownFunction('string')}(${address}): string`, (value: AddressValue) =>
      addressText(value.address),
    )
    .registerFunction(`cidr(string): ${network}`, readNetwork)
    .registerFunction('isCIDR(string): bool', (text: string) => parseStrictCidr(text) !== undefined)
    .registerFunction(`${network}.containsIP(string): bool`, (value: NetworkValue, text: string) =>
      holdsAddress(value.network, readAddress(text).address),
    )
    .registerFunction(`${network}.containsIP(${address}): bool`, (value: NetworkValue, one: AddressValue) =>
      holdsAddress(value.network, one.address),
    )
    .registerFunction(`${network}.containsCIDR(string): bool`, (value: NetworkValue, text: string) =>
      contains(value.network, readNetwork(text).network),
    )
    .registerFunction(`${network}.containsCIDR(${network}): bool`, (value: NetworkValue, other: NetworkValue) =>
      contains(value.network, other.network),
    )
    .registerFunction(
      `${network}.ip(): ${address}`,
      (value: NetworkValue) => new AddressValue(addressIn(value.network)),
    )
    .registerFunction(`${network}.prefixLength(): int`, (value: NetworkValue) => BigInt(value.network.prefix))
    .registerFunction(
      `${network}.masked(): ${network}`,
      ({ network: own }: NetworkValue) => new NetworkValue(networkOf(own)),
    )
    .registerFunction(`${ownFunction('string')}(${network}): string`, (value: NetworkValue) =>
      networkText(value.network),
    )
    .registerOperator(`${address} == ${address}`, (left: AddressValue, right: AddressValue) => left.equals(right))
    .registerOperator(`${network} == ${network}`, (left: NetworkValue, right: NetworkValue) => left.equals(right));
}

function contains(outer: Network, inner: Network): boolean {
  return outer.prefix <= inner.prefix && holdsAddress(outer, inner);
}
