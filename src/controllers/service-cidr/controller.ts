import type { ObjectChange } from '../../resources/index.ts';
import { conditionOf, withMetaCondition } from '../conditions.ts';
import {
  type Controller,
  type ControllerPorts,
  isOf,
  keyOf,
  refOf,
  unlessGone,
  writeStatus,
} from '../runtime/index.ts';
import { type Condition, resources, type Stored } from '../objects.ts';
import { isStranded } from './ranges.ts';

export interface ServiceRange extends Stored {
  readonly spec?: { readonly cidrs?: readonly string[] };
  readonly status?: { readonly conditions?: readonly Condition[] };
}

const finalizer = 'networking.k8s.io/service-cidr-finalizer';
const ready: Omit<Condition, 'lastTransitionTime'> = {
  type: 'Ready',
  status: 'True',
  reason: '',
  message: 'Kubernetes Service CIDR is ready',
};
const held: Omit<Condition, 'lastTransitionTime'> = {
  type: 'Ready',
  status: 'False',
  reason: 'Terminating',
  message: 'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR',
};

/** Keeps a range of service addresses for as long as an address of it is in use that no other range has. */
export function serviceCidrController(): Controller {
  return {
    name: 'service-cidr-controller',
    resource: resources.serviceCidrs,
    watches: [resources.serviceCidrs, resources.ipAddresses],
    keysFor,
    reconcile,
  };
}

/** What becomes of one range may free, or hold, those that end. */
function keysFor(change: ObjectChange, ports: ControllerPorts): readonly string[] {
  const ending = (): readonly string[] =>
    ports.view
      .list<ServiceRange>(resources.serviceCidrs)
      .filter((range) => range.metadata.deletionTimestamp !== undefined)
      .map(keyOf);
  if (isOf(change, resources.serviceCidrs))
    return change.type === 'put' ? [...new Set([keyOf(change.object), ...ending()])] : ending();
  return isOf(change, resources.ipAddresses) && change.type === 'delete' ? ending() : [];
}

async function reconcile(key: string, ports: ControllerPorts): Promise<undefined> {
  const range = ports.view.get<ServiceRange>(resources.serviceCidrs, undefined, key);
  if (range === undefined) return;
  const finalizers = range.metadata.finalizers ?? [];
  if (range.metadata.deletionTimestamp !== undefined) return release(range, ports);
  if (!finalizers.includes(finalizer)) return writeFinalizers(range, [...finalizers, finalizer], ports);
  if (conditionOf(range.status?.conditions, 'Ready')?.status === 'True') return;
  await writeStatus(ports, resources.serviceCidrs, range, {
    conditions: withMetaCondition(range.status?.conditions ?? [], ready, ports.clock.now()),
  });
}

async function release(range: ServiceRange, ports: ControllerPorts): Promise<undefined> {
  const finalizers = range.metadata.finalizers ?? [];
  if (!finalizers.includes(finalizer)) return;
  const others = ports.view
    .list<ServiceRange>(resources.serviceCidrs)
    .filter((other) => other.metadata.uid !== range.metadata.uid && other.metadata.deletionTimestamp === undefined);
  const addresses = ports.view.list(resources.ipAddresses).map((address) => address.metadata.name ?? '');
  if (
    !isStranded(
      addresses,
      range.spec?.cidrs ?? [],
      others.flatMap((other) => other.spec?.cidrs ?? []),
    )
  ) {
    return writeFinalizers(
      range,
      finalizers.filter((known) => known !== finalizer),
      ports,
    );
  }
  if (conditionOf(range.status?.conditions, 'Ready')?.reason === held.reason) return;
  await writeStatus(ports, resources.serviceCidrs, range, {
    conditions: withMetaCondition(range.status?.conditions ?? [], held, ports.clock.now()),
  });
}

async function writeFinalizers(
  range: ServiceRange,
  finalizers: readonly string[],
  ports: ControllerPorts,
): Promise<undefined> {
  const { uid, resourceVersion } = range.metadata;
  await unlessGone(
    ports.client.patch(refOf(resources.serviceCidrs, range), {
      type: 'merge',
      body: { metadata: { uid, resourceVersion, finalizers: finalizers.length === 0 ? null : finalizers } },
    }),
  );
}
