/** Faults of time, load and messages: what hangs, stands still, floods, or comes from the past. */
import type { Random } from '../../src/base/index.ts';
import { putOf } from './client.ts';
import type { Member } from './member.ts';
import type { FaultName } from './options.ts';
import type { World } from './world.ts';

/** What a fault may use. */
export interface Strike {
  readonly world: World;
  readonly random: Random;
  /** Whom it strikes: the leader, half of the time. */
  readonly member: Member;
  /** Whether a majority keeps its data when this member's disk loses something. */
  readonly mayLose: (member: Member) => boolean;
  /** Calls after at most so long, in virtual ms, unless the faults are over by then. */
  readonly later: (longestMs: number, call: () => void) => void;
}

/** Writes of one flood: more than all clients together have under way. */
const floodWrites = 200;
const hungMsMax = 6_000;

const isLeader = (member: Member): boolean => member.role === 'leader';

/** Disks that answer nothing for a while: no write, no sync, no read. */
function hang({ world, random, later }: Strike, struck: (member: Member) => boolean): void {
  const until = world.time.monotonic() + 200 + random.below(hungMsMax);
  for (const member of world.members.filter(struck)) member.weather.hungUntil = until;
  later(hungMsMax, () => {
    for (const member of world.members) member.weather.hungUntil = 0;
  });
}

/** Reads through one member, one after the other, each linearisable. */
async function readOn(world: World, member: Member, until: number): Promise<void> {
  while (world.time.monotonic() < until) {
    const { type } = await member.call((store) => store.readBarrier());
    if (type !== 'done') return;
    // A member that is alone answers in no time at all.
    await new Promise<void>((resolve) => {
      world.time.after(0.2, resolve);
    });
  }
}

/** Many writes at once, and reads without a pause, through one member. */
export function flood({ world, random, member }: Pick<Strike, 'world' | 'random' | 'member'>): void {
  const ended = world.enter('load');
  const until = world.time.monotonic() + 200 + random.below(1_500);
  for (let readers = random.below(3); readers > 0; readers--) void readOn(world, member, until);
  const name = `${member.name}.${Math.floor(world.time.monotonic())}`;
  const bytes = 20 + random.below(1_000);
  const deadlineMs = 500 + random.below(4_000);
  const writes = Array.from({ length: floodWrites }, (_, i) =>
    member.call((store) =>
      store.transact(
        { compares: [], operations: [putOf(`/flood/${i % 16}`, `${name}.${i}`.padEnd(bytes, '.'))] },
        { deadlineMs },
      ),
    ),
  );
  void Promise.all(writes).then(ended);
}

/** Nothing reaches this member, or nothing of what it says arrives. */
function cutOneWay({ world, member, later }: Strike, way: 'to' | 'from'): void {
  for (const { name } of world.members) {
    if (name === member.name) continue;
    if (way === 'to') world.network.block(name, member.name);
    else world.network.block(member.name, name);
  }
  later(4_000, () => {
    world.network.heal();
  });
}

/** By name. What the nemesis itself does not know is here. */
export const moreFaults: Readonly<Partial<Record<FaultName, (strike: Strike) => void>>> = {
  flood,
  'hung-leader': (strike) => {
    hang(strike, isLeader);
  },
  'hung-followers': (strike) => {
    hang(strike, (member) => !isLeader(member));
  },
  'hung-disks': (strike) => {
    hang(strike, () => true);
  },
  stall: ({ member, random, later }) => {
    member.pause();
    later(200 + random.below(3_000), () => {
      member.resume('timers-first');
    });
  },
  'deaf-leader': (strike) => {
    cutOneWay(strike, 'to');
  },
  'dumb-leader': (strike) => {
    cutOneWay(strike, 'from');
  },
  echo: ({ world, random }) => {
    world.network.echo(1 + random.below(30));
    if (random.below(2) === 0) world.network.repeatTransfers();
  },
};
