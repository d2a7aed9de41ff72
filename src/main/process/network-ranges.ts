/** The ranges of pods and Services, one for each address family of the cluster, out of the settings. */
import { addressIn, familyOf, type IpFamily, type Network, parseAddress, parseCidr } from '../../api/index.ts';

/** Each a text, or two with a comma between them; the first family is the cluster's default. */
export interface NetworkRangeSettings {
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly dnsAddress: string;
}

interface NetworkRanges {
  readonly podCidrs: readonly string[];
  /** In the order of `podCidrs`, as the next one. */
  readonly serviceCidrs: readonly string[];
  /** The cluster DNS server's address in each range of Services. */
  readonly dnsAddresses: readonly string[];
}

const listOf = (text: string): readonly string[] => text.split(',').map((part) => part.trim());
/** The address of cluster DNS in a range for which the settings name none. */
const dnsNumber = 10n;

/** The ranges of settings that were checked. */
export function networkRanges({ podCidr, serviceCidr, dnsAddress }: NetworkRangeSettings): NetworkRanges {
  const named = listOf(dnsAddress);
  return {
    podCidrs: listOf(podCidr),
    serviceCidrs: listOf(serviceCidr),
    dnsAddresses: listOf(serviceCidr).flatMap((text) => {
      const range = parseCidr(text);
      if (range === undefined) return [];
      return [
        named.find((address) => address !== '' && familyOf(address) === range.family) ?? addressIn(range, dnsNumber),
      ];
    }),
  };
}

/** The family of the cluster's own addresses: that of its first range. */
export const defaultFamily = ({ podCidr }: NetworkRangeSettings): IpFamily => familyOf(listOf(podCidr)[0] ?? '');

/** Where to listen at all addresses of a cluster: `0.0.0.0` means those of both families where it has IPv6. */
export const bindAddress = (bind: string, { podCidr }: NetworkRangeSettings): string =>
  bind === '0.0.0.0' && listOf(podCidr).some((range) => familyOf(range) === 'IPv6') ? '::' : bind;

interface RangeProblem {
  readonly key: keyof NetworkRangeSettings;
  /** What it must be. */
  readonly wanted: string;
}

/** The longest prefixes that leave room: for a node's pods, and for some Services. */
const prefixesMax = { podCidr: { IPv4: 30, IPv6: 120 }, serviceCidr: { IPv4: 29, IPv6: 125 } } as const;
const examples = {
  podCidr: '10.244.0.0/16 or 10.244.0.0/16,fd00:244::/48',
  serviceCidr: '10.96.0.0/16 or 10.96.0.0/16,fd00:96::/112',
};

/** What is wrong with the ranges. */
export function rangeProblems(settings: NetworkRangeSettings): readonly RangeProblem[] {
  const problems = (['podCidr', 'serviceCidr'] as const).flatMap((key): RangeProblem[] => {
    const ranges = listOf(settings[key]).map(parseCidr);
    const fits = (range: Network | undefined): boolean =>
      range !== undefined && range.prefix <= prefixesMax[key][range.family];
    const families = new Set(ranges.map((range) => range?.family));
    if (ranges.every(fits) && ranges.length === families.size) return [];
    return [{ key, wanted: `a range, or one of each address family, such as ${examples[key]}` }];
  });
  if (problems.length > 0) return problems;
  const families = (text: string): string => listOf(text).map(familyOf).join(',');
  if (families(settings.podCidr) !== families(settings.serviceCidr))
    return [
      { key: 'serviceCidr', wanted: `of the address families of network.podCidr (${families(settings.podCidr)})` },
    ];
  return listOf(settings.dnsAddress).every((text) => text === '' || parseAddress(text) !== undefined)
    ? []
    : [{ key: 'dnsAddress', wanted: 'an address in each range of network.serviceCidr, or empty' }];
}
