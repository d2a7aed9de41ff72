import { join } from 'node:path';
import type { ActorSystem } from '../../actors/index.ts';
import type { Logger, Metrics, TraceScope } from '../../base/index.ts';
import type { Bus } from '../../bus/index.ts';
import { type NodeAgent, runtimeDriver, simulatedMachine, startNodeAgent } from '../../node-agent/index.ts';
import { systemClock, systemRandom, systemTimers } from '../../platform/index.ts';
import { localVolumes } from '../../protocol/index.ts';
import { busClient, busView } from '../../resources/index.ts';
import { type Home, kubernetesVersion, type Settings } from '../process/index.ts';
import { startNodeIngress } from './ingress.ts';

export interface NodePorts {
  readonly system: ActorSystem;
  readonly bus: Bus;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly traces: TraceScope;
}

export interface NodeOptions {
  readonly name: string;
  readonly home: Home;
  readonly settings: Settings;
  /** The address by which others reach this machine. */
  readonly address: string;
  /** Where the API listens for this machine; absent: pods reach it at the addresses of its service. */
  readonly apiServer?: { readonly host: string; readonly port: number };
  /** The bearer token by which the agent is `system:node:<name>`; asked for with each request. */
  readonly token: () => string;
}

const deadlineMs = 10_000;

/** Starts a node's agent. It talks to the members over the bus, even within one process. */
export async function startNode(ports: NodePorts, options: NodeOptions): Promise<NodeAgent> {
  const { system, bus, metrics, traces } = ports;
  const { name, home, settings } = options;
  const log = ports.log.with({ part: 'agent', node: name });
  const driver = runtimeDriver(settings.node.runtime);
  const volumesFolder = settings.storage?.localVolumes === false ? undefined : join(home.folder, 'volumes', name);
  const requests = { bus, timers: systemTimers, cluster: settings.cluster, token: options.token, deadlineMs, traces };
  const client = busClient(requests);
  const view = busView({
    ...requests,
    log,
    queries: [
      { group: '', resource: 'pods', fieldSelector: `spec.nodeName=${name}` },
      { group: '', resource: 'services' },
      ...(volumesFolder === undefined
        ? []
        : [{ group: '', resource: 'persistentvolumes', labelSelector: `${localVolumes.nodeLabel}=${name}` }]),
      { group: '', resource: 'nodes' },
      { group: 'discovery.k8s.io', resource: 'endpointslices' },
      { group: 'networking.k8s.io', resource: 'networkpolicies' },
      ...(servesIngresses(settings)
        ? [
            { group: 'networking.k8s.io', resource: 'ingresses' },
            { group: 'networking.k8s.io', resource: 'ingressclasses' },
          ]
        : []),
    ],
  });
  const agent = startNodeAgent({
    system,
    view,
    client,
    bus,
    log,
    metrics,
    cluster: settings.cluster,
    nodeName: name,
    runtime: driver.open(settings.node, { clock: systemClock, timers: systemTimers }),
    // Without processes there is nothing to set up on the machine.
    machine: driver.runsProcesses ? undefined : simulatedMachine({ address: options.address }),
    clock: systemClock,
    timers: systemTimers,
    random: systemRandom,
    settings: {
      clusterCidr: settings.network.podCidr,
      serviceCidr: settings.network.serviceCidr,
      dnsAddress: settings.network.dnsAddress,
      clusterDomain: settings.network.clusterDomain,
      stateFolder: join(home.run, 'nodes', name),
      ...(volumesFolder === undefined ? {} : { volumesFolder }),
      ...(options.apiServer === undefined ? {} : { apiServer: options.apiServer }),
      nodeAddress: options.address,
      version: kubernetesVersion,
      podsMax: settings.node.podsMax,
      leaseMs: settings.node.leaseMs,
      ...measuring(settings),
    },
  });
  const ingress = servesIngresses(settings)
    ? startNodeIngress(
        { view, client, requests: { ...requests, log }, log: log.with({ part: 'ingress' }), metrics },
        { nodeName: name, settings: settings.ingress, accessLog: settings.logLevel === 'debug' },
      )
    : undefined;
  return {
    ready: agent.ready,
    stop: async (stopOptions) => {
      await ingress?.close();
      await agent.stop(stopOptions);
      view.close();
      client.close();
    },
  };
}

/** Pods that are no processes answer nobody. */
function servesIngresses(settings: Settings): settings is Settings & Required<Pick<Settings, 'ingress'>> {
  return settings.ingress?.enabled === true && runtimeDriver(settings.node.runtime).runsProcesses;
}

/** What earlier versions saved says nothing of it. */
function measuring({ resourceMetrics = { enabled: true, periodMs: 15_000 } }: Settings): {
  readonly usagePeriodMs?: number;
} {
  return resourceMetrics.enabled ? { usagePeriodMs: resourceMetrics.periodMs } : {};
}
