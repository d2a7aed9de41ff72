/** Takes the tracking finalizer off pods that no Job counts: released ones, orphans, those of Jobs that are gone. */
import { controllerOf, type Job, type Pod, resources } from '../../api/index.ts';
import type { ResourceView } from '../../resources/index.ts';
import {
  type Controller,
  type ControllerPorts,
  isOf,
  keyOf,
  keyOfFacts,
  refOf,
  splitKey,
  unlessGone,
} from '../runtime/index.ts';
import { isTracked, trackingFinalizer } from './job.ts';

/** The part of Kubernetes' Job controller that syncs orphan pods: each tracked pod without its Job is an actor. */
export function trackingFinalizerController(): Controller {
  return {
    name: 'job-tracking-controller',
    resource: resources.pods,
    watches: [resources.jobs, resources.pods],
    initialKeys: ({ view }) =>
      view
        .facts<Pod>(resources.pods)
        .filter((pod) => pod.mentions(trackingFinalizer) && isLeft(view, pod.object()))
        .map(keyOfFacts),
    keysFor: (change, { view }) => {
      if (isOf(change, resources.jobs))
        return change.type === 'put'
          ? []
          : view
              .ownedBy<Pod>(resources.pods, (change.object as Job).metadata.uid)
              .filter(isTracked)
              .map(keyOf);
      if (!isOf(change, resources.pods) || change.type === 'delete') return [];
      return isLeft(view, change.object as Pod) ? [keyOf(change.object)] : [];
    },
    reconcile: async (key, ports) => {
      const { namespace, name } = splitKey(key);
      const pod = ports.view.get<Pod>(resources.pods, namespace, name);
      if (pod !== undefined && isLeft(ports.view, pod)) await untrack(pod, ports);
      return undefined;
    },
  };
}

/** No Job counts this tracked pod any more. One that something else controls is not ours to judge. */
function isLeft(view: ResourceView, pod: Pod): boolean {
  if (!isTracked(pod)) return false;
  const owner = controllerOf(pod);
  if (owner === undefined) return true;
  if (owner.kind !== 'Job' || !owner.apiVersion.startsWith('batch/')) return false;
  return view.get<Job>(resources.jobs, pod.metadata.namespace, owner.name)?.metadata.uid !== owner.uid;
}

/** Takes the finalizer off, if the pod is still what was read. */
export async function untrack(pod: Pod, ports: ControllerPorts): Promise<void> {
  const finalizers = (pod.metadata.finalizers ?? []).filter((finalizer) => finalizer !== trackingFinalizer);
  const { uid, resourceVersion } = pod.metadata;
  await unlessGone(
    ports.client.patch(refOf(resources.pods, pod), {
      type: 'merge',
      body: { metadata: { uid, resourceVersion, finalizers: finalizers.length === 0 ? null : finalizers } },
    }),
  );
}
