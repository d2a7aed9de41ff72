/**
 * Who asks, and whether he may.
 *
 *   request -> authentication -> impersonation -> authorisation -> the handler
 *                front proxy        each part        masters, public paths,
 *                certificate        authorised       nodes, RBAC
 *                bearer token                        webhook, modules
 *                plug-ins
 *                anonymous
 *
 * A signature is verified once, then remembered for ten seconds; nodes and RBAC are decided at once, from the local
 * view of roles and bindings, remembered until one of them changes. What else is asked (plug-ins.ts; all off unless the
 * settings name them) may wait, and then only those requests wait that nobody before has decided. Follows the chain,
 * the texts and the reviews of kube-apiserver.
 */
export { accessWebhook } from './access-webhook.ts';
export { accountExists } from './account-check.ts';
export {
  type AccessAttributes,
  type Authorizer,
  type Decision,
  forbiddenAccess,
  type LocalAuthorizer,
} from './attributes.ts';
export { noteTokenUse } from './token-use.ts';
export {
  anonymousUser,
  type AuthenticationPorts,
  type Authenticator,
  checkToken,
  createAuthenticator,
} from './authentication.ts';
export { certificateToken } from './certificate-token.ts';
export { certificateError } from './certificate-requests.ts';
export { createAuthorizer, mastersGroup } from './authorization.ts';
export { escalationError, type EscalationPorts, type RbacWrite } from './escalation.ts';
export type { FrontProxy } from './front-proxy.ts';
export { impersonated, impersonates } from './impersonation.ts';
export { createNodeAuthorizer, nodesGroup } from './node-authorizer.ts';
export { certificateBackdateMs, removedNodes } from './removed-nodes.ts';
export type {
  AuthenticationPlugIn,
  AuthorizationPlugIn,
  RecognisedToken,
  RefusedToken,
  SenderFacts,
} from './plug-ins.ts';
export { oidcTokens } from './oidc.ts';
export type { PolicyRule } from './policy-rule.ts';
export { createRbac, type Rbac } from './rbac.ts';
export {
  signingKeyId,
  signingKeys,
  type SigningKeyOptions,
  type SigningKeys,
  textHash,
  tokenHash,
} from './signing-keys.ts';
export { createTokenIssuer } from './token-issuer.ts';
export { tokenWebhook } from './token-webhook.ts';
export { type AccountClaim, createTokens, type Tokens, troupeIssuer } from './tokens.ts';
