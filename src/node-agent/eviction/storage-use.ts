/** Measures what a pod has on the node's disk: bytes, and inodes. */
import type { Pod } from '../../api/index.ts';
import type { RunCommand } from '../network/index.ts';
import { type ClusterIdentity, clusterLabels, type ContainerRuntime, labels } from '../runtime/index.ts';
import { diskFolders, type StorageUse } from './storage-limits.ts';

export interface StorageUsePorts extends ClusterIdentity {
  readonly runtime: Pick<ContainerRuntime, 'summaries' | 'storageBytes' | 'inspect'>;
  readonly run: RunCommand;
  /** The folder with one folder for each pod. */
  readonly podsFolder: string;
}

/** Of its emptyDir volumes, and of its containers' writable layers and logs. */
export async function bytesOf(ports: StorageUsePorts, pod: Pod): Promise<StorageUse> {
  const folder = async (path: string): Promise<number> =>
    firstNumber(await ports.run('sh', ['-c', 'du -sx --block-size=1 -- "$1" 2>/dev/null || true', 'sh', path]));
  return measured(ports, pod, { folder, container: (id) => ports.runtime.storageBytes(id) });
}

/** A container's layer is the upper folder of the overlay that its first process has as its root. */
const inodesOfLayer = `
  upper=$(sed -n 's|^[0-9]* [0-9]* [0-9:]* / / .*[ ,]upperdir=\\([^, ]*\\).*|\\1|p' "/proc/$1/mountinfo" 2>/dev/null)
  [ -z "$upper" ] || du -sx --inodes -- "$upper" 2>/dev/null || true`;

export async function inodesOf(ports: StorageUsePorts, pod: Pod): Promise<StorageUse> {
  const folder = async (path: string): Promise<number> =>
    firstNumber(await ports.run('sh', ['-c', 'du -sx --inodes -- "$1" 2>/dev/null || true', 'sh', path]));
  const container = async (id: string): Promise<number | undefined> => {
    const facts = await ports.runtime.inspect(id);
    if (facts?.state !== 'running') return undefined;
    return firstNumber(await ports.run('sh', ['-c', inodesOfLayer, 'sh', String(facts.processId)]));
  };
  return measured(ports, pod, { folder, container });
}

interface Gauges {
  readonly folder: (path: string) => Promise<number>;
  readonly container: (id: string) => Promise<number | undefined>;
}

async function measured(ports: StorageUsePorts, pod: Pod, gauges: Gauges): Promise<StorageUse> {
  const { uid = '' } = pod.metadata;
  const volumes = new Map<string, number>();
  for (const { name } of diskFolders(pod))
    volumes.set(name, await gauges.folder(`${ports.podsFolder}/${uid}/volumes/${name}`));
  const found = await ports.runtime.summaries({ ...clusterLabels(ports), [labels.podUid]: uid });
  const containers = new Map<string, number>();
  for (const { id, labels: own } of found) {
    const name = own[labels.container];
    const amount = name === undefined ? undefined : await gauges.container(id);
    if (name !== undefined && amount !== undefined) containers.set(name, (containers.get(name) ?? 0) + amount);
  }
  return { volumes, containers };
}

/** Files that go while they are counted are not counted; that is no failure. */
const firstNumber = (text: string): number => Number(/^\d+/.exec(text.trim())?.[0] ?? '0');
