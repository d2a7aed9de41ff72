/**
 * Authentication, authorization, admission and audit beside the cluster's own, as the settings say: OpenID Connect,
 * webhooks, modules, front proxies, the configuration of admission plug-ins, and the audit log. Each is opened from its
 * setting; a wrong one is a StartProblem.
 */
export { admissionConfiguration } from './admission.ts';
export { auditOf } from './audit.ts';
export { type AccessPlugIns, accessPlugIns } from './plug-ins.ts';
