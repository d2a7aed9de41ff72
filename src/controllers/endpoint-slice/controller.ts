/** Keeps the EndpointSlices of Services with a selector. */
import {
  type EndpointSlice,
  type Node,
  type Pod,
  podAddresses,
  resources,
  type Service,
  serviceNameLabel,
  zoneOf,
} from '../../api/index.ts';
import { errorMessage, restMsAfter } from '../../base/index.ts';
import type { ObjectChange } from '../../resources/index.ts';
import {
  type Controller,
  type ControllerPorts,
  deleteObject,
  isNamespaceTerminating,
  isOf,
  keyOf,
  type ReconcileResult,
  refOf,
  performAll,
  splitKey,
} from '../runtime/index.ts';
import { podsBehind, selects, servingText } from './service.ts';
import { planServiceSlices, sliceManager } from './reconcile.ts';
import { managedByLabel, type SlicePlan } from './slices.ts';
import { wantsZoneHints } from './zone-hints.ts';
import { zoneFacts, zoneProcessorsOf } from './zone-processors.ts';

/** Keeps the EndpointSlices of each Service with a selector. */
export function endpointSliceController(): Controller {
  return {
    name: 'endpoint-slice-controller',
    resource: resources.services,
    watches: [resources.services, resources.pods, resources.nodes, resources.endpointSlices],
    keysFor,
    reconcile,
  };
}

function keysFor(change: ObjectChange, ports: ControllerPorts): readonly string[] {
  if (isOf(change, resources.services)) return [keyOf(change.object)];
  if (isOf(change, resources.pods)) return servicesOfPod(change as ObjectChange<Pod>, ports);
  if (isOf(change, resources.nodes)) return servicesOfNode(change as ObjectChange<Node>, ports);
  if (!isOf(change, resources.endpointSlices)) return [];
  const { namespace = '', labels } = change.object.metadata;
  const name = labels?.[serviceNameLabel] ?? change.previous?.metadata.labels?.[serviceNameLabel];
  return name === undefined ? [] : [`${namespace}/${name}`];
}

/** Services that select the pod now or did so before, when something changed that their endpoints show. */
export function servicesOfPod(change: ObjectChange<Pod>, ports: ControllerPorts): readonly string[] {
  const { object, previous, type } = change;
  const shown = podAddresses(object).length > 0 || (previous !== undefined && podAddresses(previous).length > 0);
  if (!shown || (type === 'put' && previous !== undefined && servingText(object) === servingText(previous))) return [];
  return ports.view
    .list<Service>(resources.services, object.metadata.namespace)
    .filter((service) => selects(service, object) || (previous !== undefined && selects(service, previous)))
    .map(keyOf);
}

/**
 * A node that came, went or moved to another zone changes the endpoints on it, and each node that counts the hints of
 * all who want them.
 */
function servicesOfNode(change: ObjectChange<Node>, ports: ControllerPorts): readonly string[] {
  const { object, previous, type } = change;
  const moved = type === 'delete' || previous === undefined || zoneOf(previous) !== zoneOf(object);
  if (!moved && zoneFacts(previous) === zoneFacts(object)) return [];
  const hinted = ports.view.list<Service>(resources.services).filter(wantsZoneHints).map(keyOf);
  return moved ? [...new Set([...hinted, ...servicesOn(object, ports)])] : hinted;
}

/** Services with an endpoint on a node. */
function servicesOn(node: Node, ports: ControllerPorts): readonly string[] {
  const keys = new Set<string>();
  for (const facts of ports.view.facts<Pod>(resources.pods, {
    field: { name: 'spec.nodeName', value: node.metadata.name },
  })) {
    const pod = facts.object();
    if (podAddresses(pod).length === 0) continue;
    for (const service of ports.view.list<Service>(resources.services, pod.metadata.namespace))
      if (selects(service, pod)) keys.add(keyOf(service));
  }
  return [...keys];
}

async function reconcile(key: string, ports: ControllerPorts): Promise<ReconcileResult | undefined> {
  const { namespace, name } = splitKey(key);
  const service = ports.view.get<Service>(resources.services, namespace, name);
  // The slices of a service that is gone or going are the garbage collector's.
  if (service === undefined || service.metadata.deletionTimestamp !== undefined) return undefined;
  const slices = ports.view
    .ownedBy<EndpointSlice>(resources.endpointSlices, service.metadata.uid)
    .filter((slice) => slice.metadata.labels?.[managedByLabel] === sliceManager);
  const pods = podsBehind(service, ports.view);
  let nodesCounted = 0;
  const plan = planServiceSlices({
    service,
    pods,
    slices,
    nodeOf: (node) => ports.view.get<Node>(resources.nodes, undefined, node),
    shares: () => {
      const processors = zoneProcessorsOf(ports.view);
      nodesCounted = processors.size;
      return processors.shares();
    },
  });
  try {
    await performSlices(ports, namespace, plan);
    tellOfHints(ports, service, { slices, plan });
    return { restMs: restMsAfter(nodesCounted) };
  } catch (error) {
    if (isNamespaceTerminating(error)) return undefined;
    ports.event(
      service,
      'Warning',
      'FailedToUpdateEndpointSlices',
      `Error updating Endpoint Slices for Service ${key}: ${errorMessage(error)}`,
    );
    throw error;
  }
}

/** Says when hints by zone begin, end, or cannot begin. */
function tellOfHints(
  ports: ControllerPorts,
  service: Service,
  { slices, plan }: { readonly slices: readonly EndpointSlice[]; readonly plan: ReturnType<typeof planServiceSlices> },
): void {
  const { hints, create, update, remove } = plan;
  if (hints === undefined || create.length + update.length + remove.length === 0) return;
  const had = slices.some(({ endpoints }) => endpoints?.some((endpoint) => endpoint.hints !== undefined) === true);
  if (hints.given && !had)
    ports.event(service, 'Normal', 'TopologyAwareHintsEnabled', 'Topology Aware Hints has been enabled');
  else if (hints.obstacle !== undefined && (had || create.length > 0))
    ports.event(service, 'Warning', 'TopologyAwareHintsDisabled', `${hints.obstacle}: every zone uses all endpoints`);
}

/** Performs a plan of slices. */
export async function performSlices(ports: ControllerPorts, namespace: string, plan: SlicePlan): Promise<void> {
  await performAll([
    ...plan.create.map((slice) => ports.client.create({ ...resources.endpointSlices, namespace }, slice)),
    ...plan.update.map((slice) => ports.client.update(refOf(resources.endpointSlices, slice), slice)),
    ...plan.remove.map((slice) => deleteObject(ports, resources.endpointSlices, slice)),
  ]);
}
