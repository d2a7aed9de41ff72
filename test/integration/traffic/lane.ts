/** Three machines in a cluster, a fourth that is no node, and a prober in each place. */
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { eventually, run } from '../cluster.ts';
import { type Machine, Machines } from '../machines.ts';
import { importImage } from './image.ts';
import { externalAddress, podManifests, serviceManifests } from './manifests.ts';
import { places } from './paths.ts';
import { residents } from './policy-cases.ts';
import { Prober } from './prober.ts';

export const clusterCidr = '10.246.0.0/16';
export const gateway = '10.246.0.1';
export const dnsAddress = '10.98.0.10';
const serviceCidr = '10.98.0.0/16';
const subnet = 9;

interface Listed<T> {
  readonly items: readonly T[];
}
interface PodView {
  readonly metadata: { readonly name: string; readonly uid: string; readonly deletionTimestamp?: string };
  readonly spec: { readonly nodeName?: string };
  readonly status: { readonly podIP?: string; readonly conditions?: readonly { type: string; status: string }[] };
}

export class Lane {
  readonly machines: Machines;
  readonly nodes: readonly string[];
  readonly probers = new Map<string, Prober>();
  /** Addresses of pods, by name. */
  readonly pods = new Map<string, string>();
  /** Cluster addresses of Services, by name. */
  readonly services = new Map<string, string>();

  private constructor(machines: Machines, nodes: readonly string[]) {
    this.machines = machines;
    this.nodes = nodes;
  }

  static async start(): Promise<Lane> {
    const machines = await Machines.start(3, { subnet, outside: true });
    try {
      return await Lane.#on(machines);
    } catch (error) {
      await machines.stop();
      throw error;
    }
  }

  static async #on(machines: Machines): Promise<Lane> {
    importImage(machines.all.map(({ socket }) => socket));
    for (const machine of machines.all) {
      machine.configure([
        ...['network:', `  podCidr: ${clusterCidr}`, `  serviceCidr: ${serviceCidr}`, `  dnsAddress: ${dnsAddress}`],
        ...['node:', `  dockerSocket: ${machine.socket}`],
      ]);
      const route = ['-n', machines.outside, 'route', 'add'];
      run('ip', [...route, `${externalAddress(machines.all.indexOf(machine) + 1)}/32`, 'via', machine.address]);
    }
    run('ip', ['-n', machines.outside, 'route', 'add', serviceCidr, 'via', machines.at(1).address]);
    const first = machines.at(1);
    const started = first.troupe('init', '--address', first.address, '--cluster', 'traffic');
    if (started.status !== 0) throw new Error(`troupe init: ${started.stderr}`);
    const name = await eventually('the first node', () => first.must('get', 'nodes', '-o', 'name').trim());
    const lane = new Lane(machines, [name.replace('node/', ''), 'n2', 'n3']);
    await Promise.all([2, 3].map((number) => lane.#join(machines.at(number), `n${number}`)));
    lane.apply(podManifests(lane.nodes));
    lane.apply(serviceManifests());
    await lane.#settle();
    return lane;
  }

  get first(): Machine {
    return this.machines.at(1);
  }

  apply(objects: readonly object[]): void {
    this.first.apply(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
  }

  /** Makes objects what they are said to be, or makes them. */
  replace(objects: readonly object[]): void {
    const args = ['--kubeconfig', join(this.first.home, 'kubeconfig'), 'replace', '-f', '-'];
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
    if (this.first.run('kubectl', args, { input }).status !== 0) this.apply(objects);
  }

  list<T>(what: string, ...args: string[]): readonly T[] {
    return (JSON.parse(this.first.must('get', what, '-o', 'json', ...args)) as Listed<T>).items;
  }

  async #join(machine: Machine, name: string): Promise<void> {
    const token = this.first.troupe('token', 'create').stdout.trim().split(' ');
    const [, , address = '', ...more] = token;
    const joined = machine.troupe('join', address, ...more, '--name', name, '--docker-socket', machine.socket);
    if (joined.status !== 0) throw new Error(`troupe join: ${joined.stderr}`);
    await eventually('the node to be there', () => this.first.kubectl('get', 'node', name).status === 0);
  }

  /** Waits until all pods are ready, sends those away that shall be ending, and starts the probers. */
  async #settle(): Promise<void> {
    this.first.must('wait', 'pod', '-A', '-l', 'lane=traffic', '--for=condition=Ready', '--timeout=120s');
    this.first.must('delete', 'pod', 'e1', '--wait=false');
    for (const { metadata, status } of this.list<PodView>('pods', '-A'))
      this.pods.set(metadata.name, status.podIP ?? '');
    for (const { metadata, spec } of this.list<{ metadata: { name: string }; spec: { clusterIP: string } }>('services'))
      this.services.set(metadata.name, spec.clusterIP);
    for (const { socket } of this.machines.all) favour(socket);
    for (const { name, kind, machine } of places) {
      const other = kind === 'host' ? this.machines.at(machine).space : this.machines.outside;
      this.#place(name, kind === 'pod' ? this.spaceOf(name, machine) : `/run/netns/${other}`);
    }
    for (const { name, namespace, machine, role } of residents)
      if (role !== 'wall') this.#place(name, this.spaceOf(name, machine, namespace));
  }

  #place(name: string, space: string): void {
    this.probers.set(name, new Prober(space));
  }

  /** The network namespace of a pod, as a file. */
  spaceOf(pod: string, machine: number, namespace = 'default'): string {
    const docker = ['-H', `unix://${this.machines.at(machine).socket}`];
    const filters = [`label=troupe.pod.name=${pod}`, `label=troupe.pod.namespace=${namespace}`];
    const listed = run('docker', [...docker, 'ps', '-q', ...filters.flatMap((filter) => ['--filter', filter])]);
    const [id = ''] = listed.stdout.trim().split('\n');
    const inspected = run('docker', [...docker, 'inspect', '-f', '{{.State.Pid}}', id]);
    const number = inspected.stdout.trim();
    if (!/^[1-9]\d*$/.test(number))
      throw new Error(`${pod} has no process on machine ${machine}: ${listed.stderr} ${inspected.stderr}`);
    return `/proc/${number}/ns/net`;
  }

  prober(place: string): Prober {
    const found = this.probers.get(place);
    if (found === undefined) throw new Error(`nobody asks from ${place}`);
    return found;
  }

  async stop(): Promise<void> {
    for (const prober of this.probers.values()) prober.stop();
    await this.machines.stop();
  }
}

/** Pods that answer take part in what is measured: other work of the machine must not count. */
function favour(socket: string): void {
  const docker = ['-H', `unix://${socket}`];
  const ids = run('docker', [...docker, 'ps', '-q', '--filter', 'label=troupe.container=answering']).stdout;
  const numbers = run('docker', [...docker, 'inspect', '-f', '{{.State.Pid}}', ...ids.trim().split('\n')]).stdout;
  for (const number of numbers.trim().split('\n')) setPriority(Number(number), -10);
}
