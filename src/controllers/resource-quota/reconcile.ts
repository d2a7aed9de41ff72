/** Decides what a ResourceQuota says of its use, and which changes free some of it. */
import { type ResourceQuota, resources } from '../../api/index.ts';
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
    (isOf(change, resources.pods) && phaseOf(change.object) !== phaseOf(change.previous)) ||
    isOf(change, resources.services) ||
    isOf(change, resources.persistentVolumeClaims)
  );
}

const phaseOf = (object: { readonly status?: unknown } | undefined): unknown =>
  (object?.status as { readonly phase?: string } | undefined)?.phase;
