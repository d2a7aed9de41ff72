/**
 * What the controllers of workloads share: which pods count, which go first, how a template becomes a pod, and the
 * history of templates (ControllerRevisions).
 */
export { OrphanPods } from './orphans.ts';
export { ownedPods } from './owned-pods.ts';
export { podsToDelete } from './pod-ranking.ts';
export { claimsOfPod, podsWithClaims } from './pod-claims.ts';
export { availableAfterMs, isAvailable, type PodDraft, podFromTemplate } from './pods.ts';
export { ownedRevisions, pruneRevisions, syncRevision, templateOf } from './revisions.ts';
export { removePod } from './remove-pod.ts';
export { rollingBounds } from './rolling-bounds.ts';
export { templateHash } from './template-hash.ts';
