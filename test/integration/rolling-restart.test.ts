import { readFileSync } from 'node:fs';
import test from 'ava';
import { connectNats } from '../../src/bus/index.ts';
import { systemTimers } from '../../src/platform/index.ts';
import { busClient } from '../../src/resources/index.ts';
import { Cluster, eventually } from './cluster.ts';
import { ManyClient } from './members-client.ts';

/** Three members are restarted one after the other, as an upgrade does, under writes and reads through both doors. */
let cluster: Cluster;

test.before(async () => {
  cluster = await Cluster.create('rolling', ['--members', '3', '--nodes', '1', '--runtime', 'simulated']);
});
test.after.always(() => {
  if (cluster !== undefined) cluster.destroy();
});

const maps = '/api/v1/namespaces/default/configmaps';
const configMap = (name: string): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

interface Record {
  running: boolean;
  readonly acknowledged: string[];
  /** Why a first try failed. */
  readonly retried: Map<string, number>;
  /** What failed a second time. */
  readonly failed: string[];
}

/** Tries once more what failed, at once. `attempt` answers undefined when it was done, else why not. */
async function twice(record: Record, what: string, attempt: () => Promise<string | undefined>): Promise<void> {
  const first = await attempt();
  if (first !== undefined) {
    record.retried.set(first, (record.retried.get(first) ?? 0) + 1);
    const second = await attempt();
    if (second !== undefined) record.failed.push(`${what}: ${first}, then ${second}`);
  }
  await pause(10);
}

async function overHttp(id: number, record: Record, urls: readonly string[]): Promise<void> {
  const client = new ManyClient(cluster, urls, id);
  const ask = async (method: string, path: string, body?: object): Promise<string | undefined> => {
    const answer = await client
      .ask(method, path, body)
      .catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
    if (typeof answer === 'string') return answer;
    return answer.status < 300 || answer.status === 409 ? undefined : `${answer.status} ${answer.body.slice(0, 120)}`;
  };
  for (let i = 0; record.running; i++) {
    const name = `http-${id}-${i}`;
    await twice(record, `POST ${name}`, () => ask('POST', maps, configMap(name)));
    record.acknowledged.push(name);
    await twice(record, `GET ${name}`, () => ask('GET', `${maps}/${name}`));
  }
  client.close();
}

async function overNats(id: number, record: Record): Promise<void> {
  const file = JSON.parse(readFileSync(`${cluster.home}/nats.json`, 'utf8')) as {
    servers: string[];
    token: string;
    cluster: string;
  };
  const bus = await connectNats({ servers: file.servers, token: file.token, name: `client-${id}` });
  const client = busClient({ bus, timers: systemTimers, cluster: file.cluster, token: file.token, deadlineMs: 4_000 });
  for (let i = 0; record.running; i++) {
    const name = `nats-${id}-${i}`;
    await twice(record, `create ${name}`, async () => {
      try {
        await client.create({ group: '', resource: 'configmaps', namespace: 'default' }, configMap(name));
        return undefined;
      } catch (error) {
        const { code, message } = error as { code: number; message: string };
        return code === 409 ? undefined : `${code} ${message}`;
      }
    });
    record.acknowledged.push(name);
  }
  client.close();
  await bus.close();
}

test('members restart one by one under load: retries succeed, nothing is lost, the node stays ready', async (t) => {
  const urls = cluster.status().members.map(({ url }) => url);
  const record: Record = { running: true, acknowledged: [], retried: new Map(), failed: [] };
  const load = Promise.all([
    overHttp(0, record, urls),
    overHttp(1, record, urls),
    overHttp(2, record, urls),
    overNats(0, record),
    overNats(1, record),
  ]);
  const took: string[] = [];
  for (const { name, pid } of cluster.status().members) {
    const from = performance.now();
    const answer = await cluster.troupeMeanwhile('member', 'restart', name);
    t.is(answer.status, 0, answer.stderr);
    took.push(`${name} ${Math.round(performance.now() - from)} ms`);
    t.not(cluster.status().members.find((member) => member.name === name)?.pid, pid);
    t.is(
      cluster.must('get', 'node', 'node-1', '-o', 'jsonpath={.status.conditions[?(@.type=="Ready")].status}'),
      'True',
    );
  }
  record.running = false;
  await load;
  t.log(
    `restarted: ${took.join(', ')}; ${record.acknowledged.length} writes; tried again: ` +
      `${[...record.retried].map(([why, count]) => `${count} times ${why}`).join('; ') || 'none'}`,
  );
  t.deepEqual(record.failed, []);
  const present = new Set(
    cluster
      .must('get', 'configmaps', '-o', 'name')
      .split('\n')
      .map((line) => line.replace('configmap/', '')),
  );
  t.deepEqual(
    record.acknowledged.filter((name) => !present.has(name)),
    [],
  );
  t.true(record.acknowledged.length > 100);
  await eventually('all members to work', () =>
    (
      JSON.parse(cluster.troupe('member', 'list', '-o', 'json').stdout) as { drained: boolean; shards: object[] }[]
    ).every(({ drained, shards }) => !drained && shards.length > 5),
  );
});
