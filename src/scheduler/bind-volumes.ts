/** Gives a pod's waiting claims their volumes for the chosen node, before the pod is bound to it (PreBind). */
import {
  findVolume,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type Pod,
  resources,
  StatusError,
  storageClassNameOf,
  volumeAnnotations,
} from '../api/index.ts';
import { type Clock, delay, type Timers } from '../base/index.ts';
import type { ResourceClient, ResourceView } from '../resources/index.ts';
import { isReachable } from './filters/index.ts';
import type { NodeState } from './node-state.ts';
import type { WaitingClaim } from './pod-volumes.ts';

interface BindPorts {
  readonly view: ResourceView;
  readonly client: ResourceClient;
  readonly clock: Clock;
  readonly timers: Timers;
}

interface VolumeBinding {
  readonly pod: Pod;
  readonly node: NodeState;
  readonly claims: readonly WaitingClaim[];
  /** Whether this scheduler is still the one that decides. */
  readonly isCurrent: () => boolean;
}

const lookEveryMs = 50;
/** Others write to a new claim, too: a StatefulSet makes itself its owner. */
const reserveTriesMax = 10;
/** As long as kube-scheduler waits by default. */
const waitMs = 10 * 60_000;

/**
 * Reserves a volume that the node can reach, or asks the provisioner for one, and waits until all claims are bound.
 * Resolves with why they are not; undefined: they are. A refused write rejects with StatusError.
 */
export async function bindVolumes(ports: BindPorts, binding: VolumeBinding): Promise<string | undefined> {
  const claims: PersistentVolumeClaim[] = [];
  for (const waiting of binding.claims) claims.push(await reserveAsShown(ports, waiting, binding.node));
  const end = ports.clock.monotonic() + waitMs;
  for (;;) {
    const problem = claims.map((claim) => problemOf(ports, claim, binding)).find((each) => each !== 'bound');
    if (problem === undefined) return undefined;
    if (problem !== 'waits') return problem;
    if (ports.clock.monotonic() > end) return 'timed out waiting for the volumes of the pod';
    await delay(ports.timers, lookEveryMs);
  }
}

/** Again where claim or volume have changed meanwhile. Answers the claim as it was before that. */
async function reserveAsShown(
  ports: BindPorts,
  waiting: WaitingClaim,
  node: NodeState,
): Promise<PersistentVolumeClaim> {
  const { namespace, name, uid } = waiting.claim.metadata;
  let { claim } = waiting;
  for (let tries = 1; ; tries++)
    try {
      await reserve(ports, { ...waiting, claim }, node);
      return claim;
    } catch (error) {
      if (tries === reserveTriesMax || !(error instanceof StatusError && error.reason === 'Conflict')) throw error;
      await delay(ports.timers, lookEveryMs);
      const shown = ports.view.get<PersistentVolumeClaim>(resources.persistentVolumeClaims, namespace, name);
      if (shown?.metadata.uid !== uid) throw error;
      claim = shown;
    }
}

async function reserve(
  { view, client }: BindPorts,
  { claim, storageClass }: WaitingClaim,
  node: NodeState,
): Promise<void> {
  const { namespace, name, uid, resourceVersion } = claim.metadata;
  const reachable = view
    .list<PersistentVolume>(resources.persistentVolumes)
    .filter((volume) => storageClassNameOf(volume) === storageClass.metadata.name && isReachable(volume, node));
  const volume = findVolume(claim, reachable, false);
  if (volume === undefined) {
    if (claim.metadata.annotations?.[volumeAnnotations.selectedNode] === node.name) return;
    const metadata = { uid, resourceVersion, annotations: { [volumeAnnotations.selectedNode]: node.name } };
    await client.patch({ ...resources.persistentVolumeClaims, namespace, name }, { type: 'merge', body: { metadata } });
  } else if (volume.spec.claimRef?.uid !== uid)
    await client.patch(
      { ...resources.persistentVolumes, name: volume.metadata.name },
      {
        type: 'merge',
        body: {
          metadata: {
            resourceVersion: volume.metadata.resourceVersion,
            annotations: { [volumeAnnotations.boundByController]: 'yes' },
          },
          spec: {
            claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid, resourceVersion },
          },
        },
      },
    );
}

/** How a claim stands: `bound`, `waits`, or why it will not be bound for this node. */
function problemOf(
  { view }: BindPorts,
  before: PersistentVolumeClaim,
  { pod, node, isCurrent }: VolumeBinding,
): string {
  if (!isCurrent()) return 'another scheduler decides now';
  const shown = view.get<Pod>(resources.pods, pod.metadata.namespace, pod.metadata.name);
  if (shown?.metadata.uid !== pod.metadata.uid || shown.metadata.deletionTimestamp !== undefined)
    return 'the pod is gone';
  const { namespace, name, uid } = before.metadata;
  const claim = view.get<PersistentVolumeClaim>(resources.persistentVolumeClaims, namespace, name);
  if (claim?.metadata.uid !== uid) return `persistentvolumeclaim "${name}" is gone`;
  const { annotations = {} } = claim.metadata;
  const volume = view.get<PersistentVolume>(resources.persistentVolumes, undefined, claim.spec.volumeName ?? '');
  if (volume !== undefined && annotations[volumeAnnotations.bindCompleted] !== undefined)
    return isReachable(volume, node) ? 'bound' : `volume "${volume.metadata.name}" cannot be reached from ${node.name}`;
  const isSeen = claim.metadata.resourceVersion !== before.metadata.resourceVersion;
  const selected = annotations[volumeAnnotations.selectedNode];
  if (!isSeen || selected === node.name || isReserved(view, claim)) return 'waits';
  return `no volume for persistentvolumeclaim "${name}" can be made on ${node.name}`;
}

function isReserved(view: ResourceView, { metadata }: PersistentVolumeClaim): boolean {
  return view
    .list<PersistentVolume>(resources.persistentVolumes)
    .some(({ spec }) => spec.claimRef?.uid === metadata.uid);
}
