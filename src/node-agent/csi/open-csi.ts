/** Puts the parts of CSI on a node together. */
import { join } from 'node:path';
import type { VolumeStats } from '../kubelet/index.ts';
import type { CsiPorts } from './csi-ports.ts';
import { CsiVolumes } from './csi-volumes.ts';
import { DriverRegistry } from './driver-registry.ts';
import { openKubeletRoot } from './kubelet-root.ts';
import { isMounted } from './mount-table.ts';
import { type PluginHandler, watchPlugins } from './plugin-watch.ts';
import { VolumeRecords } from './volume-records.ts';
import { volumeStats } from './volume-stats.ts';

interface CsiOptions {
  readonly cluster: string;
  readonly node: string;
  readonly stateFolder: string;
  /** The place that drivers know as the kubelet's. */
  readonly wanted: string;
  /** Deadline of calls that mount or unmount; default two minutes, as the kubelet's. */
  readonly callMs?: number | undefined;
  readonly inUseChanged: () => void;
}

/** CSI on a node, in its parts. */
export interface Csi {
  readonly volumes: CsiVolumes;
  /** The folder that drivers know as the kubelet's. */
  readonly root: string;
  /** How full a pod's volumes are. */
  stats(podUid: string): Promise<readonly VolumeStats[]>;
  /** Begins to register drivers, and plug-ins of other types; the Node must exist. */
  start(others?: ReadonlyMap<string, PluginHandler>): void;
  close(): void;
}

const defaultCallMs = 120_000;

export async function openCsi(ports: Omit<CsiPorts, 'mounted'>, options: CsiOptions): Promise<Csi> {
  const { node, callMs = defaultCallMs, inUseChanged } = options;
  const root = await openKubeletRoot({ ...options, run: ports.run, log: ports.log });
  const drivers = new DriverRegistry(ports, { node, callMs });
  const records = await VolumeRecords.open(join(root, 'csi-volumes'), ports.log);
  const volumes = new CsiVolumes({ ...ports, mounted: isMounted }, { node, root, drivers, records, inUseChanged });
  let watch: { close(): void } | undefined;
  return {
    volumes,
    root,
    stats: (podUid) => volumeStats(drivers, volumes.published(podUid), ports.clock.now()),
    start: (others = new Map()) => {
      drivers.open();
      watch = watchPlugins(ports, {
        folder: join(root, 'plugins_registry'),
        handlers: new Map<string, PluginHandler>([...others, ['CSIPlugin', drivers]]),
      });
    },
    close: () => {
      watch?.close();
      drivers.close();
      volumes.close();
    },
  };
}
