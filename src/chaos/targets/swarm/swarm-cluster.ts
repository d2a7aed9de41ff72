/** A Docker Swarm that is made for the run on this machine, with a namespace for each machine, and removed after it. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Timers } from '../../../base/index.ts';
import { ApiClient } from '../../clients/api-client.ts';
import type { Topology } from '../../scenario/scenario.ts';
import { engineProblem, saveImage } from '../kept-engine.ts';
import { must, systemProgram } from '../programs.ts';
import { failuresOf } from '../removal.ts';
import { Impossible, type Target } from '../target.ts';
import { EngineMachine } from './engine-machine.ts';
import { MachineNetwork } from './machine-network.ts';
import { Swarm } from './swarm.ts';

interface SwarmClusterOptions {
  readonly topology: Topology;
  readonly timers: Timers;
  readonly image: string;
  readonly say: (text: string) => void;
}

const needed = ['ip', 'nft'];

/** Why a Swarm cannot be made on this machine; undefined: it can. */
export function swarmProblem(): string | undefined {
  const problem = engineProblem();
  if (problem !== undefined) return problem;
  const missing = needed.filter((name) => systemProgram(name) === undefined);
  return missing.length === 0 ? undefined : `a Swarm on this machine needs ${missing.join(', ')}`;
}

/** Starts it and waits until it is well; what was begun is removed when that fails. */
export async function swarmCluster({ topology, timers, image, say }: SwarmClusterOptions): Promise<Target> {
  const problem = swarmProblem();
  if (problem !== undefined) throw new Impossible(problem);
  const folder = mkdtempSync(join(tmpdir(), 'troupe-chaos-swarm-'));
  const network = new MachineNetwork();
  const count = Math.max(topology.members, topology.nodes);
  const machines = Array.from(
    { length: count },
    (_, i) => new EngineMachine({ number: i + 1, folder: join(folder, String(i + 1)), network, timers }),
  );
  const api = new ApiClient({
    urls: machines.slice(0, topology.members).map(({ engine }) => `unix://${engine.socket}`),
  });
  const close = (): Promise<readonly string[]> => {
    api.close();
    return failuresOf([
      ...machines.map((machine) => () => machine.remove()),
      () => {
        network.close();
      },
      () => {
        rmSync(folder, { recursive: true, force: true });
      },
    ]);
  };
  try {
    say(`starting a Swarm of ${topology.members} managers on ${count} machines (network namespaces) in ${folder}`);
    await network.open();
    for (const machine of machines) await machine.start();
    joinAll(machines, topology.members);
    await loadImage(image, machines, folder);
    const mesh = meshProblem();
    const swarm = new Swarm({ machines, managers: topology.members, network, meshProblem: mesh });
    const { Version } = await api.must<{ Version: string }>({ path: '/version' });
    return {
      facts: {
        name: folder,
        orchestrator: 'docker-swarm',
        version: Version,
        members: topology.members,
        nodes: count,
        runtime: 'docker',
      },
      access: { urls: api.urls },
      swarm,
      image,
      unchecked: mesh === undefined ? [] : [`routing mesh: ${mesh}; each node publishes its own replica`],
      madeByRun: true,
      complaints: () => swarm.complaints(api),
      close,
    };
  } catch (error) {
    for (const left of await close()) say(left);
    throw error;
  }
}

/** The first makes the Swarm, the others join it: as managers, then as workers. */
function joinAll(machines: readonly EngineMachine[], managers: number): void {
  const [first, ...others] = machines;
  if (first === undefined) return;
  const docker = (machine: EngineMachine, ...args: readonly string[]): string =>
    must('docker', ['-H', `unix://${machine.engine.socket}`, ...args]).trim();
  docker(first, 'swarm', 'init', '--advertise-addr', first.address);
  for (const [i, machine] of others.entries()) {
    const token = docker(first, 'swarm', 'join-token', '-q', i + 1 < managers ? 'manager' : 'worker');
    docker(machine, 'swarm', 'join', '--token', token, `${first.address}:2377`);
  }
}

/** Gives each engine the image that the engine of this machine has: machines reach no registry. */
async function loadImage(image: string, machines: readonly EngineMachine[], folder: string): Promise<void> {
  const file = join(folder, 'image.tar');
  saveImage(image, file);
  for (const { engine } of machines) await engine.load(file);
  rmSync(file);
}

/** The kernel of this machine lacks what the routing mesh is made of; undefined: it has that. */
function meshProblem(): string | undefined {
  return existsSync('/proc/net/ip_vs') ? undefined : 'this kernel has no IPVS, of which the routing mesh is made';
}
