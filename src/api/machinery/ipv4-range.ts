/** IPv4 addresses as numbers and ranges of them, for whoever gives addresses out. */

/** The network of a CIDR. */
interface Ipv4Range {
  /** The network's own address, as a number. */
  readonly first: number;
  /** How many addresses it has. */
  readonly size: number;
  readonly prefix: number;
}

/** The number of a dotted IPv4 address; undefined for anything else. */
export function ipv4Number(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

export function ipv4Text(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

/** The range of a CIDR; undefined when it is no IPv4 network. */
export function parseIpv4Range(text: string): Ipv4Range | undefined {
  const [head = '', tail = ''] = text.split('/');
  const address = ipv4Number(head);
  const prefix = /^\d{1,2}$/.test(tail) ? Number(tail) : 33;
  if (address === undefined || prefix > 32) return undefined;
  const size = 2 ** (32 - prefix);
  return { first: address - (address % size), size, prefix };
}

export function inIpv4Range({ first, size }: Pick<Ipv4Range, 'first' | 'size'>, address: number): boolean {
  return address >= first && address < first + size;
}
