/** What a node may say of its place in the network, as part of NodeRestriction: other machines make routes of it. */
import {
  addressBits,
  holdsAddress,
  isGlobalUnicast,
  type JsonObject,
  type KubeObject,
  type Network,
  networksOverlap,
  type Node,
  parseCidr,
  parseStrictAddress,
  type Pod,
  resources,
} from '../../../api/index.ts';
import { nodeRangesNear, rangesOf } from '../../allocation/node-ranges.ts';
import type { WritePorts } from '../../ports.ts';
import { readObject } from '../../stored/reading.ts';
import type { AdmissionRequest } from '../request.ts';

type Named = { readonly type?: string | undefined; readonly address?: string | undefined };

/**
 * Why the node may not say this of itself; undefined: it may. Only what differs from before is looked at. An address is
 * one that others can reach a machine by, outside the ranges of pods and Services; ranges of pods lie in the cluster's,
 * and overlap no other node's.
 */
export function networkProblem(
  { object, old }: Pick<AdmissionRequest, 'object' | 'old'>,
  ports: Pick<WritePorts, 'store' | 'settings'>,
): string | undefined {
  return addressProblem(object, old, ports) ?? rangeProblem(object, old, ports);
}

const addressesOf = (object: JsonObject | KubeObject | undefined): readonly Named[] =>
  (object as { readonly status?: { readonly addresses?: readonly Named[] } } | undefined)?.status?.addresses ?? [];

function addressProblem(
  object: JsonObject | KubeObject | undefined,
  old: KubeObject | undefined,
  { settings }: Pick<WritePorts, 'settings'>,
): string | undefined {
  const before = new Set(addressesOf(old).map(textOf));
  const ranges = [...settings.podCidrs, ...settings.serviceCidrs].flatMap((range) => parseCidr(range) ?? []);
  const wrong = addressesOf(object).find((entry) => !before.has(textOf(entry)) && !isPossible(entry, ranges));
  return wrong === undefined ? undefined : `is not allowed to have the address ${JSON.stringify(textOf(wrong))}`;
}

const textOf = ({ type = '', address = '' }: Named): string => `${type} ${address}`;

/** Names are written into files and commands as they are. */
const hostName = /^[\w.-]{1,253}$/;

function isPossible({ type = '', address = '' }: Named, ranges: readonly Network[]): boolean {
  if (type !== 'InternalIP' && type !== 'ExternalIP') return hostName.test(address);
  const parsed = parseStrictAddress(address);
  if (parsed === undefined || !isGlobalUnicast(address)) return false;
  const single = { ...parsed, prefix: addressBits[parsed.family] };
  return !ranges.some((range) => networksOverlap(range, single));
}

function rangeProblem(
  object: JsonObject | undefined,
  old: KubeObject | undefined,
  { store, settings }: Pick<WritePorts, 'store' | 'settings'>,
): string | undefined {
  const held = rangesOf(old ?? {});
  const fresh = rangesOf(object ?? {}).filter((range) => !held.includes(range));
  if (fresh.length === 0) return undefined;
  const cluster = settings.podCidrs.flatMap((range) => parseCidr(range) ?? []);
  const outside = fresh.find((text) => cluster.length > 0 && !cluster.some((whole) => isWithin(text, whole)));
  if (outside !== undefined) return `is not allowed to take the pod range ${outside}: it is not in the cluster's`;
  // The very range of another node is told by the allocation, so that an agent tries the next one.
  const own = [...held, ...fresh];
  const shared = fresh.find((text) => {
    const range = parseCidr(text);
    if (range === undefined) return false;
    return nodeRangesNear(store, range)
      .filter((other) => !own.includes(other))
      .some((other) => networksOverlap(range, parseCidr(other) ?? range));
  });
  return shared === undefined
    ? undefined
    : `is not allowed to take the pod range ${shared}: another node has part of it`;
}

function isWithin(text: string, whole: Network): boolean {
  const range = parseCidr(text);
  return range !== undefined && whole.prefix <= range.prefix && networksOverlap(whole, range);
}

/**
 * Why the node may not say that its pod has these addresses; undefined: it may. Services, policies and proxies believe
 * them, so they are of the ranges of the node's pods, or the node's own for a pod in its network. A node without ranges
 * has another network, of which nothing is known here.
 */
export function podAddressProblem(
  { object, old }: Pick<AdmissionRequest, 'object' | 'old'>,
  node: string,
  { store }: Pick<WritePorts, 'store'>,
): string | undefined {
  const before = podAddresses(old);
  const fresh = podAddresses(object).filter((address) => !before.includes(address));
  const own = fresh.length === 0 ? undefined : readObject<Node>(store, resources.nodes, undefined, node);
  const ranges = rangesOf(own ?? {}).flatMap((range) => parseCidr(range) ?? []);
  if (ranges.length === 0) return undefined;
  const inHostNetwork = (old as Pod | undefined)?.spec?.hostNetwork === true;
  const hosts = new Set(addressesOf(own).map(({ address }) => address));
  const wrong = fresh.find((text) => {
    const address = parseStrictAddress(text);
    if (inHostNetwork) return !hosts.has(text);
    return address === undefined || !ranges.some((range) => holdsAddress(range, address));
  });
  return wrong === undefined
    ? undefined
    : `cannot give a pod the address ${JSON.stringify(wrong)}, which is not its own`;
}

function podAddresses(pod: JsonObject | KubeObject | undefined): readonly string[] {
  const { podIP = '', podIPs = [] } = (pod as Partial<Pod> | undefined)?.status ?? {};
  return [...new Set([podIP, ...podIPs.map(({ ip = '' }) => ip)])].filter((address) => address !== '');
}
