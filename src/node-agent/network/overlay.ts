/**
 * The way to pods of machines behind a router: packets travel in UDP from machine to machine (VXLAN, RFC 7348), since
 * a router between them knows no route to pods.
 */
import { addressBits, addressIn, familyOf, networkSize, parseAddress } from '../../api/index.ts';
import { fnv1a } from '../../base/index.ts';
import { rangeOf } from './family-network.ts';

/** How packets come to pods of other machines. */
export type NetworkMode = 'auto' | 'routes' | 'vxlan';
export const networkModes: readonly NetworkMode[] = ['auto', 'routes', 'vxlan'];

/** The kernel's default for VXLAN is 8472, which is what firewalls of clusters expect. */
const port = '8472';
/** An outer head of IP, UDP and VXLAN, and the inner one of Ethernet. */
const headBytes = { IPv4: 50, IPv6: 70 } as const;

/** One end of the overlay: the pods of a node, and the machine that they run on. */
export interface MachinePods {
  /** The machine's address, of its first family: packets of both families travel between those. */
  readonly address: string;
  /** The ranges of its pods, one for each family. */
  readonly podCidrs: readonly string[];
}

/** The device of a cluster: at most 15 bytes long, beside its bridge. */
export const overlayDevice = (cluster: string): string => `trpx-${hex(fnv1a(cluster), 8)}`;

/** Which packets belong to the cluster on the wire (24 bits). */
const networkId = (cluster: string): string => String((fnv1a(cluster) % (2 ** 24 - 2)) + 1);

/** The hardware address of a machine's end follows from its address, so that nobody has to ask for it. */
export function endHardwareAddress(address: string): string {
  const number = familyOf(address) === 'IPv4' ? Number(parseAddress(address)?.bits ?? 0n) : fnv1a(address);
  return ['02:74', ...(hex(number, 8).match(/../g) ?? [])].join(':');
}

const hex = (number: number, digits: number): string => number.toString(16).padStart(digits, '0');

/**
 * The end's own address, which no pod has: the first of its pods' range; of IPv6, where that one stands for any router,
 * the last.
 */
export function endAddress(podCidr: string): string {
  const range = rangeOf(podCidr);
  return addressIn(range, range.family === 'IPv4' ? 0n : networkSize(range) - 1n);
}

/**
 * What makes this machine's end, as lines for `ip -batch`, given what the kernel shows of it (`ip -d -o link show dev
 * <device>`, '' where there is none). `mtu`: of the interface that the machine's own address is on. Pure.
 */
export function overlayDeviceChanges(
  cluster: string,
  own: MachinePods,
  { shown, mtu }: { readonly shown: string; readonly mtu: number },
): readonly string[] {
  const device = overlayDevice(cluster);
  const id = networkId(cluster);
  const fits = shown.includes(` id ${id} `) && shown.includes(` local ${own.address} `);
  return [
    ...(shown === '' || fits ? [] : [`link del ${device}`]),
    ...(fits ? [] : [`link add ${device} type vxlan id ${id} dstport ${port} local ${own.address} nolearning`]),
    `link set ${device} address ${endHardwareAddress(own.address)} mtu ${mtu - headBytes[familyOf(own.address)]} up`,
    ...own.podCidrs.map((podCidr) => {
      const family = familyOf(podCidr);
      const late = family === 'IPv4' ? '' : ' nodad';
      return `address replace ${endAddress(podCidr)}/${addressBits[family]} dev ${device}${late}`;
    }),
  ];
}

/**
 * What tells the kernel where the other machines' ends are: lines for `ip -batch` and for `bridge -batch`. Each may be
 * repeated. Pure.
 */
export function overlayPeerChanges(
  cluster: string,
  peers: readonly MachinePods[],
): { readonly ip: readonly string[]; readonly bridge: readonly string[] } {
  const device = overlayDevice(cluster);
  const endLines = (podCidr: string, hardware: string): readonly string[] => {
    const end = endAddress(podCidr);
    return [
      // The bridge spans the range: without a route of its own an end of IPv6 would be taken for one of the bridge's.
      ...(familyOf(podCidr) === 'IPv4' ? [] : [`route replace ${end}/128 dev ${device}`]),
      `neighbour replace ${end} lladdr ${hardware} dev ${device} nud permanent`,
    ];
  };
  return {
    ip: peers.flatMap(({ address, podCidrs }) =>
      podCidrs.flatMap((podCidr) => endLines(podCidr, endHardwareAddress(address))),
    ),
    bridge: peers.map(
      ({ address }) => `fdb replace ${endHardwareAddress(address)} dev ${device} dst ${address} self permanent`,
    ),
  };
}
