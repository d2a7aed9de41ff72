/** The patch that turns a shown pod status into the wanted one. */
import type { PodCondition, PodStatus } from '../../api/index.ts';
import { resizeConditionTypes } from './pod-resize.ts';

/**
 * The strategic merge patch that turns the shown status into the new one; undefined when they are the same. A field
 * that went away is null; conditions merge by type, so that conditions of other writers stay.
 */
export function statusPatch(
  uid: string,
  shown: PodStatus | undefined,
  next: PodStatus,
): { readonly metadata: { readonly uid: string }; readonly status: Record<string, unknown> } | undefined {
  const status: Record<string, unknown> = {};
  const before = (shown ?? {}) as Readonly<Record<string, unknown>>;
  const after = next as Readonly<Record<string, unknown>>;
  for (const name of new Set([...Object.keys(after), ...ownFields])) {
    if (name === 'conditions') continue;
    if (!sameJson(before[name], after[name])) status[name] = after[name] ?? null;
  }
  const conditions = changedConditions(shown?.conditions ?? [], next.conditions ?? []);
  if (conditions.length > 0) status['conditions'] = conditions;
  // The merge key of podIPs is the address: an old one must be named to go.
  const gone = (shown?.podIPs ?? []).filter(({ ip }) => next.podIPs?.some((each) => each.ip === ip) !== true);
  if (status['podIPs'] !== undefined && gone.length > 0)
    status['podIPs'] = [{ $patch: 'replace' }, ...(next.podIPs ?? [])];
  return Object.keys(status).length === 0 ? undefined : { metadata: { uid }, status };
}

/** Fields of which this agent is the writer; others (nominatedNodeName …) are left alone. */
const ownFields = [
  'phase',
  'reason',
  'message',
  'hostIP',
  'hostIPs',
  'podIP',
  'podIPs',
  'startTime',
  'initContainerStatuses',
  'containerStatuses',
  'ephemeralContainerStatuses',
  'qosClass',
];

function changedConditions(shown: readonly PodCondition[], next: readonly PodCondition[]): object[] {
  const gone = shown.filter(
    ({ type }) => resizeConditionTypes.includes(type) && !next.some((each) => each.type === type),
  );
  const removed = gone.map(({ type }) => ({ $patch: 'delete', type }));
  const changed = next.flatMap((condition) => {
    const before = shown.find(({ type }) => type === condition.type);
    if (before !== undefined && sameJson(before, condition)) return [];
    const dropped =
      before === undefined
        ? {}
        : Object.fromEntries(
            ['reason', 'message'].filter((name) => name in before && !(name in condition)).map((name) => [name, null]),
          );
    return [{ ...condition, ...dropped }];
  });
  return [...changed, ...removed];
}

/** Equal as JSON: the order of fields does not count, and absent, null and undefined are one. */
export function sameJson(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (one === undefined || one === null || other === undefined || other === null)
    return (one ?? null) === (other ?? null);
  if (typeof one !== 'object' || typeof other !== 'object' || Array.isArray(one) !== Array.isArray(other)) return false;
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((item, i) => sameJson(item, other[i]));
  const [left, right] = [one as Record<string, unknown>, other as Record<string, unknown>];
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].every((key) => sameJson(left[key], right[key]));
}
