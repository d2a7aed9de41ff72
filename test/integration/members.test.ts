import { readFileSync, readdirSync } from 'node:fs';
import test from 'ava';
import { connectNats } from '../../src/bus/index.ts';
import { systemTimers } from '../../src/platform/index.ts';
import { busClient } from '../../src/resources/index.ts';
import { shardOf, shardsCount } from '../../src/shards/index.ts';
import { checkLinearisable, type Model, type Operation } from '../simulation/linearisability.ts';
import { Cluster, eventually } from './cluster.ts';
import { ManyClient } from './members-client.ts';

/**
 * Three member processes and two node agents: each member in turn is killed, frozen and loses its NATS server, under writes through
 * both doors. The agents run the simulated runtime: what is tested here is the members.
 */
let cluster: Cluster;
let urls: readonly string[];

test.before(async () => {
  cluster = await Cluster.create('members', ['--members', '3', '--nodes', '2', '--runtime', 'simulated']);
  urls = cluster.status().members.map(({ url }) => url);
});
test.after.always(() => { if (cluster !== undefined) cluster.destroy(); });

const pause = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });
const maps = '/api/v1/namespaces/default/configmaps';
const configMap = (name: string, data: Record<string, string> = {}): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });

/** What writers saw, until they are told to stop. */
class Witness {
  running = true;
  readonly acknowledged = new Set<string>();
  readonly retryable = new Map<string, number>();
  readonly others: string[] = [];

  failed(code: number | string, text: string): void {
    const known = typeof code === 'string' || [408, 429, 500, 502, 503, 504].includes(code);
    if (known) this.retryable.set(String(code), (this.retryable.get(String(code)) ?? 0) + 1);
    else this.others.push(`${code} ${text.slice(0, 200)}`);
  }
}

async function httpWriter(id: number, record: Witness): Promise<void> {
  const client = new ManyClient(cluster, urls, id);
  for (let i = 0; record.running; i++) {
    const name = `http-${id}-${i}`;
    for (let done = false; !done && record.running;) {
      try {
        const answer = await client.ask('POST', maps, configMap(name));
        // After an answer that was lost, "it exists" is the answer.
        done = answer.status === 201 || answer.status === 409;
        if (done) record.acknowledged.add(name);
        else record.failed(answer.status, answer.body);
      } catch {
        record.failed('no answer', '');
      }
      await pause(15);
    }
  }
  client.close();
}

async function natsWriter(id: number, record: Witness): Promise<void> {
  const file = JSON.parse(readFileSync(`${cluster.home}/nats.json`, 'utf8')) as { servers: string[]; token: string; cluster: string };
  const bus = await connectNats({ servers: file.servers, token: file.token, name: `writer-${id}` });
  const client = busClient({ bus, timers: systemTimers, cluster: file.cluster, token: file.token, deadlineMs: 3_000 });
  for (let i = 0; record.running; i++) {
    const name = `nats-${id}-${i}`;
    for (let done = false; !done && record.running;) {
      try {
        await client.create({ group: '', resource: 'configmaps', namespace: 'default' }, configMap(name));
        done = true;
      } catch (error) {
        const { code, message } = error as { code: number; message: string };
        if (code === 409) done = true;
        else record.failed(code, message);
      }
      if (done) record.acknowledged.add(name);
      await pause(15);
    }
  }
  client.close();
  await bus.close();
}

type RegisterAction = { readonly type: 'read'; readonly value: string } | { readonly type: 'swap'; readonly from: string; readonly to: string; readonly done: boolean };

const registerModel: Model<string, RegisterAction> = {
  initial: '0',
  step: (state, action) => {
    if (action.type === 'read') return action.value === state ? state : undefined;
    if (!action.done) return state === action.from ? undefined : state;
    return state === action.from ? action.to : undefined;
  },
  fingerprint: (state) => state,
};

/** Reads a register and swaps its value on the version that was read, with unique values. */
async function swapper(id: number, record: Witness, history: Operation<RegisterAction>[]): Promise<void> {
  const client = new ManyClient(cluster, urls, id);
  const started = performance.now();
  const moment = (): number => Math.round((performance.now() - started) * 1_000_000) / 1_000_000;
  for (let i = 1; record.running; i++) {
    await pause(40);
    const readAt = performance.now();
    const read = await client.ask('GET', `${maps}/register`).catch(() => undefined);
    if (read?.status !== 200) continue;
    const object = JSON.parse(read.body) as { metadata: object; data: { value: string } };
    history.push({ calledAt: readAt, returnedAt: performance.now(), action: { type: 'read', value: object.data.value } });
    const action = { type: 'swap' as const, from: object.data.value, to: `${id}-${i}-${moment()}` };
    const calledAt = performance.now();
    const written = await client.ask('PUT', `${maps}/register`, { apiVersion: 'v1', kind: 'ConfigMap', ...object, data: { value: action.to } }).catch(() => undefined);
    if (written?.status === 200) history.push({ calledAt, returnedAt: performance.now(), action: { ...action, done: true } });
    else if (written?.status === 409) history.push({ calledAt, returnedAt: performance.now(), action: { ...action, done: false } });
    else history.push({ calledAt, action: { ...action, done: true } });
  }
  client.close();
}

/** Names so that the Deployments are in all shards, one each. */
function oneOfEachShard(prefix: string): readonly string[] {
  const names = new Map<number, string>();
  for (let i = 0; names.size < shardsCount; i++) names.set(shardOf('deployment-controller', `default/${prefix}-${i}`), `${prefix}-${i}`);
  return [...names.values()];
}

/** How long until every shard acts: a Deployment in each gets its ReplicaSet. */
async function allShardsAct(prefix: string, { victim, from }: { readonly victim: string; readonly from: number }): Promise<number> {
  // The one that was struck is not asked: a client's own patience is not what is measured.
  const client = new ManyClient(cluster, urls.filter((_, position) => `member-${position + 1}` !== victim));
  const names = oneOfEachShard(prefix);
  const template = { metadata: { labels: { app: prefix } }, spec: { containers: [{ name: 'c', image: 'none' }] } };
  const asked = async <T>(method: string, path: string, body?: unknown): Promise<T | undefined> => {
    const answer = await client.ask(method, path, body).catch(() => undefined);
    return answer !== undefined && (answer.status < 300 || answer.status === 409) ? JSON.parse(answer.body) as T : undefined;
  };
  for (const name of names) {
    await eventually(`the Deployment ${name}`, () => asked('POST', '/apis/apps/v1/namespaces/default/deployments', {
      apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec: { replicas: 0, selector: { matchLabels: { app: prefix } }, template },
    }), 20_000);
  }
  await eventually('a ReplicaSet of every Deployment', async () => {
    const list = await asked<{ items?: { metadata: { ownerReferences?: { name: string }[] } }[] }>('GET', `/apis/apps/v1/namespaces/default/replicasets?labelSelector=app%3D${prefix}`);
    return new Set(list?.items?.map(({ metadata }) => metadata.ownerReferences?.[0]?.name)).size === names.length;
  }, 20_000);
  client.close();
  return Math.round(performance.now() - from);
}

const pidOf = (name: string): number => cluster.status().members.find((member) => member.name === name)?.pid ?? 0;
const natsPidOf = (name: string): number => Number(readFileSync(`${cluster.home}/run/${name === 'member-1' ? '' : `${name}/`}nats-server.pid`, 'utf8'));
const allReady = (): Promise<unknown> => eventually('all members', () => cluster.status().members.filter(({ role }) => role !== 'down').length === 3, 30_000);

/** Every grant that any member took, from the logs: shard, epoch, and who. */
function grants(): ReadonlyMap<string, ReadonlySet<string>> {
  const takers = new Map<string, Set<string>>();
  for (const file of readdirSync(`${cluster.home}/logs`).filter((name) => /^member-\d\.log$/.test(name))) {
    for (const line of readFileSync(`${cluster.home}/logs/${file}`, 'utf8').split('\n').filter((text) => text.includes('"shards moved"'))) {
      for (const grant of (JSON.parse(line) as { gained: string }).gained.split(' ').filter((text) => text !== '')) takers.set(grant, (takers.get(grant) ?? new Set()).add(file));
    }
  }
  return takers;
}

test.serial('members are killed, frozen and cut off in turn: nothing acknowledged is lost, shards are back in time, registers stay linearisable, no epoch has two owners', async (t) => {
  t.timeout(180_000);
  const record = new Witness();
  const history: Operation<RegisterAction>[] = [];
  const first = new ManyClient(cluster, urls);
  t.is((await first.ask('POST', maps, configMap('register', { value: '0' }))).status, 201);
  first.close();
  const working = Promise.all([
    ...[0, 1, 2, 3, 4, 5].map((id) => httpWriter(id, record)), ...[0, 1].map((id) => natsWriter(id, record)), ...[0, 1, 2].map((id) => swapper(id, record, history)),
  ]);
  const took: string[] = [];
  const times: number[] = [];
  const strike = async (fault: string, member: string, hit: () => void, undo: () => void): Promise<void> => {
    const at = performance.now();
    hit();
    const ms = await allShardsAct(`${fault}-${member}`, { victim: member, from: at });
    undo();
    times.push(ms);
    took.push(`${fault} ${member} ${ms} ms`);
    await allReady();
    await pause(500);
  };
  const nothing = (): void => undefined;
  for (const member of ['member-1', 'member-2', 'member-3']) {
    const pid = pidOf(member);
    await strike('killed', member, () => { process.kill(pid, 'SIGKILL'); }, nothing);
    const revived = pidOf(member);
    await strike('frozen', member, () => { process.kill(revived, 'SIGSTOP'); }, () => { process.kill(revived, 'SIGCONT'); });
    const server = natsPidOf(member);
    await strike('natsless', member, () => { process.kill(server, 'SIGKILL'); }, nothing);
  }
  record.running = false;
  await working;
  t.log(`until all ${shardsCount} shards acted (the making of ${shardsCount} objects included): ${took.join(', ')}`);
  t.log(`${record.acknowledged.size} writes acknowledged; retried: ${[...record.retryable].map(([code, count]) => `${code} ${count} times`).join(', ')}; ${history.length} operations on the register`);
  const client = new ManyClient(cluster, urls);
  const list = JSON.parse((await client.ask('GET', maps)).body) as { items: { metadata: { name: string } }[] };
  client.close();
  const present = new Set(list.items.map(({ metadata }) => metadata.name));
  t.deepEqual([...record.acknowledged].filter((name) => !present.has(name)), []);
  t.true(record.acknowledged.size > 200);
  t.deepEqual(record.others, []);
  t.is(checkLinearisable(registerModel, history.sort((a, b) => a.calledAt - b.calledAt)).linearisable, true);
  const takers = grants();
  t.true(takers.size >= shardsCount);
  t.deepEqual([...takers].filter(([, files]) => files.size > 1).map(([grant]) => grant), []);
  t.true(Math.max(...times) < 6_000, took.join(', '));
});
