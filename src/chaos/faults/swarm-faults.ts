/** Faults of a Docker Swarm: of its machines, their network, and what its API permits. */
import { delay } from '../../base/index.ts';
import type { ApiClient } from '../clients/api-client.ts';
import type { FaultName } from '../scenario/fault-table.ts';
import { Impossible } from '../targets/target.ts';
import type { EngineMachine } from '../targets/swarm/engine-machine.ts';
import type { NetworkCut } from '../targets/swarm/machine-network.ts';
import type { Swarm, SwarmNode } from '../targets/swarm/swarm.ts';
import { swarmServiceName } from '../workloads/swarm-service.ts';
import { type BeginFault, chosen, type Effect, type FaultContext, NothingToStrike, once } from './fault.ts';
import { freeze, kill } from './process-faults.ts';

const updateMs = 120_000;
const pollMs = 200;

function swarmOf({ target }: FaultContext): Swarm {
  if (target.swarm === undefined) throw new Impossible('this cluster is no Docker Swarm');
  return target.swarm;
}

async function machineOf(context: FaultContext): Promise<EngineMachine> {
  const swarm = swarmOf(context);
  return swarm.machine(chosen(await swarm.victims(context.spec.strikes, context.api), context).name);
}

/** All its processes at once, with its network; after the time it starts with the disk that it had. */
const machineDies: BeginFault = async (context): Promise<Effect> => {
  const machine = await machineOf(context);
  const comesBack = async (): Promise<undefined> => {
    await machine.powerOn();
  };
  const killed = await machine.die().catch(async (error: unknown) => {
    await comesBack();
    throw error;
  });
  return {
    victim: machine.name,
    proof: `none of its ${killed} processes is left (engine, containers), nor its network`,
    end: comesBack,
  };
};

const cut =
  (cutOf: (context: FaultContext) => NetworkCut): BeginFault =>
  async (context): Promise<Effect> => {
    const { network } = swarmOf(context);
    const { name, number } = await machineOf(context);
    const { direction, percent } = cutOf(context);
    network.cut(number, { direction, percent });
    const way = { both: 'to and from', in: 'to', out: 'from' }[direction];
    const share = percent < 100 ? `${percent} % of the packets` : 'all packets';
    return {
      victim: name,
      proof: `nftables drops ${share} ${way} ${name}, but for the clients'`,
      end: () => {
        const dropped = network.dropped(number);
        network.heal(number);
        if (dropped === 0) return Promise.reject(new Error('not one packet was dropped'));
        return Promise.resolve(`${dropped} packets were dropped`);
      },
    };
  };

const delayPackets: BeginFault = async (context): Promise<Effect> => {
  const { network } = swarmOf(context);
  const { name, number } = await machineOf(context);
  const problem = network.delay(number, context.spec.amount);
  if (problem !== undefined) throw new Impossible(`packets cannot be delayed: ${problem}`);
  return {
    victim: name,
    proof: `netem delays each packet that ${name} sends by ${context.spec.amount} ms`,
    end: () => {
      const delayed = network.delayed(number);
      network.undelay(number);
      if (delayed === 0) return Promise.reject(new Error('not one packet was delayed'));
      return Promise.resolve(`${delayed} packets were delayed`);
    },
  };
};

/** Every manager's engine in turn; the next one when all are well again, two minutes at most. */
const restartEngines: BeginFault = async (context): Promise<Effect> => {
  const swarm = swarmOf(context);
  const before = new Map(swarm.managers.map(({ name, engine }) => [name, engine.pid]));
  for (const machine of swarm.managers) {
    await machine.engine.restart();
    await until(context, `the Swarm to be well after ${machine.name}`, async () => {
      return (await swarm.complaints(context.api)).length === 0;
    });
  }
  const pairs = swarm.managers.map(
    ({ name, engine }) => `${name} ${before.get(name) ?? 'none'} → ${engine.pid ?? 'none'}`,
  );
  return once(swarm.managers.map(({ name }) => name).join(', '), `other processes: ${pairs.join(', ')}`);
};

interface SwarmService {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly Spec: { readonly TaskTemplate: { readonly ForceUpdate?: number } };
  readonly UpdateStatus?: { readonly State?: string; readonly Message?: string };
}

/** New tasks for old ones by the service's own update settings. */
const rollService: BeginFault = async (context): Promise<Effect> => {
  const { api } = context;
  const path = `/services/${swarmServiceName}`;
  const found = await serviceOf(api, path);
  const ForceUpdate = (found.Spec.TaskTemplate.ForceUpdate ?? 0) + 1;
  const body = { ...found.Spec, TaskTemplate: { ...found.Spec.TaskTemplate, ForceUpdate } };
  await api.must({ method: 'POST', path: `/services/${found.ID}/update?version=${found.Version.Index}`, body });
  let state = '';
  await until(context, 'the update to be complete', async () => {
    const { UpdateStatus } = await serviceOf(api, path);
    state = UpdateStatus?.State ?? '';
    if (state === 'paused') throw new Error(`the update stopped: ${UpdateStatus?.Message ?? ''}`);
    return state === 'completed';
  });
  return once(`service ${swarmServiceName}`, `the managers say that the update is ${state}`);
};

async function serviceOf(api: ApiClient, path: string): Promise<SwarmService> {
  const outcome = await api.call({ path });
  if (outcome.type === 'answered' && outcome.status === 404)
    throw new NothingToStrike('there is no service (workload `service`)');
  return api.must<SwarmService>({ path });
}

/** Swarm calls it `pause`. */
const pauseNode: BeginFault = async (context): Promise<Effect> => {
  const { api, pick } = context;
  const nodes = (await api.must<readonly SwarmNode[]>({ path: '/nodes' }))
    .filter(({ Spec }) => Spec.Availability === 'active')
    .toSorted((one, two) => (nameOf(one) < nameOf(two) ? -1 : 1));
  const node = nodes[pick % Math.max(1, nodes.length)];
  if (node === undefined) throw new NothingToStrike('there is no node that takes tasks');
  const set = async (Availability: string): Promise<undefined> => {
    const { Version, Spec } = await api.must<SwarmNode>({ path: `/nodes/${node.ID}` });
    const body = { ...Spec, Availability };
    await api.must({ method: 'POST', path: `/nodes/${node.ID}/update?version=${Version.Index}`, body });
  };
  await set('pause').catch(async (error: unknown) => {
    // Without an answer it may have been carried out.
    await set('active');
    throw error;
  });
  return { victim: nameOf(node), proof: 'the managers took its availability `pause`', end: () => set('active') };
};

const nameOf = ({ ID, Description }: SwarmNode): string => Description?.Hostname ?? ID;

async function until({ timers, now }: FaultContext, what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = now() + updateMs;
  while (!(await holds())) {
    if (now() > end) throw new Error(`${what} took longer than ${updateMs / 1_000} s`);
    await delay(timers, pollMs);
  }
}

const impossible =
  (why: string): BeginFault =>
  () =>
    Promise.reject(new Impossible(why));

const ofKubernetes = impossible('a Swarm does not serve the API of Kubernetes');
const ofTroupe = impossible('a Swarm has no actors that an operator can reach');
const notWritten = impossible('not done to the engines of a Swarm here');

/** Every fault, as it is done to a Swarm; an engine is manager, agent and dockerd in one. */
export const swarmFaults: Readonly<Record<FaultName, BeginFault>> = {
  kill,
  freeze,
  'machine-death': machineDies,
  'machine-loss': impossible('a manager that lost its disk would have to join anew: not done here'),
  'power-loss': impossible('machines of a Swarm have no disks of their own here'),
  cut: cut(() => ({ direction: 'both', percent: 100 })),
  'cut-in': cut(() => ({ direction: 'in', percent: 100 })),
  'cut-out': cut(() => ({ direction: 'out', percent: 100 })),
  loss: cut(({ spec }) => ({ direction: 'both', percent: spec.amount })),
  delay: delayPackets,
  'disk-full': impossible('machines of a Swarm have no disks of their own here'),
  'disk-slow': notWritten,
  'disk-fails': notWritten,
  'clock-jump': impossible('an engine takes its time from the clock of this machine'),
  'cpu-pressure': notWritten,
  'memory-pressure': notWritten,
  'rolling-restart': restartEngines,
  'rolling-update': rollService,
  'rolling-upgrade': impossible('there is one version of the engine on this machine'),
  'member-replacement': notWritten,
  'certificate-expiry': impossible('managers of a Swarm renew their certificates within an hour at the least'),
  'actor-restart': ofTroupe,
  'actor-flood': ofTroupe,
  'actor-stall': ofTroupe,
  'actor-duplicate': ofTroupe,
  'api-abuse': ofKubernetes,
  'pod-delete': ofKubernetes,
  'pod-evict': ofKubernetes,
  cordon: pauseNode,
  scale: impossible('a service that each node publishes itself has no room for more replicas than nodes'),
};
