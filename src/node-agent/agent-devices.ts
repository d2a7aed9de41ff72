/** What containers get to themselves: devices of vendors' plug-ins and drivers, and processors. */
import { join } from 'node:path';
import { type Container, isFinished, type Pod, resources } from '../api/index.ts';
import { errorMessage } from '../base/index.ts';
import type { NodeAgentOptions } from './agent-settings.ts';
import { type MachineCpus, NodeCpus, reservedCpus } from './cpus/index.ts';
import type { Csi } from './csi/index.ts';
import { NodeClaims } from './device-claims/index.ts';
import { type DeviceInventory, NodeDevices } from './devices/index.ts';
import { reservedOf } from './node/index.ts';
import { servePodResources } from './pod-resources/index.ts';
import { clusterLabels, labels } from './runtime/index.ts';
import type { Lifetime } from './lifetime.ts';
import { checkNumaNodes, type NodeTopology, topologyChoice, type TopologySettings } from './topology/index.ts';

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
  readonly machine: MachineCpus;
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
  { csi, lifetime, changed, machine }: DeviceGround,
): Promise<NodeDevices | undefined> {
  if (csi === undefined) return undefined;
  const { log } = options;
  const podUids = (): ReadonlySet<string> => new Set(livingPods(options).map(({ metadata }) => metadata.uid));
  const folder = join(csi.root, 'device-plugins');
  try {
    const devices = await NodeDevices.open({ ...options, folder, podUids, changed, numaNodes: machine.numaNodes });
    lifetime.atEnd(() => {
      devices.close();
    });
    return devices;
  } catch (error) {
    log.error('device plug-ins cannot register with this node', { folder, error: errorMessage(error) });
    return undefined;
  }
}

type CpuGround = Pick<DeviceGround, 'csi' | 'lifetime' | 'machine'>;

/** Undefined: containers run on all processors. Throws NodeSettingError where the machine cannot do what is asked. */
export async function openCpus(
  options: NodeAgentOptions,
  { machine, csi, lifetime }: CpuGround,
): Promise<NodeCpus | undefined> {
  const { runtime, timers, log, settings, nodeName } = options;
  const isStatic = settings.cpuManagerPolicy === 'static';
  const reserved = isStatic ? reservedCpus(machine, settings, reservedOf(settings).cpuMilli) : undefined;
  const cpus = await NodeCpus.open({
    runtime,
    timers,
    log,
    labels: { ...clusterLabels(options), [labels.node]: nodeName },
    file: join(csi?.root ?? settings.stateFolder, 'troupe-cpus.json'),
    cpus: machine.cpus,
    numaNodes: machine.numaNodes,
    reserved,
  });
  lifetime.atEnd(() => {
    cpus?.close();
  });
  return cpus;
}

/** How a new pod's processors and devices are chosen together. Throws NodeSettingError for a machine of many parts. */
export function nodeTopology(
  settings: TopologySettings,
  { machine, devices, cpus }: Pick<DeviceGround, 'machine'> & Pick<Holders, 'devices' | 'cpus'>,
): NodeTopology {
  const choice = topologyChoice(settings);
  checkNumaNodes(choice.policy, machine.numaNodes);
  const providers = [cpus, devices].filter((each) => each !== undefined);
  return { ...choice, nodes: machine.numaNodes, providers };
}

interface Holders {
  readonly csi: Csi | undefined;
  readonly lifetime: Lifetime;
  readonly devices: NodeDevices | undefined;
  readonly claims: NodeClaims | undefined;
  readonly cpus: NodeCpus | undefined;
}

/** Tells monitoring agents what pods hold; a node without it runs pods all the same. */
export async function openPodResources(options: NodeAgentOptions, holders: Holders): Promise<void> {
  const { csi, lifetime, devices, claims, cpus } = holders;
  if (csi === undefined) return;
  const folder = join(csi.root, 'pod-resources');
  const none: DeviceInventory = { resources: [], holdings: [] };
  const held = {
    get devices() {
      return devices?.inventory ?? none;
    },
    claims: (pod: Pod, container: Container) => claims?.held(pod, container) ?? [],
    cpus: {
      heldBy: (podUid: string, container: string) => cpus?.heldBy(podUid, container) ?? [],
      allocatable: cpus?.allocatable ?? [],
    },
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
