/** Service accounts behind tokens: whether they still exist, and which user they are. */
import { type KubeObject, resources } from '../../../api/index.ts';
import type { ResourceView, Requester } from '../../../resources/index.ts';
import type { AccountClaim, NamedObject } from './tokens.ts';

const invalidSince = 'kubernetes.io/legacy-token-invalid-since';

/** Whether the account of a token and the object that it is bound to still exist, the very same ones (by UID). */
export function accountExists(view: ResourceView, claim: AccountClaim): boolean {
  const { namespace } = claim;
  return (
    alive(view, 'serviceaccounts', { namespace, named: claim.serviceaccount }) &&
    (claim.pod === undefined || alive(view, 'pods', { namespace, named: claim.pod })) &&
    (claim.secret === undefined || alive(view, 'secrets', { namespace, named: claim.secret })) &&
    (claim.node === undefined ||
      claim.pod !== undefined ||
      alive(view, 'nodes', { namespace: undefined, named: claim.node }))
  );
}

function alive(
  view: ResourceView,
  resource: string,
  where: { readonly namespace: string | undefined; readonly named: NamedObject },
): boolean {
  const object = view.get<KubeObject>({ group: '', resource }, where.namespace, where.named.name);
  return object !== undefined && object.metadata.uid === where.named.uid;
}

/** The Secret that the token lies in, for a token that lasts as long as its Secret. */
export function tokenSecret(view: ResourceView, claim: AccountClaim): KubeObject | undefined {
  if (claim.secret === undefined) return undefined;
  const secret = view.get<KubeObject & { readonly type?: string | undefined }>(
    resources.secrets,
    claim.namespace,
    claim.secret.name,
  );
  return secret?.type === 'kubernetes.io/service-account-token' ? secret : undefined;
}

/** Why the token of a Secret holds no more; undefined: it does. */
export function secretProblem({ metadata }: KubeObject, claim: AccountClaim): string | undefined {
  if ((metadata.labels?.[invalidSince] ?? '') === '') return undefined;
  const { namespace, serviceaccount } = claim;
  const secret = `${namespace}/${metadata.name ?? ''}`;
  const account = `${namespace}/${serviceaccount.name}`;
  return (
    `the token in secret ${secret} for service account ${account} has been marked invalid. ` +
    'Use tokens from the TokenRequest API or manually created secret-based tokens, or remove the ' +
    `'${invalidSince}' label from the secret to temporarily allow use of this token`
  );
}

/** The user of a service account, without system:authenticated. `tokenId`: of a token that a client requested. */
export function accountUser(claim: AccountClaim, tokenId: string | undefined): Requester {
  const { namespace, serviceaccount } = claim;
  return {
    name: `system:serviceaccount:${namespace}:${serviceaccount.name}`,
    uid: serviceaccount.uid,
    groups: accountGroups(namespace),
    extra: tokenId === undefined ? undefined : credentialFacts(claim, tokenId),
  };
}

/** Which token it is, and the objects that it is bound to. */
function credentialFacts({ pod, node }: AccountClaim, tokenId: string): NonNullable<Requester['extra']> {
  const facts: Record<string, readonly string[]> = { 'authentication.kubernetes.io/credential-id': [`JTI=${tokenId}`] };
  for (const [kind, object] of Object.entries({ node, pod })) {
    if (object === undefined) continue;
    facts[`authentication.kubernetes.io/${kind}-name`] = [object.name];
    facts[`authentication.kubernetes.io/${kind}-uid`] = [object.uid];
  }
  return facts;
}

export function accountGroups(namespace: string): readonly string[] {
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
}
