/** Gives Services of type LoadBalancer the addresses of the nodes. */
import {
  deepEqual,
  type Ingress,
  type IngressClass,
  type Node,
  resources,
  type Service,
  serviceNameLabel,
} from '../../api/index.ts';
import { restMsAfter } from '../../base/index.ts';
import { ingressPortsAnnotation, outsideAddresses, servedIngresses } from '../../protocol/index.ts';
import type { ObjectChange, ResourceView } from '../../resources/index.ts';
import { type Controller, type ControllerPorts, isOf, refOf, unlessGone } from '../runtime/index.ts';
import { slicesOf } from '../endpoint-slice/slices.ts';
import { type Balance, balance, isBalanced } from './reconcile.ts';

const key = 'cluster';
const manager = 'troupe-load-balancer';

/**
 * Services of type LoadBalancer are reached at the nodes' own addresses. One actor decides for all of them, so that no
 * port is given twice. A status that somebody else wrote stays as it is: then another load balancer is at work.
 */
export function loadBalancerController({ reservedPorts }: { readonly reservedPorts: readonly number[] }): Controller {
  return {
    name: 'service-lb-controller',
    resource: resources.services,
    watches: [
      resources.services,
      resources.nodes,
      resources.endpointSlices,
      resources.ingresses,
      resources.ingressClasses,
    ],
    initialKeys: () => [key],
    keysFor: (change, { view }) => (matters(change, view) ? [key] : []),
    reconcile: async (_key, ports) => {
      const { view } = ports;
      const services = view.list<Service>(resources.services);
      const nodes = services.some(isBalanced) ? view.list<Node>(resources.nodes) : [];
      const balances = services.some(isBalanced)
        ? balance({
            services,
            nodes,
            slicesOf: ({ metadata }) => slicesOf(view, metadata),
            reserved: reserved(reservedPorts, view),
          })
        : [];
      for (const each of balances) await show(each, ports);
      for (const service of services) if (!isBalanced(service)) await show({ service, addresses: [] }, ports);
      return { restMs: restMsAfter(nodes.length) };
    },
  };
}

function matters(change: ObjectChange, view: ResourceView): boolean {
  if (isOf(change, resources.services))
    return [change.object, change.previous].some(
      (service) => service !== undefined && (service as Service).spec.type === 'LoadBalancer',
    );
  if (isOf(change, resources.nodes))
    return (
      nodeText(change.previous as Node | undefined) !==
      nodeText(change.type === 'delete' ? undefined : (change.object as Node))
    );
  if (!isOf(change, resources.endpointSlices)) return true;
  const { namespace, labels } = change.object.metadata;
  const service = view.get<Service>(resources.services, namespace, labels?.[serviceNameLabel] ?? '');
  return service !== undefined && isBalanced(service) && service.spec.externalTrafficPolicy === 'Local';
}

/** What of a node matters here: by which addresses it serves, and which ports Ingresses have there. */
function nodeText(node: Node | undefined): string {
  return node === undefined
    ? ''
    : `${[...outsideAddresses(node).values()].join()} ${node.metadata.annotations?.[ingressPortsAnnotation] ?? ''}`;
}

/** Ports of the nodes that are in other hands: those of the settings, and Ingresses' while there is one to serve. */
function reserved(configured: readonly number[], view: ResourceView): ReadonlyMap<number, string> {
  const owners = new Map(
    configured.map((port) => [port, 'the machine (network.reservedPorts, or a port of the cluster itself)']),
  );
  if (
    servedIngresses(view.list<Ingress>(resources.ingresses), view.list<IngressClass>(resources.ingressClasses))
      .length === 0
  )
    return owners;
  for (const { metadata } of view.list<Node>(resources.nodes)) {
    for (const port of (metadata.annotations?.[ingressPortsAnnotation] ?? '').split(',').filter(Boolean))
      owners.set(Number(port), 'the Ingresses that the nodes serve');
  }
  return owners;
}

async function show({ service, addresses, taken }: Balance, { client, event }: ControllerPorts): Promise<void> {
  const shown = service.status?.loadBalancer?.ingress ?? [];
  if (shown.length > 0 && !isOwn(service)) return;
  if (taken !== undefined) event(service, 'Warning', 'PortTaken', taken);
  const wanted = addresses.map((ip) => ({ ip, ipMode: 'VIP' }));
  if (deepEqual(shown, wanted)) return;
  const body = {
    metadata: { uid: service.metadata.uid, resourceVersion: service.metadata.resourceVersion },
    status: { loadBalancer: { ingress: wanted.length === 0 ? null : wanted } },
  };
  await unlessGone(
    client.patch(
      refOf(resources.services, service),
      { type: 'merge', body },
      { subresource: 'status', fieldManager: manager },
    ),
  );
  if (wanted.length > 0) event(service, 'Normal', 'EnsuredLoadBalancer', `Reached at ${addresses.join(', ')}`);
}

const isOwn = ({ metadata }: Service): boolean =>
  metadata.managedFields?.some((entry) => entry.manager === manager && entry.subresource === 'status') === true;
