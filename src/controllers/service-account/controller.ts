/** Sees that every namespace has its ServiceAccount `default`. */
import { type Namespace, resources } from '../../api/index.ts';
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
import { accountName, planAccount } from './reconcile.ts';

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
  const isLost =
    isOf(change, resources.serviceAccounts) && change.type === 'delete' && change.object.metadata.name === accountName;
  return isLost ? [change.object.metadata.namespace ?? ''] : [];
}

async function reconcile(key: string, ports: ControllerPorts): Promise<undefined> {
  const namespace = ports.view.get<Namespace>(resources.namespaces, undefined, key);
  const hasAccount = ports.view.get(resources.serviceAccounts, key, accountName) !== undefined;
  const account = planAccount(namespace, hasAccount);
  if (account === undefined) return;
  try {
    await ports.client.create({ ...resources.serviceAccounts, namespace: key }, account);
  } catch (error) {
    if (!isAlreadyExists(error) && !isNamespaceTerminating(error) && !isNotFound(error)) throw error;
  }
}
