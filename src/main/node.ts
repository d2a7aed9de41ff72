import { join } from 'node:path';
import type { ActorSystem } from '../actors/index.ts';
import { delay, errorMessage, type Logger, type Metrics } from '../base/index.ts';
import type { Bus } from '../bus/index.ts';
import { type ContainerRuntime, dockerRuntime, type Machine, type NodeAgent, simulatedMachine, simulatedRuntime, startNodeAgent } from '../node-agent/index.ts';
import { systemClock, systemRandom, systemTimers } from '../platform/index.ts';
import { busClient, busView } from '../resources/index.ts';
import type { Home } from './home.ts';
import type { Settings } from './settings.ts';
import { kubernetesVersion } from './version.ts';

export interface NodePorts {
  readonly system: ActorSystem;
  readonly bus: Bus;
  readonly log: Logger;
  readonly metrics: Metrics;
}

export interface NodeOptions {
  readonly name: string;
  readonly home: Home;
  readonly settings: Settings;
  /** The address by which others reach this machine. */
  readonly address: string;
  /** Makes the bearer token by which the agent is `system:node:<name>`. */
  readonly issueToken: (node: string, expirationSeconds: number) => Promise<string>;
}

const tokenSeconds = 24 * 60 * 60;
const deadlineMs = 10_000;

/** Starts a node's agent. It talks to the members over the bus, even within one process. */
export async function startNode(ports: NodePorts, options: NodeOptions): Promise<NodeAgent> {
  const { system, bus, metrics } = ports;
  const { name, home, settings } = options;
  const log = ports.log.with({ part: 'agent', node: name });
  const token = await renewedToken(options, log);
  const requests = { bus, timers: systemTimers, cluster: settings.cluster, token, deadlineMs };
  const client = busClient(requests);
  const view = busView({
    ...requests,
    log,
    queries: [
      { group: '', resource: 'pods', fieldSelector: `spec.nodeName=${name}` },
      { group: '', resource: 'services' },
      { group: '', resource: 'nodes' },
      { group: 'discovery.k8s.io', resource: 'endpointslices' },
    ],
  });
  const agent = startNodeAgent({
    system, view, client, bus, log, metrics,
    cluster: settings.cluster,
    nodeName: name,
    ...hostOf(options),
    clock: systemClock,
    timers: systemTimers,
    random: systemRandom,
    settings: {
      clusterCidr: settings.network.podCidr,
      serviceCidr: settings.network.serviceCidr,
      dnsAddress: settings.network.dnsAddress,
      clusterDomain: settings.network.clusterDomain,
      stateFolder: join(home.run, 'nodes', name),
      apiServer: { host: options.address, port: settings.apiPort },
      nodeAddress: options.address,
      version: kubernetesVersion,
      podsMax: settings.node.podsMax,
      leaseMs: settings.node.leaseMs,
    },
  });
  return {
    ready: agent.ready,
    stop: async (stopOptions) => {
      await agent.stop(stopOptions);
      view.close();
      client.close();
    },
  };
}

/** Docker on this machine, or the simulated twins of both, which start nothing and touch nothing. */
function hostOf({ settings, address }: NodeOptions): { readonly runtime: ContainerRuntime; readonly machine?: Machine } {
  if (settings.node.runtime === 'simulated') return { runtime: simulatedRuntime({ clock: systemClock, timers: systemTimers }), machine: simulatedMachine({ address }) };
  return { runtime: dockerRuntime({ socketPath: settings.node.dockerSocket, timers: systemTimers }) };
}

/** The agent's token, made anew at two thirds of its life. */
async function renewedToken({ name, issueToken }: NodeOptions, log: Logger): Promise<() => string> {
  let token = await issueToken(name, tokenSeconds);
  const renew = async (): Promise<void> => {
    for (;;) {
      await delay(systemTimers, (tokenSeconds * 1000 * 2) / 3);
      token = await issueToken(name, tokenSeconds);
    }
  };
  renew().catch((error: unknown) => { log.error('the node\'s token could not be renewed', { error: errorMessage(error) }); });
  return () => token;
}
