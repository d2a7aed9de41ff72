/** Copies hand-made Endpoints of Services without a selector into EndpointSlices. */
import { type Endpoints, type EndpointSlice, resources, type Service, serviceNameLabel } from '../../api/index.ts';
import type { ObjectChange } from '../../resources/index.ts';
import {
  type Controller,
  type ControllerPorts,
  isNamespaceTerminating,
  isOf,
  keyOf,
  splitKey,
} from '../runtime/index.ts';
import { performSlices } from '../endpoint-slice/controller.ts';
import { managedByLabel } from '../endpoint-slice/slices.ts';
import { addressesMax, addressesSkipped, mirrorManager, planMirror } from './reconcile.ts';

export function endpointSliceMirroringController(): Controller {
  return {
    name: 'endpoint-slice-mirroring-controller',
    resource: resources.endpoints,
    watches: [resources.endpoints, resources.services, resources.endpointSlices],
    keysFor,
    reconcile,
  };
}

function keysFor(change: ObjectChange): readonly string[] {
  if (isOf(change, resources.endpoints) || isOf(change, resources.services)) return [keyOf(change.object)];
  if (!isOf(change, resources.endpointSlices) || change.object.metadata.labels?.[managedByLabel] !== mirrorManager)
    return [];
  const name = change.object.metadata.labels[serviceNameLabel];
  return name === undefined ? [] : [`${change.object.metadata.namespace ?? ''}/${name}`];
}

async function reconcile(key: string, ports: ControllerPorts): Promise<undefined> {
  const { namespace, name } = splitKey(key);
  const endpoints = ports.view.get<Endpoints>(resources.endpoints, namespace, name);
  const service = ports.view.get<Service>(resources.services, namespace, name);
  const slices = ports.view
    .list<EndpointSlice>(resources.endpointSlices, namespace)
    .filter(
      (slice) =>
        slice.metadata.labels?.[serviceNameLabel] === name && slice.metadata.labels[managedByLabel] === mirrorManager,
    );
  const plan = planMirror(endpoints, service, slices);
  try {
    await performSlices(ports, namespace, plan);
    if (endpoints !== undefined && plan.create.length + plan.update.length > 0) tellOfSkipped(ports, endpoints);
  } catch (error) {
    if (!isNamespaceTerminating(error)) throw error;
  }
}

function tellOfSkipped(ports: ControllerPorts, endpoints: Endpoints): void {
  const skipped = addressesSkipped(endpoints);
  if (skipped > 0)
    ports.event(
      endpoints,
      'Warning',
      'TooManyAddressesToMirror',
      `A max of ${addressesMax} addresses can be mirrored to EndpointSlices per Endpoints subset. ` +
        `${skipped} addresses were skipped`,
    );
}
