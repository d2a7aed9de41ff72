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

/** A node's pods, and the machine that they run on: one end of the overlay. */
export interface PodRange {
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
 * What makes this machine's end, as lines for `ip -batch`, given what the kernel shows of it (`ip -d -o link show dev
 * <device>`, '' where there is none). `mtu`: of the interface that the machine's own address is on. Pure.
 */
export function overlayDeviceChanges(
  cluster: string,
  own: PodRange,
  { shown, mtu }: { readonly shown: string; readonly mtu: number },
): readonly string[] {
  const device = overlayDevice(cluster);
  const id = networkId(cluster);
  const fits = shown.includes(` id ${id} `) && shown.includes(` local ${own.address} `);
  return [
    ...(shown === '' || fits ? [] : [`link del ${device}`]),
    ...(fits ? [] : [`link add ${device} type vxlan id ${id} dstport ${port} local ${own.address} nolearning`]),
    `link set ${device} address ${endHardwareAddress(own.address)} mtu ${mtu - headBytes} up`,
    `address replace ${endAddress(own.podCidr)}/32 dev ${device}`,
  ];
}

/**
 * What tells the kernel where the other machines' ends are: lines for `ip -batch` and for `bridge -batch`. Each may be
 * repeated. Pure.
 */
export function overlayPeerChanges(
  cluster: string,
  peers: readonly PodRange[],
): { readonly ip: readonly string[]; readonly bridge: readonly string[] } {
  const device = overlayDevice(cluster);
  return {
    ip: peers.map(
      ({ address, podCidr }) =>
        `neighbour replace ${endAddress(podCidr)} lladdr ${endHardwareAddress(address)} dev ${device} nud permanent`,
    ),
    bridge: peers.map(
      ({ address }) => `fdb replace ${endHardwareAddress(address)} dev ${device} dst ${address} self permanent`,
    ),
  };
}
