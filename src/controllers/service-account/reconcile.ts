/** Decides whether a namespace lacks its ServiceAccount `default`. */
import type { Namespace } from '../../api/index.ts';
import { isOpen } from '../namespace/reconcile.ts';

export const accountName = 'default';

/** The account to create; undefined: it is there, or the namespace takes nothing new. */
export function planAccount(namespace: Namespace | undefined, hasAccount: boolean): object | undefined {
  if (!isOpen(namespace) || hasAccount) return undefined;
  const metadata = { name: accountName, namespace: namespace.metadata.name };
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata };
}
