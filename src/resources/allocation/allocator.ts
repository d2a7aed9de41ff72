import { metadataOf } from '../../api/index.ts';
import type { JsonObject, ResourceInfo } from '../../api/index.ts';
import { textOf } from '../metadata.ts';
import type { Allocation, Allocator, AllocatorPorts, Holder } from './allocation.ts';
import { createAddresses } from './service-addresses.ts';
import { rangesOf, releaseNodeRanges, takeNodeRanges } from './node-ranges.ts';
import { createNodePorts } from './node-ports.ts';
import { addressesOf, dropOldType, keepNodePorts, mayHaveNodePorts, nodePortsOf, serviceSpec, settleAddresses, settleFamilies } from './service-shape.ts';

const nothing: Allocation = { compares: [], operations: [] };
const isNode = (info: ResourceInfo): boolean => info.group === '' && info.resource === 'nodes';
const isService = (info: ResourceInfo): boolean => info.group === '' && info.resource === 'services';

export function createAllocator(ports: AllocatorPorts): Allocator {
  const addresses = createAddresses(ports);
  const nodePorts = createNodePorts(ports);
  const holderOf = (object: JsonObject): Holder => ({ namespace: textOf(metadataOf(object)['namespace']), name: textOf(metadataOf(object)['name']) });

  const take = (object: JsonObject, held: { readonly addresses: readonly string[]; readonly nodePorts: readonly number[] }, dryRun: boolean): Allocation => {
    const holder = holderOf(object);
    const spec = serviceSpec(object);
    const taken = [addresses.take(spec, holder, { held: held.addresses, dryRun }), nodePorts.take(spec, holder, { held: held.nodePorts, dryRun })];
    return { compares: taken.flatMap(({ compares }) => compares), operations: taken.flatMap(({ operations }) => operations) };
  };
  return {
    handles: isService,
    prepareCreate(info, object) {
      if (!isService(info)) return;
      settleAddresses(serviceSpec(object), undefined);
      settleFamilies(serviceSpec(object), undefined);
    },
    prepareUpdate(info, object, old) {
      if (!isService(info)) return;
      const [spec, before] = [serviceSpec(object), serviceSpec(old)];
      dropOldType(spec, before);
      settleAddresses(spec, before);
      settleFamilies(spec, before);
      if (mayHaveNodePorts(spec)) keepNodePorts(spec, before);
    },
    create(info, object, { dryRun }) {
      if (isNode(info)) return takeNodeRanges(ports.store, object, []);
      return isService(info) ? take(object, { addresses: [], nodePorts: [] }, dryRun) : nothing;
    },
    update(info, object, old) {
      if (isNode(info)) {
        const taken = takeNodeRanges(ports.store, object, rangesOf(old));
        const given = releaseNodeRanges(rangesOf(old).filter((range) => !rangesOf(object).includes(range)));
        return given.length === 0 ? taken : { ...taken, operations: [...taken.operations, ...given] };
      }
      if (!isService(info)) return nothing;
      const before = serviceSpec(old);
      const held = { addresses: addressesOf(before), nodePorts: nodePortsOf(before) };
      const taken = take(object, held, false);
      const spec = serviceSpec(object);
      const given = [...addresses.release(held.addresses.filter((one) => !addressesOf(spec).includes(one))), ...nodePorts.release(held.nodePorts.filter((one) => !nodePortsOf(spec).includes(one)))];
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
