/**
 * ResourceQuota: what a namespace may hold, counted in the very transactions that fill it.
 *
 * A write that a quota counts carries the quota's new status as a part of its transaction, on condition that the status
 * has not changed; two writers that would both just fit collide, and the second is charged on what the first has left.
 * What is freed (deletions, pods that end) is given back by the quota controller, which counts with the same functions.
 */
export { chargeQuotas } from './charge.ts';
export { currentUsage } from './current-usage.ts';
