import { readFileSync, readdirSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { shardsCount } from '../../src/shards/index.ts';
import { checkLinearisable, type Operation } from '../../src/histories/index.ts';
import { ownershipProblems, shardActs } from '../simulation/shard-acts.ts';
import { Cluster, eventually, signalProcess } from './cluster.ts';
import { MemberCuts } from './member-cuts.ts';
import { ManyClient } from './members-client.ts';
import {
  configMap,
  httpWriter,
  maps,
  natsClient,
  type NatsClient,
  natsWriter,
  pause,
  type RegisterAction,
  registerModel,
  swapper,
  Witness,
} from './members-witness.ts';
import { ShardProbe } from './shard-probe.ts';

/**
 * Three member processes and two node agents: each member in turn is killed, frozen, loses its NATS server and is cut
 * off from all others, under writes through both doors. The agents run the simulated runtime: what is tested here is
 * the members.
 */
const names = ['member-1', 'member-2', 'member-3'] as const;
const uncuttable = MemberCuts.problem();
let cluster: Cluster;
let cuts: MemberCuts | undefined;
let urls: readonly string[];
/** By member, its NATS server. */
let servers: ReadonlyMap<string, string>;

test.before(async () => {
  cluster = await Cluster.create('members', ['--members', '3', '--nodes', '2', '--runtime', 'simulated']);
  urls = cluster.status().members.map(({ url }) => url);
  const plan = JSON.parse(readFileSync(`${cluster.home}/run/members.json`, 'utf8')) as {
    name: string;
    natsPort: number;
  }[];
  // Now that the cluster's processes are made: they would be among the clients else.
  if (uncuttable === undefined) cuts = MemberCuts.create(names);
  servers = new Map(plan.map(({ name, natsPort }) => [name, `nats://127.0.0.1:${natsPort}`]));
});
test.after.always(() => {
  cuts?.heal();
  if (cluster !== undefined) cluster.destroy();
  cuts?.destroy();
});

const pidOf = (name: string): number | null | undefined =>
  cluster.status().members.find((member) => member.name === name)?.pid;
const natsPidOf = (name: string): number =>
  Number(readFileSync(`${cluster.home}/run/${name === 'member-1' ? '' : `${name}/`}nats-server.pid`, 'utf8'));
const allReady = (): Promise<unknown> =>
  eventually('all members', () => cluster.status().members.filter(({ role }) => role !== 'down').length === 3);
const urlOf = (member: string): string => urls[names.indexOf(member as (typeof names)[number])] ?? '';

/** The lines of all members' audit logs, those put aside included. */
function auditLines(): readonly string[] {
  const folder = `${cluster.home}/logs`;
  return readdirSync(folder)
    .filter((name) => /^audit-member-\d.*\.log$/.test(name))
    .flatMap((name) =>
      readFileSync(`${folder}/${name}`, 'utf8')
        .split('\n')
        .filter((line) => line !== ''),
    );
}

/**
 * Every write of a controller in the audit trail speaks for one owner of each shard in each epoch, and there are enough
 * of them to tell.
 */
function checkOwners(t: ExecutionContext): void {
  const lines = auditLines();
  const acts = shardActs(lines);
  const epochs = new Set(acts.map(({ shard, epoch }) => `${shard}@${epoch}`));
  const refused = lines.filter((line) => line.includes('has another owner or epoch now')).length;
  t.log(
    `${acts.length} acts for ${shardsCount} shards in ${epochs.size} epochs in the audit log; ` +
      `${refused} late ones refused`,
  );
  t.deepEqual(ownershipProblems(acts), []);
  t.is(new Set(acts.map(({ shard }) => shard)).size, shardsCount);
  t.deepEqual([...new Set(acts.map(({ member }) => member))].sort(), [...names]);
  t.true(
    acts.filter(({ revision }) => revision !== undefined).length >= 9 * shardsCount,
    'each strike has an act in every shard',
  );
  t.true(epochs.size >= 3 * shardsCount, 'shards were acted for in several epochs');
}

/**
 * What a member that is cut off answers to those who still reach it: no write, no fresh read; its own state to whoever
 * asks for any.
 */
async function minority(t: ExecutionContext, member: string): Promise<string> {
  const client = new ManyClient(cluster, [urlOf(member)]);
  // The member's own connection may have been at another server, which it gives up after a while; until then nobody
  // answers here.
  const nats = await eventually(`the NATS door of ${member}`, () =>
    natsClient(cluster, `minority-${member}`, [servers.get(member) ?? '']),
  );
  try {
    // It may have led until its followers fell silent, and what it had on its way then is decided later.
    await eventually(
      `${member} to know no leader`,
      async () => (await client.ask('GET', `${maps}/register`)).status === 503,
    );
    const overHttp = await minorityOverHttp(t, client, member);
    const overNats = await minorityOverNats(t, nats.client, member);
    return `${member} refused a write: ${overHttp}; over NATS: ${overNats}`;
  } finally {
    await nats.close();
    client.close();
  }
}

async function minorityOverHttp(t: ExecutionContext, client: ManyClient, member: string): Promise<string> {
  const askedAt = performance.now();
  const write = await client.ask('POST', maps, configMap(`minority-${member}`));
  const took = Math.round(performance.now() - askedAt);
  t.is(write.status, 503);
  t.like(JSON.parse(write.body), { kind: 'Status', status: 'Failure', reason: 'ServiceUnavailable' });
  t.regex(write.body, /no leader is known/);
  const stale = await client.ask('GET', `${maps}/register?resourceVersion=0`);
  t.is(stale.status, 200);
  t.is((JSON.parse(stale.body) as { metadata: { name: string } }).metadata.name, 'register');
  return `${(JSON.parse(write.body) as { message: string }).message} (after ${took} ms)`;
}

async function minorityOverNats(t: ExecutionContext, client: NatsClient, member: string): Promise<string> {
  const collection = { group: '', resource: 'configmaps', namespace: 'default' };
  const refusal = (asked: Promise<unknown>): Promise<string> =>
    asked.then(
      () => 'it was done',
      (error: unknown) => `${(error as { code: number }).code} ${(error as Error).message}`,
    );
  const write = await refusal(client.create(collection, configMap(`minority-nats-${member}`)));
  t.regex(write, /^503 .*no leader is known/);
  t.regex(await refusal(client.list({ ...collection, limit: 1 })), /^503 .*no leader/);
  t.true((await client.list({ ...collection, limit: 1, resourceVersion: '0' })).items.length > 0);
  return write;
}

interface Strike {
  readonly fault: string;
  readonly hit: () => void;
  /** What is looked at while the fault lasts. */
  readonly meanwhile?: () => Promise<void>;
  readonly undo: () => void;
}

test.serial(
  'members are killed, frozen and cut off in turn: nothing acknowledged is lost, shards are back in time, ' +
    'registers stay linearisable, no epoch has two owners',
  async (t) => {
    t.timeout(600_000);
    if (uncuttable !== undefined) t.log(`skipped: cutting members off, for ${uncuttable}`);
    const record = new Witness();
    const history: Operation<RegisterAction>[] = [];
    const first = new ManyClient(cluster, urls);
    t.is((await first.ask('POST', maps, configMap('register', { value: '0' }))).status, 201);
    first.close();
    const working = Promise.all([
      ...[0, 1, 2, 3, 4, 5].map((id) => httpWriter(cluster, { id, urls, record })),
      ...[0, 1].map((id) => natsWriter(cluster, { id, record })),
      ...[0, 1, 2].map((id) => swapper(cluster, { id, urls, record, history })),
    ]);
    const took: string[] = [];
    const times: number[] = [];
    const said: string[] = [];
    const strike = async (member: string, { fault, hit, meanwhile, undo }: Strike): Promise<void> => {
      const probe = await ShardProbe.open(
        cluster,
        urls.filter((url) => url !== urlOf(member)),
        `${fault}-${member}`,
      );
      const at = performance.now();
      hit();
      try {
        const ms = await probe.lastAct(at);
        await meanwhile?.();
        times.push(ms);
        took.push(`${fault} ${member} ${ms} ms`);
      } finally {
        undo();
      }
      await allReady();
      await pause(500);
    };
    const nothing = (): void => undefined;
    const strikeAll = async (member: string): Promise<void> => {
      cuts?.enclose(cluster, member);
      const pid = pidOf(member);
      await strike(member, {
        fault: 'killed',
        hit: () => {
          signalProcess(pid);
        },
        undo: nothing,
      });
      const revived = pidOf(member);
      await strike(member, {
        fault: 'frozen',
        hit: () => {
          signalProcess(revived, 'SIGSTOP');
        },
        undo: () => {
          signalProcess(revived, 'SIGCONT');
        },
      });
      const server = natsPidOf(member);
      await strike(member, {
        fault: 'natsless',
        hit: () => {
          signalProcess(server);
        },
        undo: nothing,
      });
      if (cuts === undefined) return;
      const { cut, heal } = { cut: cuts.cut.bind(cuts), heal: cuts.heal.bind(cuts) };
      await strike(member, {
        fault: 'cut',
        hit: () => {
          cut(member);
        },
        meanwhile: async () => {
          said.push(await minority(t, member));
        },
        undo: heal,
      });
    };
    try {
      for (const member of names) await strikeAll(member);
    } finally {
      record.running = false;
      await working;
    }
    t.log(`until the last of ${shardsCount} shards acted (the making of an object included): ${took.join(', ')}`);
    for (const line of said) t.log(line);
    t.log(
      `${record.acknowledged.size} writes acknowledged; ` +
        `retried: ${[...record.retryable].map(([code, count]) => `${code} ${count} times`).join(', ')}; ` +
        `${history.length} operations on the register`,
    );
    const client = new ManyClient(cluster, urls);
    const list = JSON.parse((await client.ask('GET', maps)).body) as { items: { metadata: { name: string } }[] };
    client.close();
    const present = new Set(list.items.map(({ metadata }) => metadata.name));
    t.deepEqual(
      [...record.acknowledged].filter((name) => !present.has(name)),
      [],
    );
    t.deepEqual(
      [...present].filter((name) => name.startsWith('minority-')),
      [],
    );
    t.true(record.acknowledged.size > 200);
    t.deepEqual(record.others, []);
    t.is(
      checkLinearisable(
        registerModel,
        history.sort((a, b) => a.calledAt - b.calledAt),
      ).linearisable,
      true,
    );
    checkOwners(t);
    t.true(Math.max(...times) <= 2_000, took.join(', '));
  },
);
