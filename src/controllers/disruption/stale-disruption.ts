/** Takes back from pods that they are to be disrupted, when nothing has come of it. */
import { findCondition, isFinished, parseTime, type Pod, resources, timeText } from '../../api/index.ts';
import {
  type Controller,
  type ControllerPorts,
  isOf,
  keyOf,
  keyOfFacts,
  type ReconcileResult,
  refOf,
  splitKey,
  unlessGone,
} from '../runtime/index.ts';

/** A pod that is not being deleted by then will not be. */
const staleMs = 2 * 60_000;
const type = 'DisruptionTarget';

/** The part of Kubernetes' disruption controller that looks after pods: each that says so is an actor. */
export function staleDisruptionController(): Controller {
  return {
    name: 'stale-disruption-controller',
    resource: resources.pods,
    watches: [resources.pods],
    initialKeys: ({ view }) =>
      view
        .facts<Pod>(resources.pods)
        .filter((pod) => pod.mentions(`"${type}"`) && isTarget(pod.object()))
        .map(keyOfFacts),
    keysFor: (change) =>
      isOf(change, resources.pods) && change.type === 'put' && isTarget(change.object as Pod)
        ? [keyOf(change.object)]
        : [],
    reconcile,
  };
}

function isTarget(pod: Pod): boolean {
  return (
    pod.metadata.deletionTimestamp === undefined &&
    !isFinished(pod) &&
    findCondition(pod.status?.conditions, type)?.status === 'True'
  );
}

async function reconcile(key: string, ports: ControllerPorts): Promise<ReconcileResult | undefined> {
  const { namespace, name } = splitKey(key);
  const pod = ports.view.get<Pod>(resources.pods, namespace, name);
  if (pod === undefined || !isTarget(pod)) return undefined;
  const now = ports.clock.now();
  const since = parseTime(findCondition(pod.status?.conditions, type)?.lastTransitionTime) ?? 0;
  if (now < since + staleMs) return { requeueAfterMs: since + staleMs - now };
  const { uid, resourceVersion } = pod.metadata;
  const condition = { type, status: 'False', reason: null, message: null, lastTransitionTime: timeText(now) };
  const body = { metadata: { uid, resourceVersion }, status: { conditions: [condition] } };
  await unlessGone(
    ports.client.patch(refOf(resources.pods, pod), { type: 'strategic', body }, { subresource: 'status' }),
  );
  return undefined;
}
