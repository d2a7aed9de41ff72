/**
 * The way to pods of machines behind a router: packets travel in UDP from machine to machine (VXLAN, RFC 7348), since
 * a router between them knows no route to pods.
 */
import { ipv4Number, ipv4Text, parseIpv4Range } from '../../api/index.ts';
import { fnv1a } from '../../base/index.ts';

/** How packets come to pods of other machines. */
export type NetworkMode = 'auto' | 'routes' | 'vxlan';
export const networkModes: readonly NetworkMode[] = ['auto', 'routes', 'vxlan'];

/** The kernel's default for VXLAN is 8472, which is what firewalls of clusters expect. */
const port = '8472';
/** An outer head of IPv4, UDP and VXLAN, and the inner one of Ethernet. */
const headBytes = 50;

/** One machine's end of the overlay. */
export interface OverlayEnd {
  /** The machine's address. */
  readonly address: string;
  readonly podCidr: string;
}

/** The device of a cluster: at most 15 bytes long, beside its bridge. */
export const overlayDevice = (cluster: string): string => `trpx-${hex(fnv1a(cluster), 8)}`;

/** Which packets belong to the cluster on the wire (24 bits). */
const networkId = (cluster: string): string => String((fnv1a(cluster) % (2 ** 24 - 2)) + 1);

/** The hardware address of a machine's end follows from its address, so that nobody has to ask for it. */
export function endHardwareAddress(address: string): string {
  const number = ipv4Number(address) ?? 0;
  return ['02:74', ...(hex(number, 8).match(/../g) ?? [])].join(':');
}

const hex = (number: number, digits: number): string => number.toString(16).padStart(digits, '0');

/** The end's own address: the first of its pods' range, which no pod has. */
export function endAddress(podCidr: string): string {
  return ipv4Text(parseIpv4Range(podCidr)?.first ?? 0);
}

/**
 * The commands that make this machine's end, given what the kernel shows of it (`ip -d -o link show dev <device>`, ''
 * where there is none). `mtu`: of the interface that the machine's own address is on. Pure.
 */
export function overlayDeviceChanges(
  cluster: string,
  own: OverlayEnd,
  { shown, mtu }: { readonly shown: string; readonly mtu: number },
): readonly (readonly string[])[] {
  const device = overlayDevice(cluster);
  const fits = shown.includes(` id ${networkId(cluster)} `) && shown.includes(` local ${own.address} `);
  const options = ['id', networkId(cluster), 'dstport', port, 'local', own.address, 'nolearning'];
  return [
    ...(shown === '' || fits ? [] : [['ip', 'link', 'del', device]]),
    ...(fits ? [] : [['ip', 'link', 'add', device, 'type', 'vxlan', ...options]]),
    ['ip', 'link', 'set', device, 'address', endHardwareAddress(own.address), 'mtu', String(mtu - headBytes), 'up'],
    ['ip', 'address', 'replace', `${endAddress(own.podCidr)}/32`, 'dev', device],
  ];
}

/** The commands that tell the kernel where another machine's end is. Each may be repeated. Pure. */
export function overlayPeerChanges(cluster: string, { address, podCidr }: OverlayEnd): readonly (readonly string[])[] {
  const device = overlayDevice(cluster);
  const hardware = endHardwareAddress(address);
  return [
    ['ip', 'neighbour', 'replace', endAddress(podCidr), 'lladdr', hardware, 'dev', device, 'nud', 'permanent'],
    ['bridge', 'fdb', 'replace', hardware, 'dev', device, 'dst', address, 'self', 'permanent'],
  ];
}
