/** The object that changes with the authorities by which the API server is trusted. */
import { resources } from '../../api/index.ts';
import type { ObjectChange } from '../../resources/index.ts';
import { isOf, nameOf, namespaceOf } from '../runtime/index.ts';

/** What the API server tells other API servers: the member writes it anew when its authorities change. */
export function tellsOfAuthorities(change: ObjectChange): boolean {
  return (
    isOf(change, resources.configMaps) &&
    nameOf(change) === 'extension-apiserver-authentication' &&
    namespaceOf(change) === 'kube-system'
  );
}
