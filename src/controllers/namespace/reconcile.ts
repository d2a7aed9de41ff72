/** Decides what a namespace that goes away reports, and when it is empty. */
import { type NamespaceCondition, type Namespace, setCondition, timeText } from '../../api/index.ts';

/** What is left of one collection in a namespace that goes away. */
export interface Remaining {
  readonly group: string;
  readonly resource: string;
  readonly count: number;
  /** How many objects wait for each finalizer. */
  readonly finalizers: ReadonlyMap<string, number>;
}

/** A collection whose deletion failed. */
export interface DeletionFailure {
  readonly message: string;
}

/** Whether things may be made in a namespace. */
export function isOpen(namespace: Namespace | undefined): namespace is Namespace {
  return (
    namespace !== undefined &&
    namespace.metadata.deletionTimestamp === undefined &&
    namespace.status?.phase !== 'Terminating'
  );
}

type Draft = Omit<NamespaceCondition, 'lastTransitionTime'>;

function contentRemaining(remaining: readonly Remaining[]): Draft {
  const type = 'NamespaceContentRemaining';
  if (remaining.length === 0)
    return { type, status: 'False', reason: 'ContentRemoved', message: 'All content successfully removed' };
  const parts = remaining
    .map((entry) => `${entry.resource}.${entry.group} has ${String(entry.count)} resource instances`)
    .sort();
  return {
    type,
    status: 'True',
    reason: 'SomeResourcesRemain',
    message: `Some resources are remaining: ${parts.join(', ')}`,
  };
}

function finalizersRemaining(remaining: readonly Remaining[]): Draft {
  const type = 'NamespaceFinalizersRemaining';
  const counts = new Map<string, number>();
  for (const entry of remaining)
    for (const [finalizer, count] of entry.finalizers) counts.set(finalizer, (counts.get(finalizer) ?? 0) + count);
  if (counts.size === 0)
    return {
      type,
      status: 'False',
      reason: 'ContentHasNoFinalizers',
      message: 'All content-preserving finalizers finished',
    };
  const parts = [...counts].map(([finalizer, count]) => `${finalizer} in ${String(count)} resource instances`).sort();
  return {
    type,
    status: 'True',
    reason: 'SomeFinalizersRemain',
    message: `Some content in the namespace has finalizers remaining: ${parts.join(', ')}`,
  };
}

function contentFailure(failures: readonly DeletionFailure[]): Draft {
  const type = 'NamespaceDeletionContentFailure';
  if (failures.length === 0)
    return {
      type,
      status: 'False',
      reason: 'ContentDeleted',
      message: 'All content successfully deleted, may be waiting on finalization',
    };
  const list = failures
    .map((failure) => failure.message)
    .sort()
    .join(', ');
  const message = `Failed to delete all resource types, ${String(failures.length)} remaining: ${list}`;
  return { type, status: 'True', reason: 'ContentDeletionFailed', message };
}

/** The conditions of a namespace that is being deleted. */
export function terminatingConditions(
  namespace: Namespace,
  outcome: {
    readonly remaining: readonly Remaining[];
    readonly failures: readonly DeletionFailure[];
    readonly now: number;
  },
): readonly NamespaceCondition[] {
  const drafts: readonly Draft[] = [
    {
      type: 'NamespaceDeletionDiscoveryFailure',
      status: 'False',
      reason: 'ResourcesDiscovered',
      message: 'All resources successfully discovered',
    },
    {
      type: 'NamespaceDeletionGroupVersionParsingFailure',
      status: 'False',
      reason: 'ParsedGroupVersions',
      message: 'All legacy kube types successfully parsed',
    },
    contentFailure(outcome.failures),
    contentRemaining(outcome.remaining),
    finalizersRemaining(outcome.remaining),
  ];
  return drafts.reduce(
    (conditions, draft) => setCondition(conditions, draft, timeText(outcome.now)),
    namespace.status?.conditions ?? [],
  );
}

/** What the Namespace controller's own finalizer is called in `spec.finalizers`. */
const ownFinalizer = 'kubernetes';

/** The namespace's finalizers without the controller's; undefined when it is not among them. */
export function finalizersWithoutOwn(namespace: Namespace): readonly string[] | undefined {
  const finalizers = namespace.spec?.finalizers ?? [];
  return finalizers.includes(ownFinalizer) ? finalizers.filter((finalizer) => finalizer !== ownFinalizer) : undefined;
}
