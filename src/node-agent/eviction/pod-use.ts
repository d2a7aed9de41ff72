/** Measures what the node's pods use of the thing that is scarce. */
import type { Pod } from '../../api/index.ts';
import type { UsageMeter, UsageSource } from '../usage/index.ts';
import type { Shortage } from './pressure.ts';
import type { PodUse } from './ranking.ts';
import type { StorageUse } from './storage-limits.ts';
import { bytesOf, inodesOf, type StorageUsePorts } from './storage-use.ts';

interface PodUsePorts extends StorageUsePorts {
  readonly meter: UsageMeter;
  readonly counters: Pick<UsageSource, 'processes'>;
}

interface Order {
  readonly shortage: Shortage;
  readonly pods: readonly Pod[];
  /** Images and writable layers lie on a filesystem of their own. */
  readonly separateImages: boolean;
}

/** By the pods' uids; a pod of which nothing could be measured is absent. */
export async function usesOf(ports: PodUsePorts, order: Order): Promise<ReadonlyMap<string, PodUse>> {
  const { scarce } = order.shortage;
  if (scarce === 'memory') return usesOfContainers(ports, (sample) => Promise.resolve(sample.workingSetBytes));
  if (scarce === 'pids') return usesOfContainers(ports, (sample) => processesOf(ports, sample.id));
  return usesOfDisk(ports, order);
}

type Sample = Awaited<ReturnType<UsageMeter['look']>>['now']['containers'][number];

async function usesOfContainers(
  { meter }: PodUsePorts,
  amountOf: (sample: Sample) => Promise<number | undefined>,
): Promise<ReadonlyMap<string, PodUse>> {
  const { now } = await meter.look();
  const byPod = new Map<string, Map<string, number>>();
  for (const sample of now.containers) {
    const amount = await amountOf(sample);
    if (amount === undefined) continue;
    const containers = byPod.get(sample.podUid) ?? new Map<string, number>();
    byPod.set(sample.podUid, containers.set(sample.name, amount));
  }
  return new Map([...byPod].map(([uid, containers]) => [uid, { total: sum(containers), containers }]));
}

async function processesOf({ runtime, counters }: PodUsePorts, id: string): Promise<number | undefined> {
  const facts = await runtime.inspect(id);
  return facts?.state === 'running' ? counters.processes(id, facts.processId) : undefined;
}

/** One pod after the other: the walk of one must not keep the disk from all of them. */
async function usesOfDisk(ports: PodUsePorts, order: Order): Promise<ReadonlyMap<string, PodUse>> {
  const uses = new Map<string, PodUse>();
  for (const pod of order.pods) {
    const use = await (order.shortage.scarce === 'inodes' ? inodesOf : bytesOf)(ports, pod);
    uses.set(pod.metadata.uid ?? '', diskUse(use, order));
  }
  return uses;
}

function diskUse({ volumes, containers }: StorageUse, { shortage, separateImages }: Order): PodUse {
  const ofImages = shortage.threshold.signal.startsWith('imagefs');
  const counted = [
    ...(separateImages && ofImages ? [] : [volumes]),
    ...(separateImages && !ofImages ? [] : [containers]),
  ];
  return {
    total: counted.reduce((total, each) => total + sum(each), 0),
    containers: counted.includes(containers) ? containers : new Map(),
  };
}

const sum = (amounts: ReadonlyMap<string, number>): number =>
  [...amounts.values()].reduce((total, each) => total + each, 0);
