import test from 'ava';
import { silentLogger, silentMetrics } from '../../base/index.ts';
import { type Bus, encode, SimulatedNetwork, subjectsOf } from '../../bus/index.ts';
import { SimulatedTime } from '../../platform/index.ts';
import { answerMembership, followRemoval, sayRemoved } from './removal.ts';

const subjects = subjectsOf('test');

interface World {
  readonly time: SimulatedTime;
  readonly leader: Bus;
  readonly other: Bus;
  /** Reasons for which news of a removal was not believed. */
  readonly refused: unknown[];
  names: string[];
  role: 'leader' | 'follower';
  /** Whether the leader's reads are certain. */
  certain: boolean;
  ends: number;
}

/** A leader that knows names, and the process of `a`. */
function start(): World {
  const time = new SimulatedTime();
  const network = new SimulatedNetwork(time);
  const refused: unknown[] = [];
  const world: World = {
    time,
    leader: network.client('leader'),
    other: network.client('other'),
    refused,
    names: ['a', 'leader'],
    role: 'leader',
    certain: true,
    ends: 0,
  };
  answerMembership({
    store: {
      status: () => ({ role: world.role }) as never,
      members: { list: () => world.names.map((name) => ({ name })) } as never,
      range: () => ({ records: [] }) as never,
      readBarrier: () => (world.certain ? Promise.resolve() : Promise.reject(new Error('deposed'))),
    },
    bus: world.leader,
    subjects,
    log: silentLogger,
  });
  const metrics = {
    ...silentMetrics,
    count: (name: string, labels?: Readonly<Record<string, string>>) => {
      if (name === 'troupe_refused_removals_total') refused.push(labels?.['reason']);
    },
  };
  followRemoval(
    { bus: network.client('a'), subjects, timers: time, log: silentLogger, metrics },
    {
      member: 'a',
      removed: () => {
        world.ends += 1;
      },
    },
  );
  return world;
}

test('a message alone never ends a member, whoever sends it and whatever it says', async (t) => {
  const world = start();
  for (const payload of [new Uint8Array(), encode({ member: 'a', removed: true })]) {
    world.other.publish(subjects.removed('a'), payload);
    await world.time.run(1_000);
  }
  t.is(world.ends, 0);
  t.deepEqual(world.refused, ['still-a-member', 'still-a-member']);
});

test('a member ends when the leader confirms that neither the membership nor a record has its name', async (t) => {
  const world = start();
  world.names = ['leader'];
  sayRemoved(world.other, subjects, 'a');
  sayRemoved(world.other, subjects, 'a');
  await world.time.run(1_000);
  t.is(world.ends, 1);
  t.deepEqual(world.refused, []);
});

test('neither a follower nor a leader that may be deposed confirms a removal', async (t) => {
  for (const { role, certain } of [
    { role: 'follower', certain: true },
    { role: 'leader', certain: false },
  ] as const) {
    const world = start();
    Object.assign(world, { names: [], role, certain });
    sayRemoved(world.other, subjects, 'a');
    await world.time.run(20_000);
    t.is(world.ends, 0);
    t.deepEqual(world.refused, ['no-answer']);
  }
});

test('a member asks again while there is no leader', async (t) => {
  const world = start();
  Object.assign(world, { role: 'follower', names: ['leader'] });
  sayRemoved(world.other, subjects, 'a');
  await world.time.run(2_000);
  t.is(world.ends, 0);
  world.role = 'leader';
  await world.time.run(5_000);
  t.is(world.ends, 1);
});

test('a member whose question was lost knows a second later', async (t) => {
  const world = start();
  Object.assign(world, { role: 'follower', names: ['leader'] });
  sayRemoved(world.other, subjects, 'a');
  await world.time.run(100);
  world.role = 'leader';
  await world.time.run(1_400);
  t.is(world.ends, 1);
});
