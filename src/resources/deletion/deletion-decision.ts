/** Decides what a delete request does to an object, purely. */
import { type JsonObject, type KubeObject, timeText } from '../../api/index.ts';
import type { DeletionOptions } from '../client.ts';

const orphanFinalizer = 'orphan';
const foregroundFinalizer = 'foregroundDeletion';

export interface DeletionRules {
  /** The kind ends after a grace period (pods). */
  readonly graceful: boolean;
  /** Seconds of that period for this object and these options. */
  readonly graceSeconds: number;
  /** What happens to dependents when the client does not say; `None` where nothing ever depends (Events). */
  readonly defaultPropagation: 'Background' | 'Orphan' | 'None';
}

/**
 * What a delete request does: `remove` at once, `mark` (write `object`, which is on its way out), `mark-and-remove`
 * (both, one after the other), or `pending` (it is on its way out already and this request changes nothing).
 */
type DeletionDecision =
  | { readonly type: 'remove' }
  | { readonly type: 'pending' }
  | { readonly type: 'mark' | 'mark-and-remove'; readonly metadata: JsonObject };

interface Deletion {
  readonly object: KubeObject;
  readonly options: DeletionOptions;
  readonly rules: DeletionRules;
  readonly nowMs: number;
}

/** Follows registry/rest BeforeDelete and registry Store.Delete. */
export function decideDeletion({ object, options, rules, nowMs }: Deletion): DeletionDecision {
  const metadata: JsonObject = { ...object.metadata };
  const grace = rules.graceful ? beginGrace(metadata, { options, rules, nowMs }) : 'at-once';
  if (grace === 'pending') return { type: 'pending' };
  const finalizers = finalizersAfter(object.metadata.finalizers ?? [], options, rules);
  if (finalizers.length > 0) metadata['finalizers'] = finalizers;
  else delete metadata['finalizers'];
  if (grace === 'marked') {
    const wait = finalizers.length > 0 || (metadata['deletionGracePeriodSeconds'] as number) > 0;
    return { type: wait ? 'mark' : 'mark-and-remove', metadata };
  }
  if (finalizers.length === 0) return { type: 'remove' };
  markNow(metadata, nowMs);
  return { type: 'mark', metadata };
}

function beginGrace(
  metadata: JsonObject,
  { options, rules, nowMs }: Omit<Deletion, 'object'>,
): 'marked' | 'pending' | 'at-once' {
  const began = metadata['deletionTimestamp'];
  if (typeof began === 'string') {
    const given = metadata['deletionGracePeriodSeconds'];
    if (typeof given !== 'number') return 'at-once';
    // Only a shorter period than the one that runs may be asked for.
    const period = options.gracePeriodSeconds;
    if (period === undefined || period >= given) return 'pending';
    metadata['deletionTimestamp'] = timeText(Date.parse(began) - (given - period) * 1000);
    metadata['deletionGracePeriodSeconds'] = period;
    return 'marked';
  }
  metadata['deletionTimestamp'] = timeText(nowMs + rules.graceSeconds * 1000);
  metadata['deletionGracePeriodSeconds'] = rules.graceSeconds;
  countGeneration(metadata);
  return 'marked';
}

function markNow(metadata: JsonObject, nowMs: number): void {
  if (metadata['deletionGracePeriodSeconds'] === undefined) countGeneration(metadata);
  const began = metadata['deletionTimestamp'];
  if (typeof began !== 'string' || Date.parse(began) > nowMs) metadata['deletionTimestamp'] = timeText(nowMs);
  metadata['deletionGracePeriodSeconds'] = 0;
}

function countGeneration(metadata: JsonObject): void {
  const generation = metadata['generation'];
  if (typeof generation === 'number' && generation > 0) metadata['generation'] = generation + 1;
}

/** The finalizers with which the garbage collector is told what to do with dependents. */
function finalizersAfter(present: readonly string[], options: DeletionOptions, rules: DeletionRules): string[] {
  if (rules.defaultPropagation === 'None') return [...present];
  const kept = present.filter((finalizer) => finalizer !== orphanFinalizer && finalizer !== foregroundFinalizer);
  const policy = options.propagation ?? policyOf(present, rules);
  if (policy === 'Orphan') kept.push(orphanFinalizer);
  if (policy === 'Foreground') kept.push(foregroundFinalizer);
  return kept;
}

function policyOf(present: readonly string[], rules: DeletionRules): DeletionOptions['propagation'] {
  const set = present.find((finalizer) => finalizer === orphanFinalizer || finalizer === foregroundFinalizer);
  if (set !== undefined) return set === orphanFinalizer ? 'Orphan' : 'Foreground';
  return rules.defaultPropagation === 'Orphan' ? 'Orphan' : 'Background';
}
