/**
 * Authentication and authorization: who sends a request, and whether they may.
 *
 *   request -> authentication -> impersonation -> authorisation -> the handler
 *                front proxy        each part        masters, public paths,
 *                certificate        authorised       nodes, RBAC
 *                bearer token                        webhook, modules
 *                plug-ins
 *                anonymous
 *
 * A signature is verified once, then remembered for ten seconds, or until what the token hangs on goes; nodes and RBAC
 * are decided at once, from the local view of roles and bindings, remembered until one of them changes. Plug-ins
 * (plug-ins.ts; all off unless the settings name them) may take their time; only requests that nobody before them has
 * decided wait for them. Follows the chain, the texts and the reviews of kube-apiserver.
 */
export { accessWebhook, oidcTokens, tokenWebhook } from './external/index.ts';
export {
  bearerToken,
  tokenEnd,
  noteTokenUse,
  type KeyRotation,
  keyRotation,
  signingKeyId,
  type SigningKeyFiles,
  signingKeys,
  type SigningKeyOptions,
  type SigningKeys,
  textHash,
  tokenHash,
  createTokenIssuer,
  type AccountClaim,
  createTokens,
  type Tokens,
  troupeIssuer,
} from './tokens/index.ts';
export {
  type AccessAttributes,
  type Authorizer,
  type Decision,
  forbiddenAccess,
  type LocalAuthorizer,
} from './attributes.ts';
export { followRights, type RightsChange, tiesOf } from './rights-changes.ts';
export {
  anonymousUser,
  type AuthenticationPorts,
  type Authenticator,
  authenticatorAgain,
  checkToken,
  createAuthenticator,
  type StaticTokens,
} from './authentication.ts';
export {
  certificatesOf,
  certificateTexts,
  certificateToken,
  certificateError,
  isSignedBy,
  type FrontProxy,
  certificateBackdateMs,
  removedNodes,
} from './certificates/index.ts';
export { nodeProxyAccess } from './node-proxy.ts';
export { Withdrawals } from './withdrawals.ts';
export { createAuthorizer, mastersGroup } from './authorization.ts';
export { createRbac, escalationError, type EscalationPorts, type Rbac, rbacGroup } from './rbac/index.ts';
export { impersonated, impersonates } from './impersonation.ts';
export { createNodeAuthorizer, nodesGroup } from './node/index.ts';
export type { AuthenticationPlugIn, AuthorizationPlugIn } from './plug-ins.ts';
