/** The ranges of Services: the cluster's own, and those that were added while it ran (ServiceCIDR). */
import {
  holdsAddress,
  type IpFamily,
  type Network,
  networksOverlap,
  networkText,
  parseAddress,
  parseCidr,
  type ServiceCIDR,
} from '../../api/index.ts';
import { filterBlock } from './packet-words.ts';

interface RangeFacts {
  readonly clusterCidr: string;
  readonly serviceCidr: string;
  /** Of this family; see `addedRanges`. */
  readonly addedServiceCidrs?: readonly string[] | undefined;
  /** Addresses of nodes and of the API. */
  readonly reservedAddresses?: ReadonlySet<string> | undefined;
}

export interface ServiceRanges {
  /** Where what nobody answers is refused. None holds a part of another: nft takes no such set. */
  readonly refused: readonly string[];
  /** Those of them that are not the cluster's own: the setup of the bridge makes no route to them. */
  readonly added: readonly string[];
  /** Ranges that would refuse pods, nodes or the API; Services have addresses in them all the same. */
  readonly unsafe: readonly string[];
}

/** The family's ranges in these objects, those that end among them: their Services may be there still. Pure. */
export const addedRanges = (ranges: readonly ServiceCIDR[], family: IpFamily): readonly string[] => [
  ...new Set(ranges.flatMap(({ spec }) => (spec?.cidrs ?? []).flatMap((cidr) => filterBlock(cidr, family) ?? []))),
];

/** All ranges of Services in one family. Pure. */
export function serviceRanges(facts: RangeFacts): ServiceRanges {
  const { clusterCidr, serviceCidr, addedServiceCidrs = [], reservedAddresses } = facts;
  if (addedServiceCidrs.length === 0) return { refused: [serviceCidr], added: [], unsafe: [] };
  const networks = (texts: Iterable<string>): Network[] => [...texts].flatMap((text) => parseCidr(text) ?? []);
  const [pods] = networks([clusterCidr]);
  const reserved = [...(reservedAddresses ?? [])].flatMap((text) => parseAddress(text) ?? []);
  const isSafe = (range: Network): boolean =>
    !(pods !== undefined && networksOverlap(pods, range)) && !reserved.some((each) => holdsAddress(range, each));
  const own = networks([serviceCidr]);
  const added = networks(addedServiceCidrs);
  const kept: Network[] = [];
  // Of two ranges one holds the other, or they have nothing in common.
  for (const range of [...own, ...added.filter(isSafe)].sort((a, b) => a.prefix - b.prefix))
    if (!kept.some((wider) => networksOverlap(wider, range))) kept.push(range);
  const refused = kept.map(networkText);
  const ownTexts = own.map(networkText);
  return {
    refused,
    added: refused.filter((range) => !ownTexts.includes(range)),
    unsafe: added.filter((range) => !isSafe(range)).map(networkText),
  };
}
