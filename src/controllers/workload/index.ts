/**
 * What the controllers of workloads share: which pods count, which go first, how a template becomes a pod, and the
 * history of templates (ControllerRevisions).
 */
export { OrphanPods } from './orphans.ts';
export { podsToDelete } from './pod-ranking.ts';
export { claimsOfPod, podsWithClaims } from './pod-claims.ts';
export * from './pods.ts';
export * from './revisions.ts';
export * from './scaled-value.ts';
export { templateHash } from './template-hash.ts';
