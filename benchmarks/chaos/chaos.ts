/**
 * Chaos on this machine, with real parts: while a client creates objects and Deployments grow and shrink, processes of the cluster
 * are killed or frozen at random. Prints how long each fault was felt and what was lost (nothing may be).
 *   node benchmarks/chaos/chaos.ts [--seed N] [--faults N] [--json FILE]
 */
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { type Random, seededRandom } from '../../src/base/index.ts';
import { ensureBusyboxImage } from '../../scripts/example-image.ts';
import { Cluster, eventually, run } from '../../test/integration/cluster.ts';
import { type Figure, quantile, report } from '../figures.ts';

const image = 'troupe.local/hello:1';
const writers = 16;

function option(name: string, otherwise: number): number {
  const at = process.argv.indexOf(`--${name}`);
  return at > 0 ? Number(process.argv[at + 1]) : otherwise;
}

interface Fault {
  readonly name: string;
  /** The processes it hits. */
  readonly pids: (cluster: Cluster) => readonly number[];
  readonly hit: (pid: number) => Promise<void>;
}

const kill = (pid: number): Promise<void> => { process.kill(pid, 'SIGKILL'); return Promise.resolve(); };
const freeze = async (pid: number): Promise<void> => {
  process.kill(pid, 'SIGSTOP');
  await new Promise((resolve) => { setTimeout(resolve, 2_000); });
  process.kill(pid, 'SIGCONT');
};
const member = (cluster: Cluster): number[] => cluster.status().members.flatMap(({ pid }) => pid ?? []);
const agents = (cluster: Cluster): number[] => cluster.status().nodes.flatMap(({ pid }) => pid ?? []);
const natsServer = (cluster: Cluster): number[] => [Number(readFileSync(`${cluster.home}/run/nats-server.pid`, 'utf8'))];

const faults: readonly Fault[] = [
  { name: 'member killed', pids: member, hit: kill },
  { name: 'member frozen for 2 s', pids: member, hit: freeze },
  { name: 'agent killed', pids: agents, hit: kill },
  { name: 'agent frozen for 2 s', pids: agents, hit: freeze },
  { name: 'nats-server killed', pids: natsServer, hit: kill },
];

/** A client that writes without pause and remembers what was acknowledged and when. */
class Writers {
  readonly acknowledged: string[] = [];
  readonly #times: number[] = [];
  #stopped = false;
  readonly #cluster: Cluster;
  readonly #agent: Agent;
  readonly #running: Promise<unknown>;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#agent = new Agent({ keepAlive: true, ca: cluster.ca });
    this.#running = Promise.all(Array.from({ length: writers }, (_, id) => this.#write(id)));
  }

  /** The longest time without an acknowledged write since `from`, in ms: what was under way at `from` counts as before. */
  longestPause(from: number): number {
    const since = this.#times.filter((time) => time > from);
    return Math.max(...since.map((time, i) => time - (since[i - 1] ?? from)));
  }

  get acknowledgedSoFar(): number {
    return this.#times.length;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
    this.#agent.destroy();
  }

  async #write(id: number): Promise<void> {
    for (let i = 0; !this.#stopped; i++) {
      const name = `chaos-${id}-${i}`;
      if (await this.#create(name)) {
        this.acknowledged.push(name);
        this.#times.push(performance.now());
      }
      await new Promise((resolve) => { setTimeout(resolve, 20); });
    }
  }

  #create(name: string): Promise<boolean> {
    return new Promise((resolve) => {
      const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
      const call = request(`${this.#cluster.url}/api/v1/namespaces/default/configmaps`, { method: 'POST', agent: this.#agent, timeout: 5_000, headers: { 'content-type': 'application/json', authorization: `Bearer ${this.#cluster.token}` } }, (response) => {
        response.resume();
        response.on('end', () => { resolve(response.statusCode === 201); });
        response.on('error', () => { resolve(false); });
      });
      call.on('error', () => { resolve(false); });
      call.on('timeout', () => { call.destroy(); });
      call.end(body);
    });
  }
}

/** One fault: the longest pause of writes until every node is ready again and writes have gone on, and when that was, in ms. */
async function strike(cluster: Cluster, client: Writers, random: Random): Promise<{ readonly name: string; readonly pauseMs: number; readonly readyMs: number }> {
  const fault = faults[random.below(faults.length)];
  const pids = fault?.pids(cluster) ?? [];
  const pid = pids[random.below(pids.length)];
  if (fault === undefined || pid === undefined) throw new Error('there is nothing to hit');
  cluster.kubectl('scale', 'deployment/chaos', `--replicas=${2 + random.below(6)}`);
  const from = performance.now();
  await fault.hit(pid);
  await eventually('the nodes', () => { const { nodes } = cluster.status(); return nodes.length === 2 && nodes.every((node) => node.ready && node.pid !== null); }, 60_000);
  const readyMs = performance.now() - from;
  const before = client.acknowledgedSoFar;
  await eventually('more writes', () => client.acknowledgedSoFar > before + writers, 60_000);
  return { name: fault.name, pauseMs: client.longestPause(from), readyMs };
}

/** What must hold when the faults have stopped. */
async function verify(cluster: Cluster, client: Writers): Promise<number> {
  cluster.must('rollout', 'status', 'deployment/chaos', '--timeout=120s');
  const present = new Set(cluster.must('get', 'configmaps', '-o', 'jsonpath={.items[*].metadata.name}').split(' '));
  const lost = client.acknowledged.filter((name) => !present.has(name)).length;
  await eventually('no container without its pod', () => {
    const pods = new Set(cluster.must('get', 'pods', '-A', '-o', 'jsonpath={.items[*].metadata.uid}').split(' '));
    const containers = run('docker', ['ps', '-a', '--filter', `label=troupe.cluster=${cluster.name}`, '--format', '{{.Label "troupe.pod.uid"}}']).stdout.trim().split('\n');
    return containers.every((uid) => pods.has(uid));
  }, 60_000);
  return lost;
}

const seed = option('seed', 1);
const count = option('faults', 20);
console.log(`seed ${seed}, ${count} faults`);
ensureBusyboxImage(image);
const cluster = await Cluster.create('chaos', ['--nodes', '2']);
const figures: Figure[] = [];
try {
  cluster.must('create', 'deployment', 'chaos', `--image=${image}`, '--replicas=4', '--', 'sleep', '100000');
  cluster.must('patch', 'deployment', 'chaos', '-p', '{"spec":{"template":{"spec":{"terminationGracePeriodSeconds":0}}}}');
  const client = new Writers(cluster);
  const random = seededRandom(seed);
  const strikes: Awaited<ReturnType<typeof strike>>[] = [];
  for (let i = 0; i < count; i++) {
    const outcome = await strike(cluster, client, random);
    strikes.push(outcome);
    console.log(`${String(i + 1).padStart(3)} ${outcome.name.padEnd(22)} writes paused ${outcome.pauseMs.toFixed(0)} ms, all ready after ${outcome.readyMs.toFixed(0)} ms`);
  }
  await client.stop();
  const lost = await verify(cluster, client);
  for (const [name, hits] of Map.groupBy(strikes, (outcome) => outcome.name)) {
    figures.push({ name: `${name} (${hits.length} times): pause of writes, p50`, value: quantile(hits.map((hit) => hit.pauseMs), 0.5), unit: 'ms' });
    figures.push({ name: `${name} (${hits.length} times): pause of writes, worst`, value: quantile(hits.map((hit) => hit.pauseMs), 1), unit: 'ms' });
  }
  figures.push({ name: 'writes acknowledged', value: client.acknowledged.length, unit: '' }, { name: 'of them lost', value: lost, unit: '', goal: '0' });
  if (lost > 0) process.exitCode = 1;
} finally {
  cluster.destroy();
}
report('Chaos', figures);
