import test from 'ava';
import { seededRandom, silentLogger, silentMetrics } from '../base/index.ts';
import { SimulatedNetwork, subjectsOf } from '../bus/index.ts';
import { SimulatedDisk, SimulatedTime } from '../platform/index.ts';
import { openStore, type StoreMember, type TransactionResult } from '../state/index.ts';
import { type Grant, openShards, ownersOf, setDrained, type Shards, shardsCount } from './index.ts';

/**
 * Members that share one store, so that what is tested is the shards alone; each reaches the others while it is not cut
 * off.
 */
class Fixture {
  readonly time = new SimulatedTime();
  readonly network = new SimulatedNetwork(this.time);
  readonly members = new Map<string, Shards>();
  readonly cut = new Set<string>();
  /** So long a member's process stood still, in ms. */
  readonly stalledMs = new Map<string, number>();
  store!: StoreMember;
  #lives = 0;

  static async of(names: readonly string[]): Promise<Fixture> {
    const fixture = new Fixture();
    const random = seededRandom(1);
    const { time } = fixture;
    fixture.network.reaches = (from, to) => from === to || !(fixture.cut.has(from) || fixture.cut.has(to));
    fixture.store = await openStore({
      member: 'store',
      folder: '/store',
      disk: new SimulatedDisk({ random, timers: time, syncMs: 0 }).mount(),
      clock: time,
      timers: time,
      random,
      log: silentLogger,
      metrics: silentMetrics,
      voters: ['store'],
    });
    for (const name of names) fixture.start(name).begin();
    await time.run(2_000);
    return fixture;
  }

  start(member: string): Shards {
    this.#lives += 1;
    const { store, time } = this;
    const voters = ['a', 'b', 'c'];
    const asLeader = new Proxy(store, {
      get: (target, name) => (name === 'status' ? () => ({ ...target.status(), voters }) : bound(target, name)),
    });
    const shards = openShards({
      member,
      life: `life-${this.#lives}`,
      store: asLeader,
      bus: this.network.client(member),
      subjects: subjectsOf('test'),
      clock: { now: () => time.now(), monotonic: () => time.monotonic() + (this.stalledMs.get(member) ?? 0) },
      timers: time,
      log: silentLogger,
      metrics: silentMetrics,
    });
    this.members.set(member, shards);
    return shards;
  }

  counts(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const row of ownersOf(this.store)) if (row !== undefined) counts[row.owner] = (counts[row.owner] ?? 0) + 1;
    return counts;
  }

  grants(member: string): readonly Grant[] {
    const shards = this.members.get(member);
    return Array.from({ length: shardsCount }, (_, shard) => shards?.grant(shard)).filter(
      (grant) => grant !== undefined,
    );
  }

  act(grant: Grant, by: string): Promise<TransactionResult> {
    const value = new TextEncoder().encode(JSON.stringify({ by, epoch: grant.epoch }));
    return this.store.transact({
      compares: [grant.fence],
      operations: [
        {
          type: 'put',
          key: `/done/${grant.shard}`,
          value,
          revisionAt: -1,
          index: { uid: '', labels: {}, fields: {}, owners: [] },
        },
      ],
    });
  }
}

function bound(target: StoreMember, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name);
  return typeof value === 'function' ? (value as (...call: unknown[]) => unknown).bind(target) : value;
}

test('three members share all shards evenly', async (t) => {
  const fixture = await Fixture.of(['a', 'b', 'c']);
  t.deepEqual(Object.values(fixture.counts()).sort(), [10, 11, 11]);
  t.is(fixture.grants('a').length + fixture.grants('b').length + fixture.grants('c').length, shardsCount);
});

test("a silent member's shards move within 1.5 s, under new epochs, and fence its late writes", async (t) => {
  const fixture = await Fixture.of(['a', 'b', 'c']);
  const before = fixture.grants('c');
  fixture.members.get('c')?.close();
  fixture.cut.add('c');
  await fixture.time.run(1_500);
  t.is(fixture.counts()['c'], undefined);
  for (const grant of before) {
    t.false((await fixture.act(grant, 'c')).committed);
    t.is(ownersOf(fixture.store)[grant.shard]?.epoch, grant.epoch + 1);
  }
});

test('a new life of a member gets new epochs: what the old one left under way fails', async (t) => {
  const fixture = await Fixture.of(['a', 'b', 'c']);
  const [old] = fixture.grants('b');
  fixture.start('b').begin();
  await fixture.time.run(1_000);
  t.true(old !== undefined && !(await fixture.act(old, 'b')).committed);
  t.true(fixture.grants('b').length >= 10);
});

test('a member owns nothing before it begins: those that can work keep the shards meanwhile', async (t) => {
  const fixture = await Fixture.of(['a', 'b']);
  const third = fixture.start('c');
  await fixture.time.run(3_000);
  t.deepEqual(fixture.counts(), { a: 16, b: 16 });
  t.deepEqual([third.alive(), fixture.grants('c')], [['a', 'b'], []]);
  third.begin();
  await fixture.time.run(1_000);
  t.deepEqual(Object.values(fixture.counts()).sort(), [10, 11, 11]);
});

test('a drained member has no shards, and gets its share back afterwards', async (t) => {
  const fixture = await Fixture.of(['a', 'b', 'c']);
  await setDrained(fixture.store, 'a', true);
  await fixture.time.run(1_000);
  t.deepEqual(fixture.counts(), { b: 16, c: 16 });
  await setDrained(fixture.store, 'a', false);
  await fixture.time.run(1_000);
  t.deepEqual(Object.values(fixture.counts()).sort(), [10, 11, 11]);
});

test('no two members act in one epoch, however they come, go, and hold on to what they were granted', async (t) => {
  const fixture = await Fixture.of(['a', 'b', 'c']);
  const random = seededRandom(7);
  const held: { readonly by: string; readonly grant: Grant }[] = [];
  const actors = new Map<string, Set<string>>();
  let refused = 0;
  for (let step = 0; step < 60; step++) {
    const member = ['a', 'b', 'c'][random.below(3)] ?? 'a';
    const what = random.below(4);
    if (what === 0) fixture.cut.add(member);
    else if (what === 1) fixture.cut.delete(member);
    else if (what === 2) {
      fixture.members.get(member)?.close();
      fixture.start(member).begin();
    }
    await fixture.time.run(random.below(1_500));
    for (const by of ['a', 'b', 'c']) for (const grant of fixture.grants(by)) held.push({ by, grant });
    for (let i = 0; i < 40; i++) {
      const one = held[random.below(held.length)];
      if (one === undefined) continue;
      if (!(await fixture.act(one.grant, one.by)).committed) {
        refused += 1;
        continue;
      }
      const epoch = `${one.grant.shard}/${one.grant.epoch}`;
      actors.set(epoch, (actors.get(epoch) ?? new Set()).add(one.by));
    }
  }
  t.true(refused > 100);
  t.deepEqual(
    [...actors].filter(([, by]) => by.size !== 1),
    [],
  );
});

test('a member that falls silent is named once to everyone, and again when it had come back', async (t) => {
  const fixture = await Fixture.of(['a', 'b', 'c']);
  const { time, cut } = fixture;
  const named: string[] = [];
  const told: string[] = [];
  fixture.network.client('client').subscribe(subjectsOf('test').gone('*'), ({ subject }) => {
    named.push(subjectsOf('test').goneMember(subject));
  });
  // Each of these members believes that it leads: the real leader is one.
  fixture.members.get('a')?.onGone((member) => {
    told.push(member);
  });
  await time.run(3_000);
  t.deepEqual(named, []);
  cut.add('b');
  await time.run(1_600);
  t.deepEqual(told, ['b']);
  t.deepEqual([...new Set(named)], ['b']);
  await time.run(5_000);
  t.deepEqual(told, ['b']);
  cut.delete('b');
  await time.run(1_000);
  cut.add('b');
  await time.run(2_000);
  t.deepEqual(told, ['b', 'b']);
});

test('a member that stood still takes no shards from those whose heartbeats it has not read yet', async (t) => {
  const fixture = await Fixture.of(['a', 'b', 'c']);
  const epochs = (): readonly (number | undefined)[] => ownersOf(fixture.store).map((row) => row?.epoch);
  const gone: string[] = [];
  fixture.members.get('a')?.onGone((member) => {
    gone.push(member);
  });
  const before = epochs();
  for (const stalledMs of [450, 900, 5_000, 3_600_000]) {
    fixture.stalledMs.set('a', (fixture.stalledMs.get('a') ?? 0) + stalledMs);
    // Its timers run before its sockets are read: what the others said meanwhile comes a beat later.
    fixture.cut.add('b').add('c');
    await fixture.time.run(100);
    fixture.cut.clear();
    await fixture.time.run(1_000);
  }
  t.deepEqual(epochs(), before);
  t.deepEqual(gone, []);
  t.deepEqual(fixture.members.get('a')?.alive(), ['a', 'b', 'c']);
});

test('every member knows a move before it happens', async (t) => {
  const fixture = await Fixture.of(['a', 'b', 'c']);
  const owners = (): readonly (string | undefined)[] => ownersOf(fixture.store).map((row) => row?.owner);
  for (const shards of fixture.members.values()) t.deepEqual(shards.planned(), owners());
  await setDrained(fixture.store, 'c', true);
  for (const shards of fixture.members.values()) t.false(shards.planned().includes('c'));
  await fixture.time.run(2_000);
  for (const shards of fixture.members.values()) t.deepEqual(shards.planned(), owners());
});
