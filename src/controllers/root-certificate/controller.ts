/** Puts the cluster's root certificate into a ConfigMap of every namespace, and repairs it. */
import { type Namespace, resources, type StoredObject } from '../../api/index.ts';
import type { ObjectChange } from '../../resources/index.ts';
import { isOpen } from '../namespace/reconcile.ts';
import {
  type Controller,
  type ControllerPorts,
  isAlreadyExists,
  isNamespaceTerminating,
  isNotFound,
  isOf,
  keyOf,
  nameOf,
  namespaceOf,
  refOf,
} from '../runtime/index.ts';
import { mapName, planMap } from './reconcile.ts';
import { tellsOfAuthorities } from './authorities.ts';

/** `certificates`: the PEM text as it is now. It changes together with the API server's word to other API servers. */
export function rootCertificateController(certificates: () => string): Controller {
  return {
    name: 'root-ca-certificate-publisher',
    resource: resources.namespaces,
    watches: [resources.namespaces, resources.configMaps],
    keysFor,
    reconcile: (key, ports) => reconcile(key, ports, certificates()),
  };
}

function keysFor(change: ObjectChange, ports: ControllerPorts): readonly string[] {
  if (isOf(change, resources.namespaces)) return change.type === 'put' ? [keyOf(change.object)] : [];
  if (tellsOfAuthorities(change)) return ports.view.list<Namespace>(resources.namespaces).map(keyOf);
  return isOf(change, resources.configMaps) && nameOf(change) === mapName ? [namespaceOf(change) ?? ''] : [];
}

async function reconcile(namespace: string, ports: ControllerPorts, certificates: string): Promise<undefined> {
  if (!isOpen(ports.view.get<Namespace>(resources.namespaces, undefined, namespace))) return;
  const current = ports.view.get<StoredObject>(resources.configMaps, namespace, mapName);
  const plan = planMap(namespace, current, certificates);
  try {
    if (plan.type === 'create') await ports.client.create({ ...resources.configMaps, namespace }, plan.map);
    if (plan.type === 'update') await ports.client.update(refOf(resources.configMaps, plan.map), plan.map);
  } catch (error) {
    if (!isAlreadyExists(error) && !isNamespaceTerminating(error) && !isNotFound(error)) throw error;
  }
}
