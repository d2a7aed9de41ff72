/** Decides which addresses of nodes each Service of type LoadBalancer shows. */
import { type EndpointSlice, type IpFamily, type Node, parseTime, type Service } from '../../api/index.ts';
import { outsideAddresses } from '../../protocol/index.ts';
import { keyOf } from '../runtime/index.ts';

/** What a Service of type LoadBalancer should show. */
export interface Balance {
  readonly service: Service;
  /** Addresses of nodes, in order; none while no node can serve it, or while a port is somebody else's. */
  readonly addresses: readonly string[];
  /** Who has a port that it wants: a sentence for an Event. */
  readonly taken?: string;
}

interface BalanceFacts {
  readonly services: readonly Service[];
  readonly nodes: readonly Node[];
  /** The endpoint slices of a Service; asked only where the address depends on them. */
  readonly slicesOf: (service: Service) => readonly EndpointSlice[];
  /** Ports of nodes that no Service gets, with the name of what has them. */
  readonly reserved: ReadonlyMap<number, string>;
}

/**
 * Whether the nodes' own addresses are this Service's: it asks for a load balancer, and for none of somebody else's
 * class.
 */
export const isBalanced = ({ spec, metadata }: Service): boolean =>
  spec.type === 'LoadBalancer' && (spec.loadBalancerClass ?? '') === '' && metadata.deletionTimestamp === undefined;

/**
 * Gives each Service the addresses of all ready nodes. A port of the nodes is one Service's: the oldest one that wants
 * it has it. With the external traffic policy Local, nodes without a ready endpoint are left out, since they would drop
 * what they get.
 */
export function balance({ services, nodes, slicesOf, reserved }: BalanceFacts): readonly Balance[] {
  const able = nodes.flatMap((node) => {
    const addresses = outsideAddresses(node);
    return addresses.size === 0 ? [] : [{ name: node.metadata.name, addresses }];
  });
  const holders = new Map<string, Service>();
  return services
    .filter(isBalanced)
    .sort(older)
    .map((service): Balance => {
      const taken = takenPort(service, holders, reserved);
      if (taken !== undefined) return { service, addresses: [], taken };
      for (const key of portKeys(service)) holders.set(key, service);
      const local = service.spec.externalTrafficPolicy === 'Local' ? readyNodes(slicesOf(service)) : undefined;
      const chosen = able.filter(({ name }) => local === undefined || local.has(name));
      const shown = chosen.flatMap(({ addresses }) => addressesFor(service, addresses));
      return { service, addresses: [...new Set(shown)].sort() };
    });
}

/** Those of the Service's families; of a Service that names none, the node's first. */
function addressesFor({ spec }: Service, addresses: ReadonlyMap<IpFamily, string>): readonly string[] {
  const { ipFamilies = [] } = spec;
  if (ipFamilies.length === 0) return [...addresses.values()].slice(0, 1);
  return [...addresses].flatMap(([family, address]) => (ipFamilies.includes(family) ? [address] : []));
}

const portKeys = ({ spec }: Service): readonly string[] =>
  (spec.ports ?? []).map(({ port, protocol = 'TCP' }) => `${port}/${protocol}`);

function takenPort(
  service: Service,
  holders: ReadonlyMap<string, Service>,
  reserved: ReadonlyMap<number, string>,
): string | undefined {
  for (const { port, protocol = 'TCP' } of service.spec.ports ?? []) {
    const holder = holders.get(`${port}/${protocol}`);
    if (holder !== undefined)
      return `port ${port}/${protocol} of the nodes belongs to the Service ${keyOf(holder)}, which is older`;
    const owner = protocol === 'TCP' ? reserved.get(port) : undefined;
    if (owner !== undefined) return `port ${port}/TCP of the nodes belongs to ${owner}`;
  }
  return undefined;
}

function readyNodes(slices: readonly EndpointSlice[]): ReadonlySet<string> {
  return new Set(
    slices.flatMap(({ endpoints }) =>
      (endpoints ?? []).flatMap(({ conditions, nodeName }) =>
        conditions?.ready === false || nodeName === undefined ? [] : [nodeName],
      ),
    ),
  );
}

function older(one: Service, other: Service): number {
  const age = (parseTime(one.metadata.creationTimestamp) ?? 0) - (parseTime(other.metadata.creationTimestamp) ?? 0);
  return age === 0 ? (keyOf(one) < keyOf(other) ? -1 : 1) : age;
}
