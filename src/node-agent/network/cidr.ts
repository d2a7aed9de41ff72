/** An IPv4 range. */
export interface Cidr {
  /** The first address, as a number. */
  readonly base: number;
  readonly bits: number;
}

/** Undefined for what is not an IPv4 address. */
export function parseAddress(text: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  const bytes = match.slice(1).map(Number);
  return bytes.some((byte) => byte > 255) ? undefined : bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

export function addressText(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

export function parseCidr(text: string): Cidr | undefined {
  const [head = '', tail = ''] = text.split('/');
  const address = parseAddress(head);
  const bits = /^\d{1,2}$/.test(tail) ? Number(tail) : -1;
  if (address === undefined || bits < 0 || bits > 32) return undefined;
  const size = 2 ** (32 - bits);
  return { base: Math.floor(address / size) * size, bits };
}

export const cidrSize = (cidr: Cidr): number => 2 ** (32 - cidr.bits);
export const contains = (cidr: Cidr, address: number): boolean =>
  address >= cidr.base && address < cidr.base + cidrSize(cidr);

/** The bridge's own address: the first of the cluster's range. */
export function gatewayOf(clusterCidr: string): string {
  return addressText((parseCidr(clusterCidr)?.base ?? 0) + 1);
}
