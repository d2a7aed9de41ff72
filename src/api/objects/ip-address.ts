/** IPAddress objects, each of which holds a cluster address for one Service. */
import { addressText, familyOf, parseAddress } from '../machinery/index.ts';
import type { Service } from './generated/core-v1.ts';
import type { IPAddress } from './generated/networking-v1.ts';

const managerLabel = 'ipaddress.kubernetes.io/managed-by';
const manager = 'ipallocator.k8s.io';

/** The preferred text of an address, by which its object is called; what is none stays. */
export function canonicalAddress(text: string): string {
  const address = parseAddress(text);
  return address === undefined ? text : addressText(address);
}

/** The names of the objects that hold the Service's addresses. */
export const addressNamesOf = ({ spec }: Pick<Service, 'spec'>): readonly string[] =>
  (spec.clusterIPs ?? []).filter((address) => address !== '' && address !== 'None').map(canonicalAddress);

/** Whether it was made for a Service, and not by hand for something else. */
export const holdsForService = ({ metadata, spec }: IPAddress): boolean =>
  metadata.labels?.[managerLabel] === manager && spec.parentRef.resource === 'services';

/** What holds an address for a Service, as it is sent. */
export const heldAddress = (
  address: string,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: IPAddress['spec'];
} => ({
  metadata: {
    name: canonicalAddress(address),
    labels: { 'ipaddress.kubernetes.io/ip-family': familyOf(address), [managerLabel]: manager },
  },
  spec: { parentRef: { resource: 'services', namespace, name } },
});
