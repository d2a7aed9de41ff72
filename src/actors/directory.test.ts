import test from 'ava';
import fc from 'fast-check';
import { type Bus, encode, SimulatedNetwork, subjectsOf } from '../bus/index.ts';
import { createDirectory, type Directory, passiveKind, resourceAddress, type ShardMap } from './index.ts';
import { type ActorFixture, fixture } from './testing/actor-fixture.ts';

const shards = 4;
const subjects = subjectsOf('test');
const web = resourceAddress('deployments.apps', { namespace: 'default', name: 'web.v1' }, shards);

interface Owners extends ShardMap {
  move(to: string | undefined): void;
}

/** Two members; all shards are with one of them, and move when told. */
function twoMembers(): {
  directories: Record<'a' | 'b', Directory>;
  buses: Record<'a' | 'b', Bus>;
  move(to: string | undefined): void;
  a: ActorFixture;
} {
  let owner: string | undefined = 'a';
  const a = fixture();
  const b = fixture();
  const network = new SimulatedNetwork({
    every: (ms, call) => a.time.every(ms, call),
    after: (ms, call) => {
      if (ms === 0) {
        queueMicrotask(call);
        return { cancel: () => undefined };
      }
      return a.time.after(ms, call);
    },
  });
  const maps = { a: ownersOf('a', () => owner), b: ownersOf('b', () => owner) };
  const buses = { a: network.client('a'), b: network.client('b') };
  const reader = (member: string): Parameters<typeof passiveKind>[0] => ({
    object: (key) => ({ key, at: member }),
    events: () => [],
    actors: () => [],
  });
  const directory = (member: 'a' | 'b', system: ActorFixture['system']): Directory =>
    createDirectory({
      system,
      bus: buses[member],
      subjects,
      shardMap: maps[member],
      idleMs: 1_000,
      host: (kind) => (kind === 'deployments.apps' ? passiveKind(reader(member)) : undefined),
    });
  return {
    a,
    buses,
    directories: { a: directory('a', a.system), b: directory('b', b.system) },
    move: (to) => {
      owner = to;
      maps.a.move(to);
      maps.b.move(to);
    },
  };
}

function ownersOf(self: string, owner: () => string | undefined): Owners {
  const listeners = new Set<() => void>();
  return {
    self,
    shards,
    ownerOf: owner,
    onChange: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    move: () => {
      for (const listener of listeners) listener();
    },
  };
}

test('a question finds the resource on the member that owns its shard, before and after the shard moves', async (t) => {
  const { directories, move } = twoMembers();
  const ask = (from: 'a' | 'b'): Promise<unknown> =>
    directories[from].ref(web).ask({ type: 'describe' }, { deadlineMs: 500 });
  t.like(await ask('a'), { object: { key: 'default/web.v1', at: 'a' } });
  t.like(await ask('b'), { object: { at: 'a' } });
  move('b');
  t.like(await ask('a'), { object: { at: 'b' } });
  move(undefined);
  await t.throwsAsync(ask('a'), { message: /unreachable/ });
});

test("a resource's actor is made when asked and leaves memory when idle", async (t) => {
  const { directories, a } = twoMembers();
  await directories.a.ref(web).ask({ type: 'state' }, { deadlineMs: 500 });
  t.is(directories.a.resident, 1);
  t.not(a.system.find(web), undefined);
  await a.time.run(3_000);
  t.is(directories.a.resident, 0);
});

test('what nobody understands is said: a question, a kind, an address', async (t) => {
  const { directories } = twoMembers();
  for (const from of ['a', 'b'] as const) {
    await t.throwsAsync(directories[from].ref(web).ask({ type: 'dance' }, { deadlineMs: 500 }), {
      message: /not-understood/,
    });
    await t.throwsAsync(
      directories[from]
        .ref(resourceAddress('wings', { name: 'x' }, shards))
        .ask({ type: 'state' }, { deadlineMs: 500 }),
      { message: /not-understood/ },
    );
    await t.throwsAsync(
      directories[from].ref('deployments.apps/9/default/web').ask({ type: 'state' }, { deadlineMs: 500 }),
      { message: /unreachable/ },
    );
  }
});

test('a client that knows only JSON is understood, too', async (t) => {
  const { buses } = twoMembers();
  const answer = await buses.b.request(subjects.actor(web), new TextEncoder().encode('{"type":"state"}'), {
    deadlineMs: 500,
  });
  t.true(answer.payload.length > 0);
});

test("garbage on the actors' subjects crashes nothing and leaves nothing behind", async (t) => {
  const { a, buses, directories } = twoMembers();
  const payload = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.jsonValue().map((value) => encode(value)),
    fc.string().map((text) => new TextEncoder().encode(`{${text}`)),
  );
  const tail = fc.array(
    fc.string({ minLength: 1, maxLength: 8 }).map((text) => text.replace(/[.*>\s%]/g, '-')),
    { minLength: 1, maxLength: 4 },
  );
  for (const [bytes, names] of fc.sample(fc.tuple(payload, tail), 2_000)) {
    buses.b.publish(`troupe.test.actor.${names[0]}.${names.length % shards}.${names.join('.')}`, bytes, {
      reply: buses.b.inbox(),
    });
    buses.b.publish(subjects.actor(web), bytes);
  }
  await a.time.settle();
  t.like(await directories.b.ref(web).ask({ type: 'describe' }, { deadlineMs: 500 }), { object: { at: 'a' } });
  t.is(directories.a.resident, 1);
});
