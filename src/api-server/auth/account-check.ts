import type { KubeObject } from '../../api/index.ts';
import type { ResourceView, UserInfo } from '../../resources/index.ts';
import type { AccountClaim, NamedObject } from './tokens.ts';

/** Whether the account of a token and the object that it is bound to still exist, the very same ones (by UID). */
export function accountExists(view: ResourceView, claim: AccountClaim): boolean {
  const { namespace } = claim;
  return alive(view, 'serviceaccounts', { namespace, named: claim.serviceaccount })
    && (claim.pod === undefined || alive(view, 'pods', { namespace, named: claim.pod }))
    && (claim.secret === undefined || alive(view, 'secrets', { namespace, named: claim.secret }))
    && (claim.node === undefined || claim.pod !== undefined || alive(view, 'nodes', { namespace: undefined, named: claim.node }));
}

function alive(view: ResourceView, resource: string, where: { readonly namespace: string | undefined; readonly named: NamedObject }): boolean {
  const object = view.get<KubeObject>({ group: '', resource }, where.namespace, where.named.name);
  return object !== undefined && object.metadata.uid === where.named.uid;
}

/** The user that a service account is, without system:authenticated. */
export function accountUser(claim: AccountClaim, tokenId: string): UserInfo {
  const { namespace, serviceaccount, pod, node } = claim;
  return {
    name: `system:serviceaccount:${namespace}:${serviceaccount.name}`,
    uid: serviceaccount.uid,
    groups: accountGroups(namespace),
    extra: {
      'authentication.kubernetes.io/credential-id': [`JTI=${tokenId}`],
      ...(node === undefined ? {} : { 'authentication.kubernetes.io/node-name': [node.name], 'authentication.kubernetes.io/node-uid': [node.uid] }),
      ...(pod === undefined ? {} : { 'authentication.kubernetes.io/pod-name': [pod.name], 'authentication.kubernetes.io/pod-uid': [pod.uid] }),
    },
  };
}

export function accountGroups(namespace: string): readonly string[] {
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
}
