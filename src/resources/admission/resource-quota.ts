import type { AdmissionPlugin } from './plugin.ts';

/** Keeps what a namespace holds within its quotas. */
export const resourceQuota: AdmissionPlugin = { name: 'ResourceQuota' };
