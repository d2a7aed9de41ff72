/** Allocates what the cluster hands out to objects: addresses, ports and pod ranges. */
import {
  behaviourOf,
  deepClone,
  familyOf,
  type JsonObject,
  type KubeObject,
  metadataOf,
  type ResourceInfo,
} from '../../api/index.ts';
import { refuseInvalid, textOf } from '../writing/metadata.ts';
import {
  type Allocation,
  type Allocator,
  type AllocatorPorts,
  type Holder,
  type Mode,
  nothingAllocated,
} from './allocation.ts';
import { createAddresses } from './service-addresses.ts';
import { rangesOf, releaseNodeRanges, takeNodeRanges } from './node-ranges.ts';
import { NodePortAllocator } from './node-ports.ts';
import { addressesOf, nodePortsOf, serviceSpec } from './service-shape.ts';

const isNode = (info: ResourceInfo): boolean => behaviourOf(info).allocates === 'pod-ranges';
const isService = (info: ResourceInfo): boolean => behaviourOf(info).allocates === 'service-addresses';

interface Held {
  /** The Service is a new one. */
  readonly creates: boolean;
  readonly addresses: readonly string[];
  readonly nodePorts: readonly number[];
}

/** What a Service holds already. */
function heldBy(service: KubeObject | undefined): Held {
  return service === undefined
    ? { creates: true, addresses: [], nodePorts: [] }
    : { creates: false, addresses: addressesOf(serviceSpec(service)), nodePorts: nodePortsOf(serviceSpec(service)) };
}

export function createAllocator(ports: AllocatorPorts): Allocator {
  const addresses = createAddresses(ports);
  const nodePorts = new NodePortAllocator(ports);
  const holderOf = (object: JsonObject): Holder => ({
    namespace: textOf(metadataOf(object)['namespace']),
    name: textOf(metadataOf(object)['name']),
  });

  const take = (object: JsonObject, held: Held, mode: Mode): Allocation => {
    const holder = holderOf(object);
    const spec = serviceSpec(object);
    const taken = [
      addresses.take(spec, holder, { held: held.addresses, mode }),
      nodePorts.take(spec, holder, { held: held.nodePorts, mode, creates: held.creates }),
    ];
    return {
      compares: taken.flatMap(({ compares }) => compares),
      operations: taken.flatMap(({ operations }) => operations),
    };
  };
  return {
    check(info, object, { old, dryRun }) {
      const families = ports.settings.serviceCidrs.map(familyOf);
      const { name } = holderOf(object);
      refuseInvalid(info, name, behaviourOf(info).beginAllocation?.(object, families, old) ?? []);
      if (isService(info)) take(deepClone(object), heldBy(old), dryRun ? 'dry' : 'check');
    },
    create(info, object, { dryRun }) {
      if (isNode(info)) return takeNodeRanges(ports.store, object, []);
      return isService(info) ? take(object, heldBy(undefined), dryRun ? 'dry' : 'real') : nothingAllocated;
    },
    update(info, object, old, { dryRun }) {
      if (isNode(info)) {
        const taken = takeNodeRanges(ports.store, object, rangesOf(old));
        const given = releaseNodeRanges(rangesOf(old).filter((range) => !rangesOf(object).includes(range)));
        return given.length === 0 ? taken : { ...taken, operations: [...taken.operations, ...given] };
      }
      if (!isService(info)) return nothingAllocated;
      const held = heldBy(old);
      const taken = take(object, held, dryRun ? 'dry' : 'real');
      const spec = serviceSpec(object);
      const given = [
        ...addresses.release(held.addresses.filter((one) => !addressesOf(spec).includes(one))),
        ...nodePorts.release(held.nodePorts.filter((one) => !nodePortsOf(spec).includes(one))),
      ];
      return given.length === 0 ? taken : { compares: taken.compares, operations: [...taken.operations, ...given] };
    },
    release(info, object) {
      if (isNode(info)) return releaseNodeRanges(rangesOf(object));
      if (!isService(info)) return [];
      const spec = serviceSpec(object);
      return [...addresses.release(addressesOf(spec)), ...nodePorts.release(nodePortsOf(spec))];
    },
  };
}
