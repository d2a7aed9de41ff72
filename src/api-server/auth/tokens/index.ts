/**
 * Bearer tokens: those that the cluster signs itself, and those that lie in its Secrets.
 *
 *   service account token   signed JSON Web Token, bound to account, pod, node or Secret by UID
 *   troupe token            signed JSON Web Token of a node's agent or an administrator
 *   bootstrap token         `<id>.<secret>` of a Secret in kube-system
 *
 * Contract: a token holds only while the objects that it is bound to exist. The key set is shared, so that a rotation
 * reaches everybody who signs or verifies at once. Follows k8s.io/kubernetes/pkg/serviceaccount.
 */
export { accountExists, accountGroups, accountUser, secretProblem, tokenSecret } from './account-check.ts';
export { bearerToken, tokenEnd } from './bearer-token.ts';
export { bootstrapTokenCheck } from './bootstrap-token.ts';
export { type KeyRotation, keyRotation, type SigningKeyFiles } from './key-rotation.ts';
export {
  signingKeyId,
  type SigningKeyOptions,
  signingKeys,
  type SigningKeys,
  textHash,
  tokenHash,
} from './signing-keys.ts';
export { createTokenIssuer } from './token-issuer.ts';
export { noteTokenUse } from './token-use.ts';
export { type AccountClaim, createTokens, type Tokens, troupeIssuer, type VerifiedToken } from './tokens.ts';
