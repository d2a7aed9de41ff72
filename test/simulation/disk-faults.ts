/** Faults of disks: what they forget, put elsewhere, refuse or cannot read. */
import type { Random } from '../../src/base/index.ts';
import type { Member } from './member.ts';
import type { FaultName } from './options.ts';
import { provoke } from './provocations.ts';
import type { World } from './world.ts';

/** What a fault may use. */
interface Strike {
  readonly world: World;
  readonly random: Random;
  readonly member: Member;
  /** A majority keeps its data even if this member's disk loses something. */
  readonly mayLose: boolean;
  /** It waited for a phase: it strikes in this one, or not. */
  readonly aimed: boolean;
  /** Calls after at most so long, in virtual ms, unless the faults are over by then. */
  readonly later: (longestMs: number, call: () => void) => void;
  /** It strikes now. */
  readonly struck: () => void;
}

/** What becomes of the newest that a member has synced. */
type Loss = 'rot-newest' | 'lose-newest' | 'lose-segment' | 'lose-log' | 'lose-snapshot';

/** A segment is written to under the name that it was laid out with. */
const holdsState = (path: string): boolean => path.includes('/log/') || path.includes('/snapshots/');

async function forget(member: Member, loss: Loss, random: Random): Promise<void> {
  const { disk } = member;
  const newest = await member.newestWrite();
  const logs = (await disk.list('/store/log')).filter((name) => name.endsWith('.log'));
  const snapshots = (await disk.list('/store/snapshots')).filter((name) => name.endsWith('.snapshot'));
  if (loss === 'lose-snapshot') for (const name of snapshots.slice(-1)) disk.lose(`/store/snapshots/${name}`);
  else if (loss === 'lose-segment' || loss === 'lose-log') {
    for (const name of loss === 'lose-log' ? logs : logs.slice(-1)) disk.lose(`/store/log/${name}`);
  } else if (newest !== undefined && loss === 'rot-newest')
    disk.corrupt(newest.path, newest.position + random.below(newest.length));
  else if (newest !== undefined) disk.forget(newest.path, newest.position, newest.length);
}

/**
 * Power fails, and the disk comes back without the newest that it had confirmed. At the worst moment: another member
 * was away when that was written, and the leader comes back late.
 */
function loseNewest({ world, random, member, mayLose, aimed, later, struck }: Strike, loss: Loss): void {
  if (!mayLose) return;
  const { members, network, time } = world;
  const leader = members.find(({ role }) => role === 'leader');
  const others = members.filter((other) => other !== member && other !== leader && other.up);
  const worst = !aimed && leader !== undefined && leader !== member && random.below(3) > 0;
  const away = worst ? others[random.below(Math.max(1, others.length))] : undefined;
  if (away !== undefined) member.rotten = member.latent = true;
  for (const { name } of away === undefined ? [] : members) {
    if (name === away?.name) continue;
    network.block(name, away?.name ?? '');
    network.block(away?.name ?? '', name);
  }
  const strike = (): void => {
    struck();
    member.loses();
    member.latent = false;
    if (away !== undefined) {
      network.heal();
      leader?.stop(true);
      leader?.restartLater(500 + random.below(4_000));
    }
    member.stop(true);
    void forget(member, loss, random).then(() => {
      member.restartLater(20 + random.below(300));
    });
  };
  if (away === undefined) strike();
  else time.after(100 + random.below(900), strike);
  later(1_500, () => {
    network.heal();
  });
}

/** Flips a durable byte that whole batches follow, or one of a snapshot. False when there is no such byte. */
export function rot({ disk, synced, random }: Member): boolean {
  const files = disk.files('/store/log');
  const logs = [...synced].filter(([path, { position }]) => files.has(path) && path.endsWith('.log') && position > 64);
  const snapshots = [...disk.files('/store/snapshots')].filter(([path]) => path.endsWith('.snapshot'));
  const places = [
    ...logs.map(([path, { position }]) => [path, random.below(position)] as const),
    // Half of the time one of the first bytes, whose loss ends the reading.
    ...snapshots.map(
      ([path, size]) => [path, random.below(random.below(2) === 0 ? Math.min(64, size) : size)] as const,
    ),
  ];
  const place = places[random.below(Math.max(1, places.length))];
  if (place !== undefined) disk.corrupt(...place);
  return place !== undefined;
}

/** Room comes and goes, a little at a time, so that some write of each kind meets its end. */
function tighten({ world, random, member, later, struck }: Strike): void {
  struck();
  for (let time = 0; time < 8; time++)
    later(3_000, () => {
      member.disk.capacityBytes =
        random.below(3) === 0
          ? Number.POSITIVE_INFINITY
          : member.disk.usedBytes + random.below(world.options.segmentBytes * 2);
    });
  world.time.after(3_100, () => {
    member.disk.capacityBytes = Number.POSITIVE_INFINITY;
  });
}

/** A sector of a log or snapshot cannot be read at the next start. */
function spoil({ random, member, mayLose, struck }: Strike): void {
  if (!mayLose) return;
  const paths = ['/store/log', '/store/snapshots'].flatMap((folder) => [...member.disk.files(folder).keys()]);
  const path = paths[random.below(Math.max(1, paths.length))];
  if (path === undefined) return;
  struck();
  member.loses();
  member.latent = true;
  member.disk.spoil(path, random.below(2) === 0 ? 0 : random.below(8_192));
  member.stop(true);
  member.restartLater(20 + random.below(300));
}

/** A write that the device confirms and does not do, or does in another place; the power fails some time later. */
function misplace(
  { world, random, member, mayLose, aimed, later, struck }: Strike,
  type: 'lost' | 'misdirected' | 'duplicated',
): void {
  if (!mayLose) return;
  member.rotten = member.latent = true;
  member.disk.failWrite(type, holdsState, () => {
    struck();
    member.loses();
    later(1_000, () => {
      member.stop(true);
      member.restartLater(20 + random.below(300));
    });
  });
  if (aimed) void provoke(world);
}

function failNames({ random, member, struck }: Strike, change: 'rename' | 'remove'): void {
  member.failingDisk = true;
  member.disk.failNames(change, 1 + random.below(2), struck);
}

function crashIn({ random, member, struck }: Strike, file: string): void {
  struck();
  member.crashAt({ disk: 1 + random.below(16), file });
}

/** By name. What the nemesis itself does not know is here. */
export const diskFaults: Readonly<Partial<Record<FaultName, (strike: Strike) => void>>> = {
  'rot-newest': (strike) => {
    loseNewest(strike, 'rot-newest');
  },
  'lose-newest': (strike) => {
    loseNewest(strike, 'lose-newest');
  },
  'lose-segment': (strike) => {
    loseNewest(strike, 'lose-segment');
  },
  'lose-log': (strike) => {
    loseNewest(strike, 'lose-log');
  },
  'lose-snapshot': (strike) => {
    loseNewest(strike, 'lose-snapshot');
  },
  'lost-write': (strike) => {
    misplace(strike, 'lost');
  },
  'misdirected-write': (strike) => {
    misplace(strike, 'misdirected');
  },
  'duplicated-write': (strike) => {
    misplace(strike, 'duplicated');
  },
  unreadable: (strike) => {
    spoil(strike);
  },
  'failing-unlink': (strike) => {
    failNames(strike, 'remove');
  },
  'failing-rename': (strike) => {
    failNames(strike, 'rename');
  },
  'tight-disk': tighten,
  'crash-after-removal': ({ member, random, struck }) => {
    struck();
    member.crashAt({ disk: 1 + random.below(3), afterRemoval: true });
    member.compact();
  },
  'crash-in-snapshot': (strike) => {
    crashIn(strike, '/snapshots');
  },
  'crash-in-turnover': (strike) => {
    crashIn(strike, '/log/next.tmp');
  },
};
