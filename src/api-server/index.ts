/**
 * The two doors of the API and the one handler behind them.
 *
 *   TLS connection ── http/ ──┐                         ┌── resource-handler ── ResourceService: reads, writes
 *                             ├── handler: authn, authz ┤── streams/ ── the node's agent, over the bus
 *   NATS request ──── nats/ ──┘                         ├── reviews/ (questions that are answered and forgotten)
 *                                                       └── paths/ (discovery, OpenAPI, health, dashboard …)
 *
 * participants/ supervises controllers that are programs of their own and register over NATS.
 *
 * Contract: a request and an answer are plain values (request.ts); the doors only carry them, so both give the same
 * status, headers and body. Reads send the stored records' bytes as they are; nothing is parsed on the way of a GET, a
 * LIST or a WATCH in JSON. Status codes, texts, headers and formats are those of kube-apiserver 1.33.
 */
export { type Access, type AuthorizationStep, createAccess } from './access.ts';
export { createCredentials, createNodeTokens, type Credentials } from './credentials.ts';
export {
  type Audit,
  auditedWrites,
  type AuditPolicy,
  createAudit,
  defaultAuditPolicy,
  openAuditLog,
  openAuditWebhook,
  parseAuditPolicy,
} from './audit/index.ts';
export {
  accessWebhook,
  type AuthenticationPlugIn,
  type AuthorizationPlugIn,
  certificateBackdateMs,
  certificatesOf,
  certificateTexts,
  certificateToken,
  forbiddenAccess,
  type FrontProxy,
  isSignedBy,
  type KeyRotation,
  keyRotation,
  oidcTokens,
  removedNodes,
  signingKeyId,
  type SigningKeyFiles,
  type SigningKeyOptions,
  type SigningKeys,
  tokenHash,
  tokenWebhook,
} from './auth/index.ts';
export { type Aggregator, createAggregator } from './aggregation/index.ts';
export { webhookCalls, httpExchange, type TlsOptions } from './http/index.ts';
export type { HealthCheck, VersionInfo } from './paths/index.ts';
export { startParticipants } from './participants/index.ts';
export { adapterMetricsClient, podMetricsClient, serveResourceMetrics } from './resource-metrics/index.ts';
export { evictConnections } from './nats/index.ts';
export { getJson, parseEndpointConfig, remoteEndpoint } from './remote/index.ts';
export { type ApiServer, createApiServer } from './server.ts';
export type { MemberOperator } from './paths/index.ts';
