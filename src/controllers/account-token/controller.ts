/** Fills Secrets with tokens of their ServiceAccount (Kubernetes' tokens controller). */
import { resources, type Secret, type StoredObject } from '../../api/index.ts';
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
import { tellsOfAuthorities } from '../root-certificate/authorities.ts';
import { base64, nameAnnotation, planSecret, tokenType, uidAnnotation } from './reconcile.ts';

interface TokenOrder {
  readonly namespace: string;
  readonly account: { readonly name: string; readonly uid: string };
  readonly secret: { readonly name: string; readonly uid: string };
}

export interface AccountTokenOptions {
  /** Signs a token that lasts as long as the Secret that holds it. */
  issue(order: TokenOrder): Promise<string>;
  /** PEM of the certificates by which the API server is trusted, as they are now. */
  readonly rootCertificates: () => string;
  /** Whether another key signs now than the one that signed the token (in base64). */
  readonly isReplaced: (token: string) => boolean;
}

/** Fills Secrets of the type service-account-token, and deletes them with their account. */
export function accountTokenController(options: AccountTokenOptions): Controller {
  return {
    name: 'tokens-controller',
    resource: resources.secrets,
    watches: [resources.secrets, resources.serviceAccounts, resources.configMaps],
    initialKeys: allKeys,
    keysFor,
    reconcile: (key, ports) => reconcile(key, ports, options),
  };
}

const allKeys = (ports: ControllerPorts): readonly string[] =>
  ports.view
    .list<Secret>(resources.secrets)
    .filter((secret) => secret.type === tokenType)
    .map(keyOf);

function keysFor(change: ObjectChange, ports: ControllerPorts): readonly string[] {
  if (tellsOfAuthorities(change)) return allKeys(ports);
  if (isOf(change, resources.secrets))
    return change.type === 'put' && (change.object as Secret).type === tokenType ? [keyOf(change.object)] : [];
  if (!isOf(change, resources.serviceAccounts)) return [];
  const { name, namespace } = change.object.metadata;
  return ports.view
    .list<Secret>(resources.secrets, namespace)
    .filter((secret) => secret.type === tokenType && secret.metadata.annotations?.[nameAnnotation] === name)
    .map(keyOf);
}

async function reconcile(key: string, ports: ControllerPorts, options: AccountTokenOptions): Promise<undefined> {
  const { namespace, name } = splitKey(key);
  const secret = ports.view.get<Secret>(resources.secrets, namespace, name);
  if (secret === undefined) return;
  const accountName = secret.metadata.annotations?.[nameAnnotation] ?? '';
  const account = ports.view.get<StoredObject>(resources.serviceAccounts, namespace, accountName);
  const plan = planSecret({
    secret,
    account,
    rootCertificates: options.rootCertificates(),
    isReplaced: options.isReplaced,
  });
  if (plan.type === 'delete') await deleteObject(ports, resources.secrets, secret);
  if (plan.type !== 'fill') return;
  const token = plan.token ?? base64(await options.issue(orderOf(secret, plan.account)));
  await patchObject(ports, resources.secrets, secret, {
    metadata: {
      resourceVersion: secret.metadata.resourceVersion,
      annotations: { [uidAnnotation]: plan.account.metadata.uid },
    },
    data: { ...plan.data, token },
  });
}

function orderOf(secret: Secret, account: StoredObject): TokenOrder {
  const { name, uid, namespace = '' } = secret.metadata;
  return {
    namespace,
    account: { name: account.metadata.name, uid: account.metadata.uid },
    secret: { name, uid },
  };
}
