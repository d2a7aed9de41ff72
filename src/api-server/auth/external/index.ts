/**
 * Authentication and authorization by services outside the cluster: webhooks and OpenID Connect providers.
 *
 * Contract: each is a plug-in (plug-ins.ts); a failure while asking never lets anybody in and is never remembered.
 */
export { accessWebhook } from './access-webhook.ts';
export { oidcTokens } from './oidc.ts';
export { tokenWebhook } from './token-webhook.ts';
