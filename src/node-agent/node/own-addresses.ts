/** Which of a machine's addresses others reach it by. */
import type { NetworkInterfaceInfo } from 'node:os';
import { type IpFamily, ipFamilies, isGlobalUnicast } from '../../api/index.ts';

type Interfaces = Readonly<Record<string, readonly Pick<NetworkInterfaceInfo, 'address' | 'family' | 'internal'>[]>>;

/** Devices of container engines and of this one are no way to others. */
const notOutward = /^(docker|br-|veth|trp)/;

/**
 * One address of each family that the machine has: of the interface with the family's default route; without one, of
 * the interface with the other family's, then of the first that is not internal. IPv4 comes first. Pure.
 */
export function ownAddresses(interfaces: Interfaces, routes: Readonly<Record<IpFamily, string>>): readonly string[] {
  const defaults = { IPv4: defaultDeviceV4(routes.IPv4), IPv6: defaultDeviceV6(routes.IPv6) };
  return ipFamilies.flatMap((family) => {
    const preferred = [defaults[family], defaults.IPv4, defaults.IPv6];
    const outward = Object.keys(interfaces).filter((name) => !notOutward.test(name));
    for (const name of [...preferred.filter((device) => device !== undefined), ...outward])
      for (const { address, family: own, internal } of interfaces[name] ?? [])
        if (own === family && !internal && isGlobalUnicast(address)) return [address];
    return [];
  });
}

/** The device of the default route in /proc/net/route. */
function defaultDeviceV4(table: string): string | undefined {
  return table
    .split('\n')
    .map((line) => line.split('\t'))
    .find(([, destination]) => destination === '00000000')?.[0];
}

/** The device of the default route in /proc/net/ipv6_route; the kernel's own refusal of all else is on `lo`. */
function defaultDeviceV6(table: string): string | undefined {
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .find(
      ([destination, prefix, ...rest]) => /^0{32}$/.test(destination ?? '') && prefix === '00' && rest.at(-1) !== 'lo',
    )
    ?.at(-1);
}
