/** Finds how many pods the controllers of some pods want in all. */
import {
  controllerOf,
  type Pod,
  type ReplicaSet,
  type ResourceInfo,
  resources,
  type StoredObject,
} from '../../api/index.ts';
import { type ControllerPorts, isControlledBy, isNotFound } from '../runtime/index.ts';

/** How many pods the controllers of pods want in all, or why that cannot be known. */
export type WantedPods =
  | { readonly type: 'known'; readonly count: number; readonly unmanaged: readonly string[] }
  | { readonly type: 'unknown'; readonly cause: string };

interface Scaled extends StoredObject {
  readonly spec?: { readonly replicas?: number };
}

type Found = { readonly uid: string; readonly replicas: number } | { readonly cause: string };

/** Adds up what the pods' controllers want. Pods without a controller are left out. */
export async function wantedPods(
  pods: readonly Pod[],
  ports: ControllerPorts,
  served: () => readonly ResourceInfo[],
): Promise<WantedPods> {
  const wanted = new Map<string, number>();
  const seen = new Set<string>();
  const unmanaged: string[] = [];
  for (const pod of pods) {
    const owner = controllerOf(pod);
    if (owner === undefined) unmanaged.push(pod.metadata.name);
    if (owner === undefined || seen.has(owner.uid)) continue;
    const found = workloadOf(pod, ports) ?? (await scaleOf(pod, ports, served));
    if ('cause' in found) return { type: 'unknown', cause: found.cause };
    seen.add(owner.uid);
    wanted.set(found.uid, found.replicas);
  }
  return { type: 'known', count: [...wanted.values()].reduce((sum, replicas) => sum + replicas, 0), unmanaged };
}

/** The Deployment behind a pod's ReplicaSet. Any other workload answers by its scale. */
function workloadOf(pod: Pod, ports: ControllerPorts): Found | undefined {
  const owner = controllerOf(pod);
  const { namespace } = pod.metadata;
  const set =
    owner?.kind === 'ReplicaSet' ? ports.view.get<ReplicaSet>(resources.replicaSets, namespace, owner.name) : undefined;
  const above = set === undefined || !isControlledBy(pod, set) ? undefined : controllerOf(set);
  const deployment =
    above?.kind === 'Deployment' ? ports.view.get<Scaled>(resources.deployments, namespace, above.name) : undefined;
  return deployment === undefined || deployment.metadata.uid !== above?.uid
    ? undefined
    : { uid: deployment.metadata.uid, replicas: deployment.spec?.replicas ?? 0 };
}

async function scaleOf(pod: Pod, ports: ControllerPorts, served: () => readonly ResourceInfo[]): Promise<Found> {
  const lost = { cause: `found no controllers for pod "${pod.metadata.name}"` };
  const owner = controllerOf(pod);
  if (owner === undefined) return lost;
  const { apiVersion, kind } = owner;
  const info = served().find(
    (one) => one.kind === kind && `${one.group === '' ? '' : `${one.group}/`}${one.version}` === apiVersion,
  );
  if (info === undefined) return { cause: `no matches for kind "${kind}" in version "${apiVersion}"` };
  const { group, resource, version } = info;
  if (!info.subresources.some((one) => one.name === 'scale'))
    return { cause: `${resource}${group === '' ? '' : `.${group}`} does not implement the scale subresource` };
  try {
    const scale = await ports.client.get<Scaled>(
      { group, resource, version, namespace: pod.metadata.namespace ?? '', name: owner.name },
      { subresource: 'scale' },
    );
    return scale.metadata.uid === owner.uid ? { uid: owner.uid, replicas: scale.spec?.replicas ?? 0 } : lost;
  } catch (error) {
    if (isNotFound(error)) return lost;
    throw error;
  }
}
