/** The machine's network as the cluster wants it: cluster DNS, Service rules, routes to other machines' pods. */
import { errorMessage } from '../base/index.ts';
import type { NodeAgentOptions } from './agent-settings.ts';
import { type DnsServer, viewDnsFacts } from './dns/index.ts';
import { type Node, resources } from '../api/index.ts';
import type { Lifetime } from './lifetime.ts';
import {
  type BridgeFacts,
  type FamilyNetwork,
  gatewayOf,
  keepNodeRoutes,
  type MachineClaim,
  networkNames,
  nodeClaims,
  overlayDevice,
  type NodePods,
} from './network/index.ts';
import type { Machine, MachineFacts, NodeFacts } from './node/index.ts';
import { nodeMoves } from './node-moves.ts';
import { type HostPort, type Proxy, startProxy } from './proxy/index.ts';
import { retryUntilSuccess } from './retry.ts';
import { clusterLabels, labels, listedAddresses } from './runtime/index.ts';

interface NetworkParts {
  readonly facts: NodeFacts;
  /** The families of the cluster that this machine has. */
  readonly networks: readonly FamilyNetwork[];
  readonly machine: Machine;
  readonly machineFacts: MachineFacts;
  readonly bridge: BridgeFacts;
  /** Makes the bridge again, should it have gone. */
  readonly makeBridge: () => Promise<BridgeFacts>;
  readonly lifetime: Lifetime;
}

/** What the network must learn from the rest of the agent. */
export interface NetworkFeed {
  /** Sandboxes with host ports came or went. */
  hostPortsChanged(): void;
  /** The bridge was made again, so its settings are gone. */
  bridgeChanged(): void;
}

/** Starts all three. Of several agents on one machine only the one with the machine's claim writes rules and routes. */
export async function startNetwork(options: NodeAgentOptions, parts: NetworkParts): Promise<NetworkFeed> {
  const { machine, lifetime } = parts;
  const dns = await Promise.all(parts.networks.map((network) => startDns(options, parts, network)));
  let hostPorts: readonly HostPort[] = [];
  const claim: MachineClaim = machine.claim({
    cluster: options.cluster,
    node: options.nodeName,
    timers: options.timers,
    changed: () => {
      hostPortsChanged();
      routes.wake();
    },
  });
  lifetime.atEnd(() => {
    claim.close();
  });
  const hostPortsChanged = (): void => {
    readHostPorts(options)
      .then(
        (found) => {
          hostPorts = found;
        },
        (error: unknown) => {
          options.log.warn('failed to read host ports', { error: errorMessage(error) });
        },
      )
      .finally(() => {
        proxy.wake();
      });
  };
  const proxy = startServiceRules(options, {
    ...parts,
    claim,
    dnsPorts: dns.map(({ port }) => port),
    hostPorts: () => hostPorts,
    rangesChanged: () => {
      routes.wake();
    },
  });
  const routes = startRoutes(options, { ...parts, claim, proxy });
  return {
    hostPortsChanged,
    bridgeChanged: () => {
      routes.wake();
    },
  };
}

async function startDns(
  options: NodeAgentOptions,
  { machine, machineFacts, makeBridge, lifetime }: NetworkParts,
  { clusterCidr }: FamilyNetwork,
): Promise<DnsServer> {
  const { settings, timers, random, log } = options;
  const facts = viewDnsFacts(options.view, settings.clusterDomain);
  let failed = false;
  const job = async (): Promise<DnsServer> => {
    // It listens at the bridge's address, and nobody else looks after the bridge yet.
    if (failed) await makeBridge();
    failed = true;
    return machine.startDns({
      address: gatewayOf(clusterCidr),
      facts,
      upstreams: machineFacts.resolver.nameservers,
      timers,
      random,
      log,
    });
  };
  const dns = await retryUntilSuccess(options, 'start cluster DNS', job, () => lifetime.over);
  lifetime.atEnd(() => {
    dns.close();
    facts.close();
  });
  return dns;
}

interface RuleParts extends NetworkParts {
  readonly claim: MachineClaim;
  /** Of the DNS servers, in the order of the networks. */
  readonly dnsPorts: readonly number[];
  readonly hostPorts: () => readonly HostPort[];
  readonly rangesChanged: () => void;
}

function startServiceRules(options: NodeAgentOptions, parts: RuleParts): Proxy {
  const { machine, networks, bridge, claim, lifetime, dnsPorts, hostPorts, rangesChanged } = parts;
  const { settings } = options;
  const names = networkNames(options.cluster);
  const proxy = startProxy({
    ...options,
    run: machine.run,
    active: () => claim.held,
    localNodes: () => claim.nodes,
    hostPorts,
    places: settings.proxyPlaces,
    ownAddresses: machine.addresses,
    rangesChanged,
    facts: networks.map(({ family, clusterCidr, serviceCidr, dnsAddress }, i) => ({
      family,
      table: names.table,
      bridge: names.bridge,
      overlay: overlayDevice(options.cluster),
      clusterCidr,
      serviceCidr,
      filtered: bridge.filtered.has(family),
      dns: { clusterAddress: dnsAddress, address: gatewayOf(clusterCidr), port: dnsPorts[i] ?? 0 },
    })),
    apiServer: settings.apiServer,
  });
  lifetime.atEnd(() => proxy.close());
  return proxy;
}

interface RouteParts extends NetworkParts {
  readonly claim: MachineClaim;
  readonly proxy: Proxy;
}

function startRoutes(options: NodeAgentOptions, parts: RouteParts): { wake(): void } {
  const { machine, facts, networks, claim, proxy, lifetime } = parts;
  const { settings, cluster } = options;
  const [address = ''] = facts.addresses;
  const clusterCidrs = networks.map(({ clusterCidr }) => clusterCidr);
  const pods = believedPods(options, clusterCidrs);
  const routes = keepNodeRoutes({
    ...options,
    run: machine.run,
    active: () => claim.held,
    settings: {
      cluster,
      bridge: networkNames(cluster).bridge,
      clusterCidrs,
      forwardChain: options.runtime.forwardChain,
      mode: settings.networkMode ?? 'auto',
      own: { address, podCidrs: facts.podCidrs },
    },
    remote: () => pods().filter((node) => node.address !== address),
    local: () => pods().flatMap((node) => (node.address === address ? [ownPods(node, machine)] : [])),
    services: (family) => proxy.addedRanges(family),
  });
  const moves = nodeMoves(options.view);
  lifetime.atEnd(
    options.view.onChange((change) => {
      if (moves(change)) routes.wake();
    }),
  );
  lifetime.atEnd(() => {
    routes.close();
  });
  return routes;
}

/** The pods of each node, and the machine's addresses; what is not believed is told once. */
function believedPods(options: NodeAgentOptions, clusterCidrs: readonly string[]): () => readonly NodePods[] {
  let told: ReadonlySet<string> = new Set();
  return () => {
    const nodes = options.view.list<Node>(resources.nodes);
    const { pods, ignored } = nodeClaims(nodes, { own: options.nodeName, clusterCidrs });
    for (const problem of ignored)
      if (!told.has(problem)) options.log.warn('no way is made to what a node says of itself', { problem });
    told = new Set(ignored);
    return pods;
  };
}

/** Its addresses that the machine has now: only those can be spoken from. */
const ownPods = (node: NodePods, machine: Machine): NodePods => ({
  ...node,
  addresses: node.addresses.filter((address) => machine.addresses().has(address)),
});

/** The host ports of the pods that run on this machine, of all its nodes. */
async function readHostPorts(options: NodeAgentOptions): Promise<readonly HostPort[]> {
  const found = await options.runtime.summaries({ ...clusterLabels(options), [labels.hostPorts]: '' });
  return found
    .filter(({ state }) => state === 'running')
    .flatMap(({ labels: own }) =>
      (own[labels.hostPorts] ?? '')
        .split(',')
        .flatMap((text) => listedAddresses(own).flatMap((address) => hostPortOf(text, address))),
    );
}

/** One port of the label on a sandbox; see labels.hostPorts. */
function hostPortOf(text: string, address: string): readonly HostPort[] {
  const [name = '', hostIp = '', hostPort = '', port = ''] = text.split('/');
  const protocol = name.toLowerCase();
  if (protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'sctp') return [];
  return [{ protocol, hostIp, hostPort: Number(hostPort), address, port: Number(port) }];
}
