import { readdirSync } from 'node:fs';
import { request } from 'node:https';
import test from 'ava';
import { checkLinearisable, type Operation } from '../../src/histories/index.ts';
import { Cluster, eventually, signalProcess } from './cluster.ts';
import { ManyClient } from './members-client.ts';
import {
  configMap,
  httpWriter,
  maps,
  natsClient,
  pause,
  type RegisterAction,
  registerModel,
  swapper,
  Witness,
} from './members-witness.ts';

/** One member and two replicas beside it answer at one port; clients do not choose which of them. */
let cluster: Cluster;
const replicas = ['member-1-door-2', 'member-1-door-3'] as const;

test.before(async () => {
  cluster = await Cluster.create('doors', ['--nodes', '0', '--doors', '3']);
});
test.after.always(() => cluster?.destroy());

interface MemberRow {
  readonly name: string;
  readonly role: string;
  readonly alive: boolean;
}

async function members(): Promise<readonly MemberRow[]> {
  const client = new ManyClient(cluster, [cluster.url]);
  try {
    const { body } = await client.ask('GET', '/troupe/api/members');
    return (JSON.parse(body) as { members: readonly MemberRow[] }).members;
  } finally {
    client.close();
  }
}

const pidOf = (name: string): number | null | undefined =>
  cluster.status().members.find((member) => member.name === name)?.pid;

/** What a request over a new connection says: whichever door the kernel chose. */
function askAnew(path: string): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${cluster.token}` };
    const call = request(`${cluster.url}${path}`, { agent: false, ca: cluster.ca, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, body });
      });
      response.on('error', reject);
    });
    call.on('error', reject);
    call.end();
  });
}

/** How many requests the processes answered, each one of them as it says itself. */
async function answersByProcess(connections: number): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (let i = 0; i < connections; i++) {
    const { body } = await askAnew('/metrics');
    const started = /^process_start_time_seconds (\S+)/m.exec(body)?.[1] ?? '';
    counts.set(started, (counts.get(started) ?? 0) + 1);
  }
  return counts;
}

test.serial('connections are spread over all doors, and replicas have neither vote nor shards', async (t) => {
  const rows = await eventually('all doors', async () => {
    const found = await members();
    return found.length === 3 && found.every(({ alive }) => alive) ? found : undefined;
  });
  t.deepEqual(
    rows.map(({ name, role }) => [name, role]),
    [['member-1', 'voter'], ...replicas.map((name) => [name, 'replica'])],
  );
  const counts = await answersByProcess(60);
  t.is(counts.size, 3, `60 connections went to ${[...counts.values()].join(', ')} of the processes`);
  const endpoints = JSON.parse(cluster.must('get', 'endpoints', 'kubernetes', '-o', 'json')) as {
    subsets: readonly { addresses: readonly unknown[] }[];
  };
  t.is(endpoints.subsets.flatMap(({ addresses }) => addresses).length, 1, 'the port is named once');
});

interface Seen {
  readonly names: Set<string>;
  readonly versions: number[];
}

/** Watches from the beginning over a connection of its own; undefined once the connection broke. */
function watchNames(): Seen & { broken: boolean; close(): void } {
  const seen: Seen & { broken: boolean; close(): void } = {
    names: new Set<string>(),
    versions: [],
    broken: false,
    close: () => {
      call.destroy();
    },
  };
  const headers = { authorization: `Bearer ${cluster.token}` };
  const path = `${cluster.url}${maps}?watch=true&resourceVersion=0`;
  let left = '';
  const call = request(path, { agent: false, ca: cluster.ca, headers }, (response) => {
    response.setEncoding('utf8');
    response.on('data', (text: string) => {
      const lines = `${left}${text}`.split('\n');
      left = lines.pop() ?? '';
      for (const line of lines.filter((text) => text !== '')) {
        const { object } = JSON.parse(line) as { object: { metadata: { name: string; resourceVersion: string } } };
        seen.names.add(object.metadata.name);
        seen.versions.push(Number(object.metadata.resourceVersion));
      }
    });
    response.on('close', () => {
      seen.broken = true;
    });
    response.on('error', () => undefined);
  });
  call.on('error', () => {
    seen.broken = true;
  });
  call.end();
  return seen;
}

const rises = (versions: readonly number[]): boolean =>
  versions.every((one, i) => i === 0 || one > (versions[i - 1] ?? 0));

test.serial('a door that dies takes its own connections along, and nothing that was acknowledged', async (t) => {
  t.timeout(300_000);
  const urls = [cluster.url];
  const record = new Witness();
  const history: Operation<RegisterAction>[] = [];
  const first = new ManyClient(cluster, urls);
  t.is((await first.ask('POST', maps, configMap('register', { value: '0' }))).status, 201);
  first.close();
  const watches = Array.from({ length: 24 }, watchNames);
  await eventually('the watches', () => watches.every(({ names }) => names.has('register')));
  const working = Promise.all([
    ...[0, 1, 2, 3, 4, 5].map((id) => httpWriter(cluster, { id, urls, record })),
    ...[0, 1, 2, 3, 4, 5].map((id) => swapper(cluster, { id, urls, record, history })),
  ]);
  const broken: number[] = [];
  try {
    for (const name of replicas) {
      await pause(2_000);
      const before = watches.filter((watch) => watch.broken).length;
      signalProcess(pidOf(name));
      await pause(1_000);
      broken.push(watches.filter((watch) => watch.broken).length - before);
      await eventually(`${name} again`, async () => (await members()).find((row) => row.name === name)?.alive);
    }
    await pause(1_000);
  } finally {
    record.running = false;
    await working;
  }
  const list = JSON.parse((await askAnew(maps)).body) as { items: readonly { metadata: { name: string } }[] };
  const present = new Set(list.items.map(({ metadata }) => metadata.name));
  t.log(
    `${record.acknowledged.size} writes acknowledged, ${history.length} operations on the register; of 24 watches ` +
      `the doors that died took ${broken.join(' and ')} along`,
  );
  t.deepEqual(
    [...record.acknowledged].filter((name) => !present.has(name)),
    [],
  );
  t.deepEqual(record.others, []);
  t.true(
    broken.every((count) => count < 20),
    'the others stood',
  );
  const standing = watches.filter((watch) => !watch.broken);
  await eventually('every change at every watch', () =>
    standing.every(({ names }) => [...record.acknowledged].every((name) => names.has(name))),
  );
  t.true(standing.length > 0 && standing.every(({ versions }) => rises(versions)), 'in order, none twice');
  for (const watch of watches) watch.close();
  const sorted = history.sort((a, b) => a.calledAt - b.calledAt);
  t.is(checkLinearisable(registerModel, sorted).linearisable, true);
});

test.serial(
  'while the only voter is away, its replicas show what they have and say that they are not ready',
  async (t) => {
    signalProcess(pidOf('member-1'), 'SIGSTOP');
    const voter = pidOf('member-1');
    try {
      // The kernel still gives connections to the frozen process; those are not waited for.
      const quick = async (path: string): Promise<{ readonly status: number; readonly body: string }> =>
        await eventually(`an answer about ${path}`, () =>
          Promise.race([askAnew(path).catch(() => undefined), pause(500).then(() => undefined)]),
        );
      const stale = await quick(`${maps}/register?resourceVersion=0`);
      t.is(stale.status, 200);
      const ready = await eventually('a door that is not ready', async () => {
        const answer = await quick('/readyz?verbose');
        return answer.status === 500 ? answer : undefined;
      });
      t.regex(ready.body, /\[-\](raft-leader|etcd)/);
    } finally {
      signalProcess(voter, 'SIGCONT');
    }
    await eventually('writes again', () => cluster.kubectl('create', 'configmap', 'after-the-pause').status === 0);
  },
);

test.serial('the NATS door is answered by replicas too, and shows what was just written', async (t) => {
  const { client, close } = await natsClient(cluster, 'doors');
  const at = { group: '', resource: 'configmaps', namespace: 'default' };
  for (let i = 0; i < 30; i++) {
    await client.create(at, configMap(`over-nats-${i}`));
    const found = (await client.get({ ...at, name: `over-nats-${i}` })) as { metadata: { name: string } };
    t.is(found.metadata.name, `over-nats-${i}`);
  }
  await close();
});

test.serial('with fewer doors at the next start, the store forgets the replicas', async (t) => {
  t.is(cluster.troupe('down').status, 0);
  const notes = readdirSync(`${cluster.home}/run`).filter((file) => /^member-.*\.json$/.test(file));
  t.deepEqual(notes, [], 'each process came to the end of its stop');
  const up = cluster.up(['--nodes', '0', '--doors', '1']);
  t.is(up.status, 0, up.stderr);
  const rows = await eventually('one member', async () => {
    const found = await members();
    return found.length === 1 ? found : undefined;
  });
  t.deepEqual(
    rows.map(({ name }) => name),
    ['member-1'],
  );
  t.is((await answersByProcess(12)).size, 1);
  t.is(cluster.kubectl('get', 'configmap', 'register').status, 0);
});

test.serial('a wrong number of doors is refused with what is expected', (t) => {
  const refused = cluster.troupe('up', '--home', `${cluster.home}/other`, '--doors', '17');
  t.not(refused.status, 0);
  t.regex(refused.stderr, /--doors 17: expected 1 to 16, or auto for one a core/);
});
