/** Tells a claim how far its file system has grown. */
import {
  type PersistentVolume,
  type PersistentVolumeClaim,
  parseQuantity,
  quantityUnits,
  resources,
  StatusError,
  timeText,
} from '../../api/index.ts';
import type { CsiPorts } from './csi-ports.ts';
import type { MountJob } from './volume-work.ts';

const growing: readonly string[] = ['Resizing', 'FileSystemResizePending', 'NodeResizeError', 'ControllerResizeError'];

type ClaimStatus = NonNullable<PersistentVolumeClaim['status']>;

const claimRef = ({ pod, volume }: MountJob): Parameters<CsiPorts['client']['get']>[0] => ({
  ...resources.persistentVolumeClaims,
  namespace: pod.metadata.namespace ?? '',
  name: volume.claim ?? '',
});

/** False: another writer was faster. The next look finds what is left to tell. */
async function tell({ client }: CsiPorts, job: MountJob, told: Told): Promise<boolean> {
  const { claim, status } = told;
  try {
    const next = { ...claim, status: { ...claim.status, ...status } };
    await client.update(claimRef(job), next, { subresource: 'status', fieldManager: 'node-agent' });
    return true;
  } catch (error) {
    if (!(error instanceof StatusError) || error.code !== 409) throw error;
    return false;
  }
}

interface Told {
  readonly claim: PersistentVolumeClaim;
  readonly status: { readonly [Field in keyof ClaimStatus]: ClaimStatus[Field] | undefined };
}

/** How far the node is, for resizers that have claims recover from sizes that cannot be had. */
const nodeStates = {
  pending: 'NodeResizePending',
  going: 'NodeResizeInProgress',
  never: 'NodeResizeInfeasible',
} as const;

/** False: the driver said that it cannot, and nobody has asked for another size. */
export async function beginExpansion(ports: CsiPorts, job: MountJob): Promise<boolean> {
  const claim = await ports.client.get<PersistentVolumeClaim>(claimRef(job));
  const states = claim.status?.allocatedResourceStatuses;
  if (states?.['storage'] === nodeStates.never) return false;
  if (states?.['storage'] === nodeStates.pending)
    await tell(ports, job, { claim, status: { allocatedResourceStatuses: { ...states, storage: nodeStates.going } } });
  return true;
}

/** The driver cannot grow the file system to this size, however often it is asked. */
export async function refuseExpansion(ports: CsiPorts, job: MountJob, why: string): Promise<void> {
  const claim = await ports.client.get<PersistentVolumeClaim>(claimRef(job));
  const { allocatedResourceStatuses: states, conditions = [] } = claim.status ?? {};
  if (states?.['storage'] === undefined) return;
  const at = timeText(ports.clock.now());
  const condition = {
    type: 'NodeResizeError',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: at,
    message: `failed to expand pvc with ${why}`,
  } as const;
  await tell(ports, job, {
    claim,
    status: {
      allocatedResourceStatuses: { ...states, storage: nodeStates.never },
      conditions: [...conditions.filter(({ type }) => type !== condition.type), condition],
    },
  });
}

/** The claim's capacity becomes that of its volume, and nothing of it waits any more. */
export async function finishExpansion(ports: CsiPorts, job: MountJob): Promise<void> {
  const { client } = ports;
  const { pod, volume } = job;
  const claim = await client.get<PersistentVolumeClaim>(claimRef(job));
  const object = await client.get<PersistentVolume>({ ...resources.persistentVolumes, name: volume.specName });
  const storage = object.spec.capacity?.['storage'] ?? '0';
  // It grew again meanwhile: the next look sees to that.
  if (quantityUnits(parseQuantity(storage)) !== volume.bytes) return;
  const status = {
    capacity: { ...claim.status?.capacity, storage },
    conditions: (claim.status?.conditions ?? []).filter(({ type }) => !growing.includes(type)),
    allocatedResourceStatuses: undefined,
  };
  if (!(await tell(ports, job, { claim, status }))) return;
  const message = `MountVolume.NodeExpandVolume succeeded for volume "${volume.specName}"`;
  ports.event(pod, { kind: 'Normal', reason: 'FileSystemResizeSuccessful', message });
}
