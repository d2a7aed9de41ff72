/**
 * Chaos on this machine, with real parts: while a client creates objects and Deployments grow and shrink, processes of
 * the cluster are killed or frozen at random; of several members also one with all its processes, and one is cut off
 * from all others while clients still reach it. Prints how long each fault was felt and what was lost (nothing may be).
 *   node benchmarks/chaos/chaos.ts [--seed N] [--faults N] [--members 1|3|5] [--json FILE]
 */
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { type Random, seededRandom } from '../../src/base/index.ts';
import { ensureBusyboxImage } from '../../scripts/example-image.ts';
import { Cluster, eventually, run, type Status } from '../../test/integration/cluster.ts';
import { MemberCuts } from '../../test/integration/member-cuts.ts';
import { type Figure, quantile, report } from '../figures.ts';

const image = 'troupe.local/hello:1';
const writers = 16;

function option(name: string, otherwise: number): number {
  const at = process.argv.indexOf(`--${name}`);
  return at > 0 ? Number(process.argv[at + 1]) : otherwise;
}

interface Fault {
  readonly name: string;
  /** The ways in which it can strike, one for each victim. */
  readonly strikes: (cluster: Cluster) => readonly (() => Promise<void>)[];
}

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
const kill = (pids: readonly number[]) => (): Promise<void> => {
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  return Promise.resolve();
};
const freeze = (pids: readonly number[]) => async (): Promise<void> => {
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  await pause(2_000);
  for (const pid of pids) process.kill(pid, 'SIGCONT');
};
const cutOff = (cuts: MemberCuts, member: string) => async (): Promise<void> => {
  cuts.cut(member);
  await pause(3_000);
  cuts.heal();
};
const natsServerOf = (cluster: Cluster, name: string): number =>
  Number(readFileSync(join(cluster.home, 'run', name === 'member-1' ? '' : name, 'nats-server.pid'), 'utf8'));
const member = (cluster: Cluster): number[][] =>
  cluster.status().members.flatMap(({ pid }) => (pid === null ? [] : [[pid]]));
const wholeMember = (cluster: Cluster): number[][] =>
  cluster.status().members.flatMap(({ name, pid }) => (pid === null ? [] : [[pid, natsServerOf(cluster, name)]]));
const agents = (cluster: Cluster): number[][] =>
  cluster.status().nodes.flatMap(({ pid }) => (pid === null ? [] : [[pid]]));
const natsServer = (cluster: Cluster): number[][] =>
  cluster.status().members.map(({ name }) => [natsServerOf(cluster, name)]);

const membersCount = option('members', 1);
const cutName = 'member cut off for 3 s';

function faultsOf(cuts: MemberCuts | undefined): readonly Fault[] {
  return [
    { name: 'member killed', strikes: (cluster) => member(cluster).map(kill) },
    { name: 'member frozen for 2 s', strikes: (cluster) => member(cluster).map(freeze) },
    { name: 'agent killed', strikes: (cluster) => agents(cluster).map(kill) },
    { name: 'agent frozen for 2 s', strikes: (cluster) => agents(cluster).map(freeze) },
    { name: 'nats-server killed', strikes: (cluster) => natsServer(cluster).map(kill) },
    ...(membersCount === 1
      ? []
      : [
          { name: 'member and its nats-server killed', strikes: (cluster: Cluster) => wholeMember(cluster).map(kill) },
          {
            name: 'member and its nats-server frozen for 2 s',
            strikes: (cluster: Cluster) => wholeMember(cluster).map(freeze),
          },
        ]),
    ...(cuts === undefined
      ? []
      : [
          {
            name: cutName,
            strikes: (cluster: Cluster) => cluster.status().members.map(({ name }) => cutOff(cuts, name)),
          },
        ]),
  ];
}

const allReady = (cluster: Cluster): Promise<unknown> =>
  eventually(
    'members and nodes',
    async () => {
      // Asked without waiting in this process: the writers must go on meanwhile.
      const { members, nodes } = JSON.parse((await cluster.troupeMeanwhile('status', '-o', 'json')).stdout) as Status;
      return (
        members.length === membersCount &&
        members.every(({ role }) => role !== 'down') &&
        nodes.length === 2 &&
        nodes.every((node) => node.ready && node.pid !== null)
      );
    },
    60_000,
  );

/**
 * Makes cuts possible, if they are on this machine: each member begins once more, so that all its connections are made
 * in its own group.
 */
async function prepareCuts(cluster: Cluster): Promise<MemberCuts | undefined> {
  if (membersCount === 1) return undefined;
  const problem = MemberCuts.problem();
  if (problem !== undefined) {
    console.log(`no member is cut off: ${problem}`);
    return undefined;
  }
  const names = cluster.status().members.map(({ name }) => name);
  const cuts = MemberCuts.create(names);
  for (const name of names) {
    cuts.enclose(cluster, name);
    const { status, stderr } = cluster.troupe('member', 'restart', name);
    if (status !== 0) throw new Error(`${name} could not be restarted: ${stderr}`);
    await allReady(cluster);
  }
  return cuts;
}

/**
 * A client that writes without pause, at the next member when one does not answer, and remembers what was acknowledged
 * and when.
 */
class Writers {
  readonly acknowledged: string[] = [];
  readonly #times: number[] = [];
  #stopped = false;
  readonly #cluster: Cluster;
  readonly #urls: readonly string[];
  readonly #agent: Agent;
  readonly #running: Promise<unknown>;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#urls = cluster.status().members.map(({ url }) => url);
    this.#agent = new Agent({ keepAlive: true, ca: cluster.ca });
    this.#running = Promise.all(Array.from({ length: writers }, (_, id) => this.#write(id)));
  }

  /**
   * The longest time without an acknowledged write since `from`, in ms: what was under way at `from` counts as before.
   */
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
    for (let i = 0, turn = id; !this.#stopped; i++) {
      const name = `chaos-${id}-${i}`;
      if (await this.#create(name, this.#urls[turn % this.#urls.length] ?? this.#cluster.url)) {
        this.acknowledged.push(name);
        this.#times.push(performance.now());
      } else turn += 1;
      await new Promise((resolve) => {
        setTimeout(resolve, 20);
      });
    }
  }

  #create(name: string, url: string): Promise<boolean> {
    return new Promise((resolve) => {
      const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
      const call = request(
        `${url}/api/v1/namespaces/default/configmaps`,
        {
          method: 'POST',
          agent: this.#agent,
          timeout: 5_000,
          headers: { 'content-type': 'application/json', authorization: `Bearer ${this.#cluster.token}` },
        },
        (response) => {
          response.resume();
          response.on('end', () => {
            resolve(response.statusCode === 201);
          });
          response.on('error', () => {
            resolve(false);
          });
        },
      );
      call.on('error', () => {
        resolve(false);
      });
      call.on('timeout', () => {
        call.destroy();
      });
      call.end(body);
    });
  }
}

interface Outcome {
  readonly name: string;
  /** The longest pause of writes until every node is ready again and writes have gone on, and when that was, in ms. */
  readonly pauseMs: number;
  readonly readyMs: number;
  /** Writes acknowledged while the fault lasted. */
  readonly meanwhile: number;
}

async function strike(
  cluster: Cluster,
  client: Writers,
  { faults, random }: { readonly faults: readonly Fault[]; readonly random: Random },
): Promise<Outcome> {
  const fault = faults[random.below(faults.length)];
  const strikes = fault?.strikes(cluster) ?? [];
  const hit = strikes[random.below(strikes.length)];
  if (fault === undefined || hit === undefined) throw new Error('there is nothing to hit');
  cluster.kubectl('scale', 'deployment/chaos', `--replicas=${2 + random.below(6)}`);
  const [from, acknowledged] = [performance.now(), client.acknowledgedSoFar];
  await hit();
  const meanwhile = client.acknowledgedSoFar - acknowledged;
  await allReady(cluster);
  const readyMs = performance.now() - from;
  const before = client.acknowledgedSoFar;
  await eventually('more writes', () => client.acknowledgedSoFar > before + writers, 60_000);
  return { name: fault.name, pauseMs: client.longestPause(from), readyMs, meanwhile };
}

/** What must hold when the faults have stopped. */
async function verify(cluster: Cluster, client: Writers): Promise<number> {
  cluster.must('rollout', 'status', 'deployment/chaos', '--timeout=120s');
  const present = new Set(cluster.must('get', 'configmaps', '-o', 'jsonpath={.items[*].metadata.name}').split(' '));
  const lost = client.acknowledged.filter((name) => !present.has(name)).length;
  await eventually(
    'no container without its pod',
    () => {
      const pods = new Set(cluster.must('get', 'pods', '-A', '-o', 'jsonpath={.items[*].metadata.uid}').split(' '));
      const containers = run('docker', [
        'ps',
        '-a',
        '--filter',
        `label=troupe.cluster=${cluster.name}`,
        '--format',
        '{{.Label "troupe.pod.uid"}}',
      ])
        .stdout.trim()
        .split('\n');
      return containers.every((uid) => pods.has(uid));
    },
    60_000,
  );
  return lost;
}

const seed = option('seed', 1);
const count = option('faults', 20);
console.log(`seed ${seed}, ${count} faults, ${membersCount} member${membersCount === 1 ? '' : 's'}`);
ensureBusyboxImage(image);
const cluster = await Cluster.create('chaos', ['--members', String(membersCount), '--nodes', '2']);
const figures: Figure[] = [];
let cuts: MemberCuts | undefined;
try {
  cuts = await prepareCuts(cluster);
  const faults = faultsOf(cuts);
  cluster.must('create', 'deployment', 'chaos', `--image=${image}`, '--replicas=4', '--', 'sleep', '100000');
  cluster.must(
    'patch',
    'deployment',
    'chaos',
    '-p',
    '{"spec":{"template":{"spec":{"terminationGracePeriodSeconds":0}}}}',
  );
  const client = new Writers(cluster);
  const random = seededRandom(seed);
  const strikes: Outcome[] = [];
  for (let i = 0; i < count; i++) {
    const outcome = await strike(cluster, client, { faults, random });
    strikes.push(outcome);
    console.log(
      `${String(i + 1).padStart(3)} ${outcome.name.padEnd(41)} writes paused ${outcome.pauseMs.toFixed(0)} ` +
        `ms, all ready after ${outcome.readyMs.toFixed(0)} ms`,
    );
  }
  await client.stop();
  const lost = await verify(cluster, client);
  for (const [name, hits] of Map.groupBy(strikes, (outcome) => outcome.name)) {
    figures.push({
      name: `${name} (${hits.length} times): pause of writes, p50`,
      value: quantile(
        hits.map((hit) => hit.pauseMs),
        0.5,
      ),
      unit: 'ms',
    });
    figures.push({
      name: `${name} (${hits.length} times): pause of writes, worst`,
      value: quantile(
        hits.map((hit) => hit.pauseMs),
        1,
      ),
      unit: 'ms',
    });
  }
  const cut = strikes.filter(({ name }) => name === cutName);
  if (cuts !== undefined)
    figures.push(
      { name: 'members cut off', value: cut.length, unit: '' },
      {
        name: 'writes acknowledged while one was',
        value: cut.reduce((sum, { meanwhile }) => sum + meanwhile, 0),
        unit: '',
      },
    );
  figures.push(
    { name: 'writes acknowledged', value: client.acknowledged.length, unit: '' },
    { name: 'of them lost', value: lost, unit: '', goal: '0' },
  );
  if (lost > 0) process.exitCode = 1;
} finally {
  cuts?.heal();
  cluster.destroy();
  cuts?.destroy();
}
report('Chaos', figures);
