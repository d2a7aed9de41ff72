/** Keeps the Endpoints of Services with a selector, and removes those of Services that are gone. */
import { type Endpoints, type Pod, resources, type Service } from '../../api/index.ts';
import type { ObjectChange } from '../../resources/index.ts';
import {
  type Controller,
  type ControllerPorts,
  deleteObject,
  isAlreadyExists,
  isNamespaceTerminating,
  isOf,
  keyOf,
  refOf,
  splitKey,
} from '../runtime/index.ts';
import { servicesOfPod } from '../endpoint-slice/controller.ts';
import { hasManagedEndpoints, podsBehind } from '../endpoint-slice/service.ts';
import { planEndpoints } from './reconcile.ts';

/** Keeps the Endpoints of each Service with a selector, and removes the Endpoints of Services that are gone. */
export function endpointsController(): Controller {
  return {
    name: 'endpoint-controller',
    resource: resources.services,
    watches: [resources.services, resources.endpoints, resources.pods],
    keysFor,
    reconcile,
  };
}

function keysFor(change: ObjectChange, ports: ControllerPorts): readonly string[] {
  if (isOf(change, resources.services)) return [keyOf(change.object)];
  // Endpoints may be made before their Service; only the deletion of a Service takes them along.
  if (isOf(change, resources.endpoints))
    return ports.view.get(resources.services, change.object.metadata.namespace, change.object.metadata.name ?? '') ===
      undefined
      ? []
      : [keyOf(change.object)];
  return isOf(change, resources.pods) ? servicesOfPod(change as ObjectChange<Pod>, ports) : [];
}

/** Endpoints that serve as a lock carry no addresses and belong to their holder. */
const isLock = (endpoints: Endpoints): boolean =>
  endpoints.metadata.annotations?.['control-plane.alpha.kubernetes.io/leader'] !== undefined;

async function reconcile(key: string, ports: ControllerPorts): Promise<undefined> {
  const { namespace, name } = splitKey(key);
  const service = ports.view.get<Service>(resources.services, namespace, name);
  const current = ports.view.get<Endpoints>(resources.endpoints, namespace, name);
  if (service === undefined) {
    if (current !== undefined && !isLock(current)) await deleteObject(ports, resources.endpoints, current);
    return;
  }
  if (!hasManagedEndpoints(service) || service.metadata.deletionTimestamp !== undefined) return;
  const pods = podsBehind(service, ports.view);
  const wanted = planEndpoints(service, pods, current);
  if (wanted === undefined) return;
  try {
    if (current === undefined) await ports.client.create({ ...resources.endpoints, namespace }, wanted);
    else await ports.client.update(refOf(resources.endpoints, current), wanted);
  } catch (error) {
    if (isAlreadyExists(error) || isNamespaceTerminating(error)) return;
    throw error;
  }
}
