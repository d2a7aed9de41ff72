/** Signs the ConfigMap cluster-info with bootstrap tokens, and deletes tokens that have expired. */
import { resources, type StoredObject } from '../../api/index.ts';
import type { ObjectChange } from '../../resources/index.ts';
import {
  type Controller,
  type ControllerPorts,
  deleteObject,
  isOf,
  keyOf,
  nameOf,
  namespaceOf,
  type ReconcileResult,
  refOf,
  splitKey,
} from '../runtime/index.ts';
import { signedData } from './signatures.ts';
import { expiryOf, isTokenSecret, tokenNamespace, tokenOf } from './tokens.ts';

const infoNamespace = 'kube-public';
const infoName = 'cluster-info';
const infoKey = `${infoNamespace}/${infoName}`;

/** Who knows a token can tell by its signature that cluster-info is this cluster's. */
export function bootstrapSigner(): Controller {
  return {
    name: 'bootstrap-signer',
    resource: resources.configMaps,
    watches: [resources.configMaps, resources.secrets],
    initialKeys: () => [infoKey],
    keysFor: (change) => (concernsInfo(change) ? [infoKey] : []),
    reconcile: (_key, ports) => sign(ports),
  };
}

function concernsInfo(change: ObjectChange): boolean {
  if (isOf(change, resources.configMaps)) return nameOf(change) === infoName && namespaceOf(change) === infoNamespace;
  return isOf(change, resources.secrets) && isTokenSecret(change.object as StoredObject);
}

async function sign({ view, client, clock }: ControllerPorts): Promise<undefined> {
  const info = view.get<StoredObject>(resources.configMaps, infoNamespace, infoName);
  if (info === undefined) return;
  const tokens = view.list<StoredObject>(resources.secrets, tokenNamespace).flatMap((secret) => tokenOf(secret) ?? []);
  const data = await signedData((info['data'] ?? {}) as Readonly<Record<string, string>>, tokens, clock.now());
  if (data !== undefined) await client.update(refOf(resources.configMaps, info), { ...info, data });
}

/** Deletes the Secret of a token once it has expired. */
export function tokenCleaner(): Controller {
  return {
    name: 'token-cleaner',
    resource: resources.secrets,
    watches: [resources.secrets],
    initialKeys: ({ view }) =>
      view.list<StoredObject>(resources.secrets, tokenNamespace).filter(isTokenSecret).map(keyOf),
    keysFor: (change) =>
      isOf(change, resources.secrets) && change.type === 'put' && isTokenSecret(change.object as StoredObject)
        ? [keyOf(change.object)]
        : [],
    reconcile: clean,
  };
}

async function clean(key: string, ports: ControllerPorts): Promise<ReconcileResult | undefined> {
  const { namespace, name } = splitKey(key);
  const secret = ports.view.get<StoredObject>(resources.secrets, namespace, name);
  if (secret === undefined || !isTokenSecret(secret)) return undefined;
  const expiresAt = expiryOf(secret);
  if (expiresAt === undefined) return undefined;
  const leftMs = expiresAt - ports.clock.now();
  if (leftMs > 0) return { requeueAfterMs: leftMs };
  await deleteObject(ports, resources.secrets, secret);
  return undefined;
}
