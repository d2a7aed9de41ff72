import type { ObjectChange } from '../../resources/index.ts';
import {
  type Controller,
  type ControllerPorts,
  deleteObject,
  isOf,
  keyOf,
  patchObject,
  splitKey,
} from '../runtime/index.ts';
import { resources, type Stored } from '../objects.ts';

const tokenType = 'kubernetes.io/service-account-token';
const nameAnnotation = 'kubernetes.io/service-account.name';
const uidAnnotation = 'kubernetes.io/service-account.uid';

export interface TokenOrder {
  readonly namespace: string;
  readonly account: { readonly name: string; readonly uid: string };
  readonly secret: { readonly name: string; readonly uid: string };
}

export interface AccountTokenOptions {
  /** Signs a token that lasts as long as the Secret that holds it. */
  issue(order: TokenOrder): Promise<string>;
  /** PEM of the certificates by which the API server is trusted. */
  readonly rootCertificates: string;
}

interface Secret extends Stored {
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
}

/** Fills Secrets of the type service-account-token, and deletes them with their account. */
export function accountTokenController(options: AccountTokenOptions): Controller {
  return {
    name: 'tokens-controller',
    resource: resources.secrets,
    watches: [resources.secrets, resources.serviceAccounts],
    initialKeys: (ports) =>
      ports.view
        .list<Secret>(resources.secrets)
        .filter((secret) => secret.type === tokenType)
        .map(keyOf),
    keysFor,
    reconcile: (key, ports) => reconcile(key, ports, options),
  };
}

function keysFor(change: ObjectChange, ports: ControllerPorts): readonly string[] {
  if (isOf(change, resources.secrets))
    return change.type === 'put' && (change.object as Secret).type === tokenType ? [keyOf(change.object)] : [];
  if (!isOf(change, resources.serviceAccounts)) return [];
  const { name, namespace } = change.object.metadata;
  return ports.view
    .list<Secret>(resources.secrets, namespace)
    .filter((secret) => secret.type === tokenType && secret.metadata.annotations?.[nameAnnotation] === name)
    .map(keyOf);
}

const base64 = (text: string): string => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

async function reconcile(key: string, ports: ControllerPorts, options: AccountTokenOptions): Promise<undefined> {
  const { namespace, name } = splitKey(key);
  const secret = ports.view.get<Secret>(resources.secrets, namespace, name);
  if (secret?.type !== tokenType || secret.metadata.deletionTimestamp !== undefined) return;
  const { annotations = {}, uid, resourceVersion } = secret.metadata;
  const account = ports.view.get<Stored>(resources.serviceAccounts, namespace, annotations[nameAnnotation] ?? '');
  const wantedUid = annotations[uidAnnotation];
  if (account === undefined || (wantedUid !== undefined && wantedUid !== '' && wantedUid !== account.metadata.uid)) {
    await deleteObject(ports, resources.secrets, secret);
    return;
  }
  const data = { 'ca.crt': base64(options.rootCertificates), namespace: base64(namespace) };
  const complete =
    secret.data?.['token'] !== undefined &&
    Object.entries(data).every(([field, value]) => secret.data?.[field] === value) &&
    wantedUid === account.metadata.uid;
  if (complete) return;
  const token =
    secret.data?.['token'] ??
    base64(
      await options.issue({
        namespace,
        account: { name: account.metadata.name, uid: account.metadata.uid },
        secret: { name, uid },
      }),
    );
  await patchObject(ports, resources.secrets, secret, {
    metadata: { resourceVersion, annotations: { [uidAnnotation]: account.metadata.uid } },
    data: { ...data, token },
  });
}
