/** IP addresses and networks as bits, parsed and printed as Go's netip does. */

/** An IP address as its bits. */
export interface Address {
  readonly family: 4 | 6;
  readonly bits: bigint;
}

const lengthOf = { 4: 32, 6: 128 } as const;

/** Reads an address as Go's netip does: no leading zeros, no zone. Undefined for anything else. */
export function parseAddress(text: string): Address | undefined {
  return text.includes(':') ? parseV6(text) : parseV4(text);
}

function parseV4(text: string): Address | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    return undefined;
  return { family: 4, bits: parts.reduce((bits, part) => (bits << 8n) | BigInt(part), 0n) };
}

function parseV6(text: string): Address | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const groupsOf = (half: string | undefined): string[] => (half === undefined || half === '' ? [] : half.split(':'));
  const head = groupsOf(halves[0]);
  const tail = groupsOf(halves[1]);
  if (![...head, ...tail].every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...tail];
  return { family: 6, bits: groups.reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n) };
}

export function addressText({ family, bits }: Address): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 255n).join('.');
  const groups = Array.from({ length: 8 }, (_, index) => ((bits >> BigInt(112 - index * 16)) & 0xffffn).toString(16));
  const runs = [...groups.join(':').matchAll(/(^|:)0(:0)+(?=:|$)/g)].sort(
    (left, right) => right[0].length - left[0].length,
  );
  const [longest] = runs;
  if (longest === undefined) return groups.join(':');
  const text = groups.join(':');
  const [before, after] = [text.slice(0, longest.index), text.slice(longest.index + longest[0].length)];
  return `${before}::${after.replace(/^:/, '')}`;
}

/** The address with all bits behind the prefix cleared. */
export function masked({ family, bits }: Address, prefix: number): Address {
  const rest = BigInt(lengthOf[family] - prefix);
  return { family, bits: (bits >> rest) << rest };
}

/** An address and how many of its first bits name the network. */
export interface Network {
  readonly address: Address;
  readonly prefix: number;
}

export function parseNetwork(text: string): Network | undefined {
  const [first = '', bits = '', more] = text.split('/');
  const address = parseAddress(first);
  if (
    address === undefined ||
    more !== undefined ||
    !/^(0|[1-9]\d{0,2})$/.test(bits) ||
    Number(bits) > lengthOf[address.family]
  )
    return undefined;
  return { address, prefix: Number(bits) };
}

export function holds(network: Network, address: Address): boolean {
  return (
    network.address.family === address.family &&
    masked(address, network.prefix).bits === masked(network.address, network.prefix).bits
  );
}
