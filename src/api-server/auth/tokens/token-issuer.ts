/** Issues the service account tokens that clients ask for (TokenRequest). */
import { type KubeObject, notFound, timeText, resources } from '../../../api/index.ts';
import type { IssuedToken, ResourceView, TokenOrder } from '../../../resources/index.ts';
import type { AccountClaim, Tokens } from './tokens.ts';

/** Signs the tokens that the write path orders for service accounts; the order has been checked there. */
export function createTokenIssuer(ports: {
  readonly tokens: Tokens;
  readonly view: ResourceView;
  readonly audiences: readonly string[];
}): (order: TokenOrder) => Promise<IssuedToken> {
  return async (order) => {
    const audiences = order.audiences.length > 0 ? order.audiences : ports.audiences;
    const account: AccountClaim = {
      namespace: order.namespace,
      serviceaccount: { name: order.serviceAccount, uid: order.serviceAccountUid },
      ...boundTo(ports.view, order),
    };
    const { token, expiresAt } = await ports.tokens.issueAccountToken({
      account,
      audiences,
      expirationSeconds: order.expirationSeconds,
    });
    return { token, expirationTimestamp: timeText(expiresAt), audiences };
  };
}

/** The bound object's claim. A pod's token also names the node that runs it. */
function boundTo(view: ResourceView, order: TokenOrder): Partial<AccountClaim> {
  const bound = order.boundObject;
  if (bound === undefined) return {};
  const { name, uid } = bound;
  if (bound.kind === 'Secret') return { secret: { name, uid } };
  if (bound.kind === 'Node') return { node: { name, uid } };
  const pod = view.get<KubeObject>(resources.pods, order.namespace, name);
  if (pod === undefined) throw notFound(resources.pods, name);
  const nodeName = (pod.spec as { readonly nodeName?: string | undefined } | undefined)?.nodeName;
  if (nodeName === undefined || nodeName === '') return { pod: { name, uid } };
  const node = view.get<KubeObject>(resources.nodes, undefined, nodeName);
  return { pod: { name, uid }, node: { name: nodeName, uid: node?.metadata.uid ?? '' } };
}
