/** Admission plug-in NamespaceLifecycle: new objects need a namespace that exists and is not being deleted. */
import {
  forbiddenError,
  type KubeObject,
  notFound,
  type ResourceInfo,
  StatusError,
  resources,
} from '../../api/index.ts';
import type { Compare, Store, StoredRecord } from '../../state/index.ts';
import { objectKey } from '../stored/key.ts';
import { resourceOf } from '../writing/metadata.ts';
import type { AdmissionPlugin } from '../ports.ts';

const { namespaces } = resources;
const immortal: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public']);

interface Place {
  readonly info: ResourceInfo;
  readonly namespace: string;
  readonly name: string;
}

/** Throws 404 when the namespace of a new object is missing, 403 when it is being deleted. */
export function checkNamespaceIsOpen(store: Store, { info, namespace, name }: Place): void {
  refuseEnding(store.get(objectKey(namespaces, undefined, namespace)), { info, namespace, name });
}

function refuseEnding(record: StoredRecord | undefined, { info, namespace, name }: Place): void {
  const found = record?.object<KubeObject>();
  if (found === undefined) throw notFound(namespaces, namespace);
  if (found.metadata.deletionTimestamp === undefined) return;
  const error = forbiddenError(
    resourceOf(info),
    name,
    `unable to create new content in namespace ${namespace} because it is being terminated`,
  );
  const cause = {
    reason: 'NamespaceTerminating',
    message: `namespace ${namespace} is being terminated`,
    field: 'metadata.namespace',
  };
  throw new StatusError('Forbidden', error.message, { details: { ...error.details, causes: [cause] } });
}

/**
 * The precondition that the namespace is still as it was when it was checked: nothing is created in one that has begun
 * to end.
 */
export function namespaceGuard(store: Store, info: ResourceInfo, namespace: string | undefined): readonly Compare[] {
  if (!info.namespaced || namespace === undefined) return [];
  const key = objectKey(namespaces, undefined, namespace);
  const record = store.get(key);
  return record === undefined ? [] : [{ key, revision: record.revision }];
}

/**
 * Keeps writes out of namespaces that are missing or ending, and protects the namespaces that a cluster cannot do
 * without.
 */
export const namespaceLifecycle: AdmissionPlugin = {
  name: 'NamespaceLifecycle',
  admit({ operation, info, namespace, name }, { store }) {
    if (info.group === '' && info.resource === 'namespaces') {
      if (operation === 'DELETE' && immortal.has(name))
        throw forbiddenError(namespaces, name, 'this namespace may not be deleted');
      return undefined;
    }
    if (namespace === undefined || operation === 'DELETE' || operation === 'CONNECT') return undefined;
    const place: Place = { info, namespace, name };
    const record = store.get(objectKey(namespaces, undefined, namespace));
    if (record === undefined) return lookAgain(store, place, operation);
    if (operation === 'CREATE') refuseEnding(record, place);
    return undefined;
  },
};

/** This replica may not have seen a namespace that is only just there. */
async function lookAgain(store: Store, place: Place, operation: string): Promise<void> {
  await store.readBarrier();
  if (store.get(objectKey(namespaces, undefined, place.namespace)) === undefined)
    throw notFound(namespaces, place.namespace);
  if (operation === 'CREATE') checkNamespaceIsOpen(store, place);
}
