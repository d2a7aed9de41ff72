/** What pods hold as the endpoint tells it. Pure. */
import { type Container, isSidecar, type Pod } from '../../api/index.ts';
import type { ClaimGrant } from '../device-claims/index.ts';
import type { DeviceInventory } from '../devices/index.ts';

/** Who knows what containers hold. */
export interface HeldResources {
  readonly devices: DeviceInventory;
  claims(pod: Pod, container: Container): readonly ClaimGrant[];
  readonly cpus: {
    /** Processors that no other container may use. */
    heldBy(podUid: string, container: string): readonly number[];
    /** Those that containers may get for themselves. */
    readonly allocatable: readonly number[];
  };
}

interface DevicesMessage {
  readonly resourceName: string;
  readonly deviceIds: readonly string[];
  readonly topology?: { readonly nodes: readonly { readonly ID: number }[] } | undefined;
}

interface ContainerMessage {
  readonly name: string;
  readonly devices: readonly DevicesMessage[];
  readonly cpuIds: readonly number[];
  readonly dynamicResources: readonly object[];
}

interface PodMessage {
  readonly name: string;
  readonly namespace: string;
  readonly containers: readonly ContainerMessage[];
}

interface AllocatableMessage {
  readonly devices: readonly DevicesMessage[];
  readonly cpuIds: readonly number[];
}

/** Init containers that have to end hold nothing for long, so only those that stay are told. */
export function podMessage(pod: Pod, held: HeldResources): PodMessage {
  const { name, namespace, uid } = pod.metadata;
  const containers = [...(pod.spec.initContainers ?? []).filter(isSidecar), ...pod.spec.containers];
  return {
    name,
    namespace,
    containers: containers.map((container) => ({
      name: container.name,
      devices: held.devices.holdings
        .filter((each) => each.podUid === uid && each.container === container.name)
        .flatMap(({ resource, ids }) => ids.map((id) => deviceMessage(held.devices, resource, id))),
      cpuIds: held.cpus.heldBy(uid, container.name),
      dynamicResources: held.claims(pod, container).map(({ claim, devices }) => ({
        claimName: claim,
        claimNamespace: namespace,
        claimResources: devices.map(({ driver = '', poolName, deviceName, cdiDeviceIds }) => ({
          driverName: driver,
          poolName,
          deviceName,
          cdiDevices: cdiDeviceIds.map((id) => ({ name: id })),
        })),
      })),
    })),
  };
}

/** What containers of this node may get, whether they hold it now or not. */
export function allocatableMessage({ devices, cpus }: HeldResources): AllocatableMessage {
  return {
    devices: devices.resources.flatMap(({ resource, devices: all }) =>
      all.filter(({ healthy }) => healthy).map(({ id }) => deviceMessage(devices, resource, id)),
    ),
    cpuIds: cpus.allocatable,
  };
}

/** One for each device, since each may be at another place of the machine. */
function deviceMessage({ resources }: DeviceInventory, resource: string, id: string): DevicesMessage {
  const known = resources.find((each) => each.resource === resource)?.devices.find((device) => device.id === id);
  const nodes = (known?.numaNodes ?? []).map((ID) => ({ ID }));
  return { resourceName: resource, deviceIds: [id], topology: nodes.length === 0 ? undefined : { nodes } };
}
