/** Which pods a NetworkPolicy speaks of, and in which EndpointSlices a node finds their addresses. */
import type { LabelSelector, NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicySpec } from '../api/index.ts';
import { fnv1a } from '../base/index.ts';

/**
 * Pods that a NetworkPolicy speaks of. Nodes may not read the labels of other nodes' pods, so a controller looks the
 * pods up and keeps their addresses in EndpointSlices with the labels `policyLabel` and `setLabel`; the agents make
 * rules of them.
 */
export interface AddressSet {
  /**
   * Follows from what is selected: a policy that changes gets a new set, and until that is filled nobody is let in by
   * it.
   */
  readonly key: string;
  readonly podSelector: LabelSelector;
  /** Absent: the policy's own namespace. */
  readonly namespaceSelector?: LabelSelector;
  /** Only pods with a port of this name; the slices say which one it is. */
  readonly port?: { readonly name: string; readonly protocol: 'TCP' | 'UDP' | 'SCTP' };
}

export const policyLabel = 'networking.troupe.dev/policy';
export const setLabel = 'networking.troupe.dev/address-set';

/** The pods that the policy is about. */
export function selectedPodsOf(spec: NetworkPolicySpec): AddressSet {
  return setOf({ podSelector: spec.podSelector ?? {} });
}

/** The pods that a peer is; undefined for a block of addresses. Without a peer: all pods. */
export function peersOf(peer: NetworkPolicyPeer | undefined): AddressSet | undefined {
  if (peer?.ipBlock !== undefined) return undefined;
  const { podSelector, namespaceSelector } = peer ?? { namespaceSelector: {} };
  return setOf({ podSelector: podSelector ?? {}, ...(namespaceSelector === undefined ? {} : { namespaceSelector }) });
}

/** Those of a set that have a port of that name. */
export function withPort(set: AddressSet, port: NetworkPolicyPort): AddressSet {
  const { key: _key, ...selected } = set;
  return setOf({ ...selected, port: { name: String(port.port), protocol: port.protocol ?? 'TCP' } });
}

export const isNamed = (port: NetworkPolicyPort): boolean => typeof port.port === 'string';

/** Every set whose addresses the policy's rules need. */
export function addressSets(spec: NetworkPolicySpec): readonly AddressSet[] {
  const sets = new Map<string, AddressSet>();
  const add = (set: AddressSet | undefined): void => {
    if (set !== undefined) sets.set(set.key, set);
  };
  const subjects = selectedPodsOf(spec);
  add(subjects);
  for (const { from = [], ports = [] } of spec.ingress ?? []) {
    for (const peer of from) add(peersOf(peer));
    for (const port of ports.filter(isNamed)) add(withPort(subjects, port));
  }
  for (const { to = [], ports = [] } of spec.egress ?? []) {
    const peers = to.length === 0 ? [peersOf(undefined)] : to.map(peersOf);
    if (to.length > 0) for (const peer of peers) add(peer);
    for (const port of ports.filter(isNamed))
      for (const peer of peers) if (peer !== undefined) add(withPort(peer, port));
  }
  return [...sets.values()];
}

function setOf(selected: Omit<AddressSet, 'key'>): AddressSet {
  return {
    key: fingerprint(
      JSON.stringify([
        selectorRow(selected.podSelector),
        selected.namespaceSelector === undefined ? 0 : selectorRow(selected.namespaceSelector),
        selected.port?.name ?? '',
        selected.port?.protocol ?? '',
      ]),
    ),
    ...selected,
  };
}

/** A selector without the order of its parts. */
function selectorRow({ matchLabels = {}, matchExpressions = [] }: LabelSelector): unknown {
  return [
    Object.entries(matchLabels)
      .map((pair) => pair.join('='))
      .sort(),
    matchExpressions.map(({ key, operator, values = [] }) => [key, operator, ...[...values].sort()].join(' ')).sort(),
  ];
}

/** 64 bits of a text, in hexadecimal. */
export function fingerprint(text: string): string {
  return [fnv1a(text), fnv1a(text, 0x5bd1e995)].map((half) => half.toString(16).padStart(8, '0')).join('');
}
