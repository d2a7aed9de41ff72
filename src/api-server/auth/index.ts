/**
 * Who asks, and whether he may.
 *
 *   request -> authentication -> impersonation -> authorisation -> the handler
 *                certificate        each part        masters, public paths,
 *                bearer token       authorised       nodes, RBAC
 *                anonymous
 *
 * Authentication is the only part that may wait (a signature is verified once, then remembered for ten seconds); authorisation
 * is synchronous, from the local view of roles and bindings, remembered until one of them changes. Follows the chain, the
 * texts and the reviews of kube-apiserver.
 */
export { accountExists } from './account-check.ts';
export { type AccessAttributes, type Authorizer, type Decision, forbiddenAccess } from './attributes.ts';
export { anonymousUser, type AuthenticationPorts, type Authenticator, checkToken, createAuthenticator } from './authentication.ts';
export { certificateToken } from './certificate-token.ts';
export { certificateError } from './certificate-requests.ts';
export { createAuthorizer, mastersGroup } from './authorization.ts';
export { escalationError, type EscalationPorts, type RbacWrite } from './escalation.ts';
export { impersonated, impersonates } from './impersonation.ts';
export { createNodeAuthorizer, nodesGroup } from './node-authorizer.ts';
export { certificateBackdateMs, removedNodes } from './removed-nodes.ts';
export type { PolicyRule } from './policy-rule.ts';
export { createRbac, type Rbac } from './rbac.ts';
export { signingKeys, type SigningKeyOptions, type SigningKeys, textHash, tokenHash } from './signing-keys.ts';
export { createTokenIssuer } from './token-issuer.ts';
export { type AccountClaim, createTokens, type Tokens, troupeIssuer } from './tokens.ts';
