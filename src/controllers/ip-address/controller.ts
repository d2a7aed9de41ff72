/** Keeps the IPAddress objects that hold the cluster addresses of Services. */
import { addressNamesOf, heldAddress, type IPAddress, resources, type Service } from '../../api/index.ts';
import type { ObjectChange } from '../../resources/index.ts';
import {
  type Controller,
  type ControllerPorts,
  deleteObject,
  isAlreadyExists,
  isOf,
  type ReconcileResult,
} from '../runtime/index.ts';
import { planAddress } from './reconcile.ts';

/**
 * Makes an object again that somebody deleted, and removes one whose Service is gone (the job of Kubernetes' IP
 * repair). A key names a Service and one address.
 */
export function ipAddressController(): Controller {
  return {
    name: 'ip-address-controller',
    resource: resources.ipAddresses,
    watches: [resources.services, resources.ipAddresses],
    initialKeys: ({ view }) => [
      ...new Set([
        ...view.list<Service>(resources.services).flatMap(keysOfService),
        ...view.list<IPAddress>(resources.ipAddresses).flatMap(keysOfHolder),
      ]),
    ],
    keysFor,
    reconcile,
  };
}

function keysFor(change: ObjectChange): readonly string[] {
  if (isOf(change, resources.ipAddresses)) return keysOfHolder(change.object as IPAddress);
  if (!isOf(change, resources.services)) return [];
  const { type, object, previous } = change as ObjectChange<Service>;
  const [now, before] = [keysOfService(object), previous === undefined ? [] : keysOfService(previous)];
  if (type === 'delete') return now;
  return [...now.filter((key) => !before.includes(key)), ...before.filter((key) => !now.includes(key))];
}

const keysOfService = (service: Service): readonly string[] =>
  addressNamesOf(service).map(
    (address) => `${service.metadata.namespace ?? ''}/${service.metadata.name ?? ''}/${address}`,
  );

const keysOfHolder = ({ metadata, spec: { parentRef } }: IPAddress): readonly string[] =>
  parentRef.resource === 'services' ? [`${parentRef.namespace ?? ''}/${parentRef.name}/${metadata.name}`] : [];

async function reconcile(key: string, ports: ControllerPorts): Promise<ReconcileResult | undefined> {
  const [namespace = '', name = '', address = ''] = key.split('/');
  const { view, clock } = ports;
  const service = view.get<Service>(resources.services, namespace, name);
  const held = view.get<IPAddress>(resources.ipAddresses, undefined, address);
  const plan = planAddress({ address, service, held, now: clock.now() });
  if (plan.type === 'create') await make(address, service, ports);
  if (plan.type === 'remove' && held !== undefined) await deleteObject(ports, resources.ipAddresses, held);
  if (plan.type === 'conflict')
    ports.event(
      service,
      'Warning',
      'ClusterIPAlreadyAllocated',
      `Cluster IP ${address} is held for another object; please recreate service`,
    );
  return plan.type === 'wait' ? { requeueAfterMs: plan.ms } : undefined;
}

async function make(address: string, service: Service | undefined, { client, event }: ControllerPorts): Promise<void> {
  if (service === undefined) return;
  const { namespace = '', name = '' } = service.metadata;
  event(service, 'Warning', 'ClusterIPNotAllocated', `Cluster IP ${address} is not allocated; repairing`);
  const object = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IPAddress',
    ...heldAddress(address, { namespace, name }),
  };
  try {
    await client.create(resources.ipAddresses, object);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}
