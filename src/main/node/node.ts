/** Builds a node from ports: the agent that runs pods, and the proxies of Ingresses. */
import { join } from 'node:path';
import type { ActorSystem } from '../../actors/index.ts';
import { familyOf } from '../../api/index.ts';
import type { Logger, Metrics, TraceScope } from '../../base/index.ts';
import type { Bus } from '../../bus/index.ts';
import {
  kubeletSettings,
  logLimits,
  type NodeAgent,
  type PortCertificate,
  runtimeDriver,
  simulatedMachine,
  startNodeAgent,
} from '../../node-agent/index.ts';
import { systemClock, systemRandom, systemTimers } from '../../platform/index.ts';
import { localVolumes } from '../../protocol/index.ts';
import { busClient, busView, type BusViewOptions, type ResourceView } from '../../resources/index.ts';
import {
  bindAddress,
  type Home,
  kubernetesVersion,
  networkRanges,
  proxyPlaces,
  type Settings,
} from '../process/index.ts';
import { startNodeIngress } from './ingress.ts';
import type { JoinedKeys } from './joined-keys.ts';
import { serveShutdown } from './node-shutdown.ts';
import { certificateAuthority } from '../keys/index.ts';
import { KeyNews } from './key-news.ts';

type AgentOptions = Parameters<typeof startNodeAgent>[0];

interface NodePorts {
  readonly system: ActorSystem;
  readonly bus: Bus;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Where the process is the node's own. */
  readonly renderMetrics?: (() => string) | undefined;
  readonly traces: TraceScope;
}

interface NodeOptions {
  readonly name: string;
  readonly home: Home;
  readonly settings: Settings;
  /** The address other machines use to reach this one. */
  readonly address: string;
  /** Where the API listens for this machine; absent: pods reach it through the endpoints of its Service. */
  readonly apiServer?: { readonly host: string; readonly port: number } | undefined;
  /** The keys of a node that joined from another machine; absent beside a member. */
  readonly joined?: JoinedKeys | undefined;
  /** It has no machine: it watches its own objects alone, and of the network it does nothing. */
  readonly hollow?: boolean | undefined;
  /** The bearer token by which the agent is `system:node:<name>`; called for each request. */
  readonly token: () => string;
}

/** Where settings that an earlier version saved have no other. */
export const defaultKubeletRoot = '/var/lib/kubelet';
const deadlineMs = 10_000;
const defaultUsagePeriodMs = 15_000;

/** Starts a node's agent. It talks to the members over the bus, even within one process. */
export async function startNode(ports: NodePorts, options: NodeOptions): Promise<NodeAgent> {
  const { bus, metrics, traces } = ports;
  const { name, settings, token } = options;
  const log = ports.log.with({ part: 'agent', node: name });
  const requests = { bus, timers: systemTimers, cluster: settings.cluster, token, deadlineMs, traces };
  const client = busClient(requests);
  const view = busView({ ...requests, log, queries: queriesOf(options) });
  const keys = new KeyNews(
    { requests: { ...requests, log }, clock: systemClock, timers: systemTimers, log },
    { joined: options.joined, hasPods: () => view.list({ group: '', resource: 'pods' }).length > 0 },
  );
  const agent = startAgent({ ...ports, log }, options, { view, client, keys });
  const endShutdown = serveShutdown(agent, options.home, name, log);
  const ingress = servesIngresses(settings)
    ? startNodeIngress(
        { view, client, requests: { ...requests, log }, log: log.with({ part: 'ingress' }), metrics },
        {
          nodeName: name,
          settings: { ...settings.ingress, bind: bindAddress(settings.ingress.bind, settings.network) },
          accessLog: settings.logLevel === 'debug',
        },
      )
    : undefined;
  return {
    ready: agent.ready,
    shutDown: () => agent.shutDown(),
    stop: async (stopOptions) => {
      endShutdown();
      await ingress?.close();
      await agent.stop(stopOptions);
      keys.close();
      view.close();
      client.close();
    },
  };
}

const portCertificateDays = 365;

/** For the kubelet's port, by an authority of its own that signs nothing else, as a kubelet makes it by default. */
async function portCertificate(node: string, hosts: readonly string[]): Promise<PortCertificate> {
  const { makeAuthority, makeLeaf } = await certificateAuthority();
  const validity = { now: systemClock.now(), days: portCertificateDays };
  const authority = await makeAuthority(`${node}-ca`, validity);
  const { certificate, key } = await makeLeaf(authority, {
    ...validity,
    subject: `CN=${node}`,
    usage: 'server',
    hosts,
  });
  return { certificate: `${certificate}${authority.certificate}`, key };
}

/** A machine's name as a node's name (RFC 1123 subdomain). */
export function nodeNameOf(machine: string): string {
  return (
    machine
      .toLowerCase()
      .replace(/[^a-z0-9.-]/g, '-')
      .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '') || 'node'
  );
}

/** The objects that a node watches. */
function queriesOf(options: NodeOptions): BusViewOptions['queries'] {
  const { name, settings } = options;
  const networking = 'networking.k8s.io';
  const volumes = { group: '', resource: 'persistentvolumes', labelSelector: `${localVolumes.nodeLabel}=${name}` };
  const pods = { group: '', resource: 'pods', fieldSelector: `spec.nodeName=${name}` };
  if (options.hollow === true) return [pods, { group: '', resource: 'nodes', fieldSelector: `metadata.name=${name}` }];
  return [
    pods,
    { group: '', resource: 'services' },
    ...(volumesFolder(options) === undefined ? [] : [volumes]),
    { group: '', resource: 'nodes' },
    ...(runtimeDriver(settings.node.runtime).runsProcesses
      ? [{ group: 'storage.k8s.io', resource: 'csidrivers' }]
      : []),
    { group: 'discovery.k8s.io', resource: 'endpointslices' },
    { group: networking, resource: 'networkpolicies' },
    { group: networking, resource: 'servicecidrs', optional: true },
    ...(servesIngresses(settings)
      ? [
          { group: networking, resource: 'ingresses' },
          { group: networking, resource: 'ingressclasses' },
        ]
      : []),
  ];
}

function startAgent(
  { system, bus, log, metrics, renderMetrics }: NodePorts,
  options: NodeOptions,
  {
    view,
    client,
    keys,
  }: { readonly view: ResourceView; readonly client: AgentOptions['client']; readonly keys: KeyNews },
): NodeAgent {
  const { name, settings, address } = options;
  const driver = runtimeDriver(settings.node.runtime);
  return startNodeAgent({
    system,
    view,
    client,
    bus,
    log,
    metrics,
    renderMetrics,
    cluster: settings.cluster,
    clusterId: settings.clusterId,
    nodeName: name,
    runtime: driver.open(settings.node, {
      clock: systemClock,
      timers: systemTimers,
      logs: logLimits(settings.node),
    }),
    // Without processes there is nothing to set up on the machine.
    machine: driver.runsProcesses ? undefined : simulatedMachine({ address }),
    clock: systemClock,
    timers: systemTimers,
    random: systemRandom,
    settings: agentSettings(options),
    portCertificate: (hosts) => portCertificate(name, hosts),
    leaseAnnotations: () => keys.annotations,
    tokensNotBefore: () => keys.tokensNotBefore,
  });
}

function agentSettings(options: NodeOptions): AgentOptions['settings'] {
  const { name, home, settings, address, apiServer, hollow } = options;
  const { clusterDomain, mode } = settings.network;
  const { podCidrs, serviceCidrs, dnsAddresses } = networkRanges(settings.network);
  const { podsMax, podPidsLimit, seccompDefault, seccompFolder, allowedUnsafeSysctls, leaseMs, staticPodPath } =
    settings.node;
  const { port = 0, address: bind = '0.0.0.0' } = settings.node;
  return {
    ...kubeletSettings(settings.node),
    networks: podCidrs.map((clusterCidr, i) => ({
      family: familyOf(clusterCidr),
      clusterCidr,
      serviceCidr: serviceCidrs[i] ?? '',
      dnsAddress: dnsAddresses[i] ?? '',
    })),
    networkMode: mode,
    // What has no machine has no ports of one.
    proxyPlaces:
      hollow === true || !runtimeDriver(settings.node.runtime).runsProcesses ? {} : proxyPlaces(settings.network),
    clusterDomain,
    stateFolder: join(home.run, 'nodes', name),
    volumesFolder: volumesFolder(options),
    apiServer,
    nodeAddress: address,
    version: kubernetesVersion,
    podsMax,
    podPidsLimit,
    seccompDefault,
    seccompFolder,
    staticPodPath,
    port,
    address: bindAddress(bind, settings.network),
    kubeletRoot: runtimeDriver(settings.node.runtime).runsProcesses
      ? (settings.node.kubeletRoot ?? defaultKubeletRoot)
      : undefined,
    allowedUnsafeSysctls,
    leaseMs,
    usagePeriodMs: usagePeriodMs(settings),
  };
}

/** Undefined where this node makes no volumes. */
function volumesFolder({ home, name, settings }: NodeOptions): string | undefined {
  return settings.storage?.localVolumes === false ? undefined : join(home.folder, 'volumes', name);
}

/** Pods that are no processes answer nobody. */
function servesIngresses(settings: Settings): settings is Settings & Required<Pick<Settings, 'ingress'>> {
  return settings.ingress?.enabled === true && runtimeDriver(settings.node.runtime).runsProcesses;
}

/** Undefined: usage is not measured. Settings that an earlier version saved do not have the key. */
function usagePeriodMs({ resourceMetrics }: Settings): number | undefined {
  if (resourceMetrics === undefined) return defaultUsagePeriodMs;
  return resourceMetrics.enabled ? resourceMetrics.periodMs : undefined;
}
