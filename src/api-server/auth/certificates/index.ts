/**
 * Client certificates as credentials: shown in TLS, shown over NATS as a signed token, vouched for by a front proxy.
 *
 * Contract: a certificate of a node that was removed afterwards is refused everywhere; a front proxy's certificate
 * never counts as a user's; nobody gets a certificate of the group system:masters signed.
 */
export { certificatesOf, certificateTexts, isSignedBy } from './bundle.ts';
export { certificateError } from './certificate-requests.ts';
export { certificateToken, certificateTokenUser, isCertificateToken } from './certificate-token.ts';
export { type FrontProxy, proxiedUser } from './front-proxy.ts';
export { certificateBackdateMs, removedNode, removedNodes } from './removed-nodes.ts';
