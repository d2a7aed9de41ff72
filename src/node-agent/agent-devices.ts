/** The devices' part of the agent: plug-ins of vendors, which find the node by the kubelet's folder. */
import { join } from 'node:path';
import { type Container, isFinished, type Pod, resources } from '../api/index.ts';
import { errorMessage } from '../base/index.ts';
import type { NodeAgentOptions } from './agent-settings.ts';
import type { Csi } from './csi/index.ts';
import { NodeClaims } from './device-claims/index.ts';
import { type DeviceInventory, NodeDevices } from './devices/index.ts';
import { servePodResources } from './pod-resources/index.ts';
import type { Lifetime } from './lifetime.ts';

/** The node's pods that have not ended. */
function livingPods({ view, nodeName }: NodeAgentOptions): readonly Pod[] {
  return view.list<Pod>(resources.pods).filter((pod) => pod.spec.nodeName === nodeName && !isFinished(pod));
}

interface DeviceGround {
  /** Its folder is that of all plug-ins; undefined: this node serves none. */
  readonly csi: Csi | undefined;
  readonly lifetime: Lifetime;
  /** The Node's status is to be written. */
  readonly changed: () => void;
}

/** Undefined where drivers cannot find the node; pods without claims on devices run all the same. */
export async function openClaims(
  options: NodeAgentOptions,
  { csi, lifetime }: Pick<DeviceGround, 'csi' | 'lifetime'>,
): Promise<NodeClaims | undefined> {
  if (csi === undefined) return undefined;
  const file = join(csi.root, 'plugins', 'troupe-claims.json');
  try {
    const claims = await NodeClaims.open(options, { node: options.nodeName, file });
    lifetime.atEnd(() => {
      claims.close();
    });
    return claims;
  } catch (error) {
    options.log.error('pods get no devices by claims on this node', { file, error: errorMessage(error) });
    return undefined;
  }
}

/** Undefined where plug-ins cannot find the node; pods without devices run all the same. */
export async function openDevices(
  options: NodeAgentOptions,
  { csi, lifetime, changed }: DeviceGround,
): Promise<NodeDevices | undefined> {
  if (csi === undefined) return undefined;
  const { log } = options;
  const podUids = (): ReadonlySet<string> => new Set(livingPods(options).map(({ metadata }) => metadata.uid));
  const folder = join(csi.root, 'device-plugins');
  try {
    const devices = await NodeDevices.open({ ...options, folder, podUids, changed });
    lifetime.atEnd(() => {
      devices.close();
    });
    return devices;
  } catch (error) {
    log.error('device plug-ins cannot register with this node', { folder, error: errorMessage(error) });
    return undefined;
  }
}

interface Holders {
  readonly csi: Csi | undefined;
  readonly lifetime: Lifetime;
  readonly devices: NodeDevices | undefined;
  readonly claims: NodeClaims | undefined;
}

/** Tells monitoring agents what pods hold; a node without it runs pods all the same. */
export async function openPodResources(options: NodeAgentOptions, holders: Holders): Promise<void> {
  const { csi, lifetime, devices, claims } = holders;
  if (csi === undefined) return;
  const folder = join(csi.root, 'pod-resources');
  const none: DeviceInventory = { resources: [], holdings: [] };
  const held = {
    get devices() {
      return devices?.inventory ?? none;
    },
    claims: (pod: Pod, container: Container) => claims?.held(pod, container) ?? [],
    cpus: { heldBy: () => [], allocatable: [] },
  };
  try {
    const server = await servePodResources({ folder, pods: () => livingPods(options), held });
    lifetime.atEnd(() => {
      server.close();
    });
  } catch (error) {
    options.log.error('monitoring agents cannot ask this node what its pods hold', {
      folder,
      error: errorMessage(error),
    });
  }
}
