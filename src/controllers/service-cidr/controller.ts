/** Keeps a range of service addresses for as long as an address of it is in use that no other range has. */
import { addressNamesOf, resources, type Service, type ServiceCIDR } from '../../api/index.ts';
import type { ObjectChange } from '../../resources/index.ts';
import { type Controller, type ControllerPorts, isOf, keyOf, patchFinalizers, writeStatus } from '../runtime/index.ts';
import { planRange } from './reconcile.ts';

export function serviceCidrController(): Controller {
  return {
    name: 'service-cidr-controller',
    resource: resources.serviceCIDRs,
    watches: [resources.serviceCIDRs, resources.ipAddresses, resources.services],
    keysFor,
    reconcile,
  };
}

/** What becomes of one range may free, or hold, those that end. */
function keysFor(change: ObjectChange, ports: ControllerPorts): readonly string[] {
  const ending = (): readonly string[] =>
    ports.view
      .list<ServiceCIDR>(resources.serviceCIDRs)
      .filter((range) => range.metadata.deletionTimestamp !== undefined)
      .map(keyOf);
  if (isOf(change, resources.serviceCIDRs))
    return change.type === 'put' ? [...new Set([keyOf(change.object), ...ending()])] : ending();
  const holds = isOf(change, resources.ipAddresses) || isOf(change, resources.services);
  return holds && change.type === 'delete' ? ending() : [];
}

async function reconcile(key: string, ports: ControllerPorts): Promise<undefined> {
  const range = ports.view.get<ServiceCIDR>(resources.serviceCIDRs, undefined, key);
  if (range === undefined) return;
  const isEnding = range.metadata.deletionTimestamp !== undefined;
  const plan = planRange({
    range,
    others: isEnding ? ports.view.list<ServiceCIDR>(resources.serviceCIDRs) : [],
    addresses: isEnding ? addressesInUse(ports) : [],
    now: ports.clock.now(),
  });
  if (plan.type === 'finalizers') await patchFinalizers(ports, resources.serviceCIDRs, range, plan.finalizers);
  if (plan.type === 'status') await writeStatus(ports, resources.serviceCIDRs, range, plan.status);
}

/** An address is its Service's although somebody deleted the object that holds it. */
const addressesInUse = ({ view }: ControllerPorts): readonly string[] => [
  ...view.list(resources.ipAddresses).map(({ metadata }) => metadata.name ?? ''),
  ...view.list<Service>(resources.services).flatMap(addressNamesOf),
];
