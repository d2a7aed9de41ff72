/** Decides which addresses the rules of a NetworkPolicy are made of. */
import {
  type EndpointSlice,
  familyOf,
  ipFamilies,
  labelSelectorMatches,
  type NetworkPolicy,
  type Pod,
  podAddresses,
} from '../../api/index.ts';
import { type AddressSet, addressSets, policyLabel, setLabel } from '../../protocol/index.ts';
import { type EndpointGroup, managedByLabel, planSlices, type SlicePlan } from '../endpoint-slice/slices.ts';
import { controllerReference } from '../runtime/index.ts';
import { mayServe, targetPortOf } from '../endpoint-slice/service.ts';

export const policyManager = 'networkpolicy-controller.troupe.dev';

type Labels = Readonly<Record<string, string>>;

/** Whether pods of a namespace with these labels may be in the set. */
export function reachesInto(
  set: AddressSet,
  policyNamespace: string,
  namespace: { readonly name: string; readonly labels: Labels },
): boolean {
  return set.namespaceSelector === undefined
    ? namespace.name === policyNamespace
    : labelSelectorMatches(set.namespaceSelector, namespace.labels);
}

/** Whether traffic of the pod goes by its own address: pods on the host's network have none. */
export function hasOwnAddress(pod: Pod): boolean {
  return pod.spec.hostNetwork !== true && mayServe(pod, true);
}

/**
 * The slices that hold the addresses that the policy's rules are made of. `podsOf`: pods with an address that a set
 * selects.
 */
export function planPolicySlices(
  policy: NetworkPolicy,
  slices: readonly EndpointSlice[],
  podsOf: (set: AddressSet) => readonly Pod[],
): SlicePlan {
  const sets = addressSets(policy.spec);
  const keys = new Set(sets.map(({ key }) => key));
  const { name, namespace = '' } = policy.metadata;
  const plans = sets.map((set) =>
    planSlices(
      {
        namespace,
        generateName: `${name}-`,
        labels: { [policyLabel]: name, [setLabel]: set.key, [managedByLabel]: policyManager },
        owner: controllerReference({ ...policy, apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' }),
      },
      groupsOf(podsOf(set), set),
      slices.filter((slice) => slice.metadata.labels?.[setLabel] === set.key),
    ),
  );
  const left = slices.filter(
    (slice) => !keys.has(slice.metadata.labels?.[setLabel] ?? '') && slice.metadata.deletionTimestamp === undefined,
  );
  return {
    create: plans.flatMap(({ create }) => create),
    update: plans.flatMap(({ update }) => update),
    remove: [...plans.flatMap(({ remove }) => remove), ...left],
  };
}

/** For each family one group for each number that the set's named port has; one in all without a port. */
function groupsOf(pods: readonly Pod[], { port }: AddressSet): readonly EndpointGroup[] {
  const groups = new Map<number, Pod[]>();
  for (const pod of pods) {
    const number =
      port === undefined ? 0 : targetPortOf(pod, { port: 0, targetPort: port.name, protocol: port.protocol });
    if (number !== undefined) groups.set(number, [...(groups.get(number) ?? []), pod]);
  }
  return [...groups].flatMap(([number, members]) =>
    ipFamilies.map((addressType) => ({
      addressType,
      ports: port === undefined ? [] : [{ name: port.name, protocol: port.protocol, port: number }],
      endpoints: members.flatMap((pod) =>
        podAddresses(pod)
          .filter((address) => familyOf(address) === addressType)
          .slice(0, 1)
          .map((address) => ({
            addresses: [address],
            conditions: {},
            targetRef: {
              kind: 'Pod',
              namespace: pod.metadata.namespace,
              name: pod.metadata.name,
              uid: pod.metadata.uid,
            },
            nodeName: pod.spec.nodeName,
          })),
      ),
    })),
  );
}
