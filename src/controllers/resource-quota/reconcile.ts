/** Decides what a ResourceQuota says of its use, and which changes free some of it. */
import { type PodStatus, type ResourceQuota, resources } from '../../api/index.ts';
import type { ObjectChange } from '../../resources/index.ts';
import { isOf, stableText } from '../runtime/index.ts';

/** The status to write; undefined: limits and use are reported already. */
export function planStatus(
  { spec, status }: ResourceQuota,
  used: Readonly<Record<string, string>>,
): ResourceQuota['status'] | undefined {
  const next = { hard: spec?.hard ?? {}, used };
  const current = { hard: status?.hard ?? {}, used: status?.used ?? {} };
  return stableText(next) === stableText(current) ? undefined : next;
}

/** Whether a change may free some of what a namespace uses, or count it otherwise; new use is charged on writing. */
export function mayFree(change: ObjectChange): boolean {
  return (
    change.type === 'delete' ||
    (isOf(change, resources.pods) && countedStatus(change.object) !== countedStatus(change.previous)) ||
    isOf(change, resources.services) ||
    isOf(change, resources.persistentVolumeClaims)
  );
}

/** What of a pod's status its use of a quota depends on: whether it has ended, and what its node has given it. */
function countedStatus(object: { readonly status?: unknown } | undefined): string {
  const status = (object?.status ?? {}) as Partial<PodStatus>;
  const given = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])].map((each) => [
    each.allocatedResources,
    each.resources,
  ]);
  return JSON.stringify([
    status.phase,
    given,
    status.conditions?.find(({ type }) => type === 'PodResizePending')?.reason,
  ]);
}
