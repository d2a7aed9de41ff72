/**
 * Who may do what beside the cluster's own rules, as the settings say it: files, OpenID Connect, webhooks and modules
 * that recognise users or decide, and the audit log. Each is opened from its setting; a wrong setting is a StartProblem.
 */
export { auditOf } from './audit.ts';
export { type AccessPlugIns, accessPlugIns } from './plug-ins.ts';
