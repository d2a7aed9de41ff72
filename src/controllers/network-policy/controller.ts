/** Keeps the addresses that NetworkPolicies are made of in EndpointSlices for the nodes. */
import {
  type EndpointSlice,
  labelSelectorMatches,
  type Namespace,
  type NetworkPolicy,
  type Pod,
  podAddresses,
  resources,
} from '../../api/index.ts';
import { type AddressSet, addressSets, policyLabel } from '../../protocol/index.ts';
import type { ObjectChange } from '../../resources/index.ts';
import {
  type Controller,
  type ControllerPorts,
  isNamespaceTerminating,
  isOf,
  keyOf,
  splitKey,
  stableText,
} from '../runtime/index.ts';
import { performSlices } from '../endpoint-slice/controller.ts';
import { managedByLabel } from '../endpoint-slice/slices.ts';
import { hasOwnAddress, planPolicySlices, policyManager, reachesInto } from './reconcile.ts';

/** Keeps the addresses of the pods that each NetworkPolicy speaks of where the nodes can read them. */
export function networkPolicyController(): Controller {
  return {
    name: 'network-policy-controller',
    resource: resources.networkPolicies,
    watches: [resources.networkPolicies, resources.pods, resources.namespaces, resources.endpointSlices],
    keysFor,
    reconcile,
  };
}

function keysFor(change: ObjectChange, ports: ControllerPorts): readonly string[] {
  if (isOf(change, resources.networkPolicies)) return [keyOf(change.object)];
  if (isOf(change, resources.pods)) return policiesOfPod(change as ObjectChange<Pod>, ports);
  if (isOf(change, resources.namespaces))
    return stableText(change.object.metadata.labels) === stableText(change.previous?.metadata.labels)
      ? []
      : spanning(ports).map(keyOf);
  if (!isOf(change, resources.endpointSlices) || change.object.metadata.labels?.[managedByLabel] !== policyManager)
    return [];
  return [`${change.object.metadata.namespace ?? ''}/${change.object.metadata.labels[policyLabel] ?? ''}`];
}

/** Policies that look into other namespaces. */
function spanning(ports: ControllerPorts): readonly NetworkPolicy[] {
  return ports.view
    .list<NetworkPolicy>(resources.networkPolicies)
    .filter(({ spec }) => addressSets(spec).some((set) => set.namespaceSelector !== undefined));
}

/** What of a pod the sets depend on, as one text; undefined for a pod without an address of its own. */
function setFacts(pod: Pod): string | undefined {
  return hasOwnAddress(pod) ? stableText([pod.metadata.labels, podAddresses(pod), pod.spec.nodeName]) : undefined;
}

function policiesOfPod({ object, previous, type }: ObjectChange<Pod>, ports: ControllerPorts): readonly string[] {
  const now = type === 'delete' ? undefined : setFacts(object);
  const before = previous === undefined ? (type === 'delete' ? setFacts(object) : undefined) : setFacts(previous);
  if (now === before) return [];
  const { namespace = '' } = object.metadata;
  const labels = ports.view.get<Namespace>(resources.namespaces, undefined, namespace)?.metadata.labels ?? {};
  const forms = [object, ...(previous === undefined ? [] : [previous])].map(({ metadata }) => metadata.labels ?? {});
  const concerns = ({ metadata, spec }: NetworkPolicy): boolean =>
    addressSets(spec).some(
      (set) =>
        reachesInto(set, metadata.namespace ?? '', { name: namespace, labels }) &&
        forms.some((form) => labelSelectorMatches(set.podSelector, form)),
    );
  return ports.view.list<NetworkPolicy>(resources.networkPolicies).filter(concerns).map(keyOf);
}

async function reconcile(key: string, ports: ControllerPorts): Promise<undefined> {
  const { namespace, name } = splitKey(key);
  const policy = ports.view.get<NetworkPolicy>(resources.networkPolicies, namespace, name);
  // The slices of a policy that is gone or going are the garbage collector's.
  if (policy === undefined || policy.metadata.deletionTimestamp !== undefined) return;
  const slices = ports.view
    .ownedBy<EndpointSlice>(resources.endpointSlices, policy.metadata.uid)
    .filter((slice) => slice.metadata.labels?.[managedByLabel] === policyManager);
  try {
    await performSlices(
      ports,
      namespace,
      planPolicySlices(policy, slices, (set) => podsIn(set, namespace, ports)),
    );
  } catch (error) {
    if (!isNamespaceTerminating(error)) throw error;
  }
}

function podsIn(set: AddressSet, own: string, { view }: ControllerPorts): readonly Pod[] {
  const namespaces =
    set.namespaceSelector === undefined
      ? [own]
      : view
          .list<Namespace>(resources.namespaces)
          .filter(({ metadata: { name, labels = {} } }) => reachesInto(set, own, { name, labels }))
          .map(({ metadata }) => metadata.name);
  return namespaces.flatMap((namespace) =>
    view
      .facts<Pod>(resources.pods, { namespace })
      .filter(({ index }) => labelSelectorMatches(set.podSelector, index.labels))
      .map((facts) => facts.object())
      .filter(hasOwnAddress),
  );
}
