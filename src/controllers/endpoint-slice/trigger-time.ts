/** When that began which made endpoints change (Kubernetes, "Network programming latency SLI"). */
import { endpointsTrigger, findCondition, type Pod, type Service } from '../../api/index.ts';

interface TriggerFacts {
  readonly service: Pick<Service, 'metadata'>;
  /** The pods that are to be shown. */
  readonly pods: readonly Pod[];
  /** Whether a pod is to be shown as ready. */
  readonly isReady: (pod: Pod) => boolean;
  /** By uid, which pods are shown so far, and whether as ready; undefined: nothing is shown for the Service yet. */
  readonly shown: ReadonlyMap<string, boolean> | undefined;
}

/**
 * When the oldest change of pods began that is not shown yet: a pod became ready or unready. The first endpoints of a
 * Service began with it. Undefined where nobody knows, such as for a pod that went. RFC 3339.
 */
export function triggerTime({ service, pods, isReady, shown }: TriggerFacts): string | undefined {
  if (shown === undefined) return service.metadata.creationTimestamp ?? undefined;
  const [first] = pods
    .filter((pod) => shown.get(pod.metadata.uid) !== isReady(pod))
    .flatMap(({ status }) => findCondition(status?.conditions, 'Ready')?.lastTransitionTime ?? [])
    .sort();
  return first;
}

type Annotations = Readonly<Record<string, string>>;

/** The annotations with this trigger time alone; undefined when there are none then. */
export function withTriggerTime(
  annotations: Annotations | undefined,
  time: string | undefined,
): Annotations | undefined {
  const { [endpointsTrigger]: _before, ...others } = annotations ?? {};
  if (time !== undefined) return { ...others, [endpointsTrigger]: time };
  return Object.keys(others).length === 0 ? undefined : others;
}
