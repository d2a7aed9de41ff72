/**
 * The audit trail: who asked for what, and what came of it (audit.k8s.io/v1).
 *
 *   handler ── begin ──> policy: which level?  ── None ──> nothing is recorded, and nothing is spent
 *      │                        │
 *      └─ annotate, complete ──> record ── events per stage ──> batch ──> log file (JSON lines, rotated)
 *                                                          └──> batch ──> webhook (EventList, tried again)
 *
 * Controllers and the scheduler write without a request; auditedWrites records each of their writes as the request that
 * it stands for.
 *
 * Contract: a request is recorded at the level of the first rule of the policy that matches it. A request never waits
 * for a backend: each has a bounded queue, and what does not fit is dropped and counted. Follows
 * k8s.io/apiserver/pkg/audit.
 */
export { createAudit, type Audit, type AuditRecord } from './audit.ts';
export type { ObjectName } from './event.ts';
export { defaultAuditPolicy } from './default-policy.ts';
export { openAuditLog } from './log-backend.ts';
export { type AuditPolicy, parseAuditPolicy } from './policy.ts';
export { auditedWrites } from './own-writes.ts';
export { openAuditWebhook } from './webhook-backend.ts';
