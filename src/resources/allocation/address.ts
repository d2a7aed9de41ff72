/** An IPv4 network. */
export interface AddressRange {
  readonly first: number;
  readonly size: number;
  readonly text: string;
}

/** The number of a dotted IPv4 address; undefined for anything else. */
export function addressNumber(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

export function addressText(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

/** Parses CIDR notation; undefined when it is no IPv4 network. */
export function addressRange(text: string): AddressRange | undefined {
  const [address = '', bits = ''] = text.split('/');
  const base = addressNumber(address);
  if (base === undefined || !/^\d{1,2}$/.test(bits) || Number(bits) > 32) return undefined;
  const size = 2 ** (32 - Number(bits));
  return { first: base - (base % size), size, text };
}

/** Whether a host of the range may have this address: the network's own and the broadcast address are not given out. */
export function isUsable(range: AddressRange, address: number): boolean {
  return address > range.first && address < range.first + range.size - 1;
}
