/** A Docker Swarm of machines on this machine: who leads, what can be struck, and whether it is well. */
import type { ApiClient } from '../../clients/api-client.ts';
import type { Victim } from '../troupe-home.ts';
import type { EngineMachine } from './engine-machine.ts';
import type { MachineNetwork } from './machine-network.ts';

export interface SwarmNode {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly Spec: { readonly Role: 'manager' | 'worker'; readonly Availability: string };
  readonly Description?: { readonly Hostname?: string };
  readonly Status: { readonly State: string };
  readonly ManagerStatus?: { readonly Leader?: boolean; readonly Reachability?: string };
}

interface SwarmParts {
  /** Managers first: they are the URLs of the API. */
  readonly machines: readonly EngineMachine[];
  readonly managers: number;
  readonly network: MachineNetwork;
  /** Why a Service is not published by Swarm's routing mesh here; undefined: it is. */
  readonly meshProblem: string | undefined;
}

const askMs = 2_000;

export class Swarm {
  readonly machines: readonly EngineMachine[];
  readonly managers: readonly EngineMachine[];
  readonly network: MachineNetwork;
  readonly meshProblem: string | undefined;

  constructor({ machines, managers, network, meshProblem }: SwarmParts) {
    this.machines = machines;
    this.managers = machines.slice(0, managers);
    this.network = network;
    this.meshProblem = meshProblem;
  }

  machine(name: string): EngineMachine {
    const found = this.machines.find((each) => each.name === name);
    if (found === undefined) throw new Error(`there is no machine ${name}`);
    return found;
  }

  /** A manager is its engine, and so is what a node runs: both are struck at `dockerd`. */
  async victims(strikes: string, api: ApiClient): Promise<readonly Victim[]> {
    const lists = await Promise.all(this.managers.map((_, turn) => nodesSeenBy(api, turn)));
    const leader = leaderOf(lists);
    const struck = strikes.startsWith('member') ? this.managers : this.machines;
    return struck.map(({ name, engine }) => {
      const pid = strikes === 'containerd' ? engine.containerd : engine.pid;
      return { name, pids: pid === undefined ? [] : [pid], leader: name === leader };
    });
  }

  /** Of nodes, by what the managers say, and of engines that do not answer. */
  async complaints(api: ApiClient): Promise<readonly string[]> {
    const lists = await Promise.all(this.managers.map((_, turn) => nodesSeenBy(api, turn)));
    const silent = this.managers.filter((_, i) => lists[i] === undefined).map(({ name }) => `${name} is not ready`);
    const dead = this.machines
      .filter(({ engine }) => engine.pid === undefined)
      .map(({ name }) => `${name} does not run`);
    const nodes = lists.find((list) => list !== undefined);
    return [...dead, ...silent, ...(nodes === undefined ? [] : complaintsOfSwarm(nodes, this.machines.length))];
  }
}

/** The name of the manager that most managers take for the leader; a list for each that answers. */
export function leaderOf(lists: readonly (readonly SwarmNode[] | undefined)[]): string | undefined {
  const named = lists.map((nodes) => nodes?.find(({ ManagerStatus }) => ManagerStatus?.Leader === true));
  const claims = named.flatMap((node) => node?.Description?.Hostname ?? []);
  return [...Map.groupBy(claims, (name) => name)].toSorted(([, one], [, two]) => two.length - one.length)[0]?.[0];
}

async function nodesSeenBy(api: ApiClient, turn: number): Promise<readonly SwarmNode[] | undefined> {
  const outcome = await api.call({ path: '/nodes', turn, timeoutMs: askMs });
  return outcome.type === 'answered' && outcome.status === 200
    ? (JSON.parse(outcome.text) as readonly SwarmNode[])
    : undefined;
}

/** One sentence for each node that is down, manager that is cut off, and for a Swarm that nobody leads. */
export function complaintsOfSwarm(nodes: readonly SwarmNode[], wanted: number): readonly string[] {
  const sick = nodes.flatMap(({ ID, Description, Status, ManagerStatus }) => {
    const name = Description?.Hostname ?? ID;
    if (Status.State !== 'ready') return [`node ${name} is not ready`];
    const reach = ManagerStatus?.Reachability ?? 'reachable';
    return reach === 'reachable' ? [] : [`manager ${name} is not reachable`];
  });
  const led = nodes.some(({ ManagerStatus }) => ManagerStatus?.Leader === true) ? [] : ['no manager leads'];
  return nodes.length < wanted
    ? [...sick, ...led, `there are ${nodes.length} nodes, not ${wanted}`]
    : [...sick, ...led];
}
