import type { ObjectChange } from '../../resources/index.ts';
import {
  type Controller,
  type ControllerPorts,
  isAlreadyExists,
  isNamespaceTerminating,
  isNotFound,
  isOf,
  keyOf,
} from '../runtime/index.ts';
import { type Namespace, resources } from '../objects.ts';

const accountName = 'default';

/** Sees that every namespace has its ServiceAccount `default`. */
export function serviceAccountController(): Controller {
  return {
    name: 'serviceaccount-controller',
    resource: resources.namespaces,
    watches: [resources.namespaces, resources.serviceAccounts],
    keysFor,
    reconcile,
  };
}

function keysFor(change: ObjectChange): readonly string[] {
  if (isOf(change, resources.namespaces)) return change.type === 'put' ? [keyOf(change.object)] : [];
  const lost =
    isOf(change, resources.serviceAccounts) && change.type === 'delete' && change.object.metadata.name === accountName;
  return lost ? [change.object.metadata.namespace ?? ''] : [];
}

/** Whether things may be made in a namespace. */
export function isOpen(namespace: Namespace | undefined): namespace is Namespace {
  return (
    namespace !== undefined &&
    namespace.metadata.deletionTimestamp === undefined &&
    namespace.status?.phase !== 'Terminating'
  );
}

async function reconcile(key: string, ports: ControllerPorts): Promise<undefined> {
  if (!isOpen(ports.view.get<Namespace>(resources.namespaces, undefined, key))) return;
  if (ports.view.get(resources.serviceAccounts, key, accountName) !== undefined) return;
  try {
    await ports.client.create(
      { ...resources.serviceAccounts, namespace: key },
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: accountName, namespace: key } },
    );
  } catch (error) {
    if (!isAlreadyExists(error) && !isNamespaceTerminating(error) && !isNotFound(error)) throw error;
  }
}
