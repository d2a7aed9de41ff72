/** How each phase of a cluster is brought about, so that a fault can be aimed at it. */
import type { Random } from '../../src/base/index.ts';
import { backUp } from './backups.ts';
import { putOf } from './client.ts';
import type { Member } from './member.ts';
import type { Phase } from './phases.ts';
import { flood } from './timing-faults.ts';
import type { World } from './world.ts';

/** What a provocation may use. */
export interface Provoker {
  readonly world: World;
  readonly random: Random;
  /** Whether a majority keeps its data when this member's disk loses something. */
  readonly mayLose: (member: Member) => boolean;
  readonly later: (longestMs: number, call: () => void) => void;
}

/** How long a member is kept away at most until the log that it needs is gone, in virtual ms. */
const outrunMsMax = 2_500;
/** How slow syncs are while two memberships count, in virtual ms. */
const jointSyncMs = 60;

const leaderOf = ({ members }: World): Member | undefined => members.find(({ role }) => role === 'leader');

function one({ world, random }: Provoker, fits: (member: Member) => boolean = () => true): Member | undefined {
  const from = world.members.filter((member) => member.up && fits(member));
  return from[random.below(Math.max(1, from.length))];
}

const isFollower = (member: Member): boolean => member.role !== 'leader';

/** One more write, through the leader. */
export async function provoke(world: World): Promise<void> {
  const leader = leaderOf(world);
  if (leader !== undefined) await write(world, leader);
}

/** The member writes a snapshot, and its log goes on in a new segment. */
function compact(provoker: Provoker): void {
  const member = one(provoker, provoker.mayLose) ?? one(provoker);
  member?.compact();
  if (member !== undefined) void write(provoker.world, member);
}

async function write(world: World, member: Member): Promise<void> {
  const operations = [putOf('/provoked', `provoked.${(world.provoked += 1)}`)];
  await member.call((store) => store.transact({ compares: [], operations }, { deadlineMs: 1_000 }));
}

/** A follower hears nothing until the others' log no longer reaches back to where it is: it needs a snapshot. */
export async function outrun({ world }: Pick<Provoker, 'world'>, follower: Member | undefined): Promise<void> {
  const { members, network, time } = world;
  if (follower === undefined) return;
  for (const { name } of members) if (name !== follower.name) network.block(name, follower.name);
  const until = time.monotonic() + outrunMsMax;
  const lacks = (): boolean => (leaderOf(world)?.raft?.firstIndex ?? 0) > (follower.raft?.lastIndex ?? 0) + 1;
  while (!lacks() && time.monotonic() < until && !network.calm) {
    for (const member of members) if (member !== follower && member.up) void write(world, member);
    await world.pass(4);
  }
  network.heal();
}

/** A voter becomes a learner, or a learner a voter. */
function changeVoters({ world, random }: Provoker): void {
  const raft = leaderOf(world)?.raft;
  if (raft === undefined) return;
  const { voters, learners } = raft.configuration;
  const back = learners[0];
  if (back !== undefined) {
    // The product gives no vote to a learner that has nothing yet.
    if ((raft.matchOf(back) ?? 0) === 0) return;
    raft.changeConfiguration({ voters: [...voters, back].sort(), learners: learners.slice(1) });
    return;
  }
  const others = voters.filter((name) => name !== raft.leader);
  const away = others[random.below(Math.max(1, others.length))];
  if (voters.length > 3 && away !== undefined)
    raft.changeConfiguration({ voters: voters.filter((name) => name !== away), learners: [away] });
}

/** A sector of the log cannot be read, and the member starts again. */
async function spoilLog(provoker: Provoker): Promise<void> {
  // The same one each time, as long as it may: a second damage finds the files of the first.
  const member = provoker.world.members.find((other) => other.up && isFollower(other) && provoker.mayLose(other));
  if (member === undefined) return;
  const log = (await member.disk.list('/store/log')).find((name) => name.endsWith('.log'));
  if (log === undefined) return;
  member.rotten = member.latent = true;
  member.disk.spoil(`/store/log/${log}`, 0);
  member.stop(false);
  member.restartLater(1);
}

function stopFor(member: Member | undefined, ms: number): void {
  member?.stop(false);
  member?.restartLater(ms);
}

export const provocations: Readonly<Record<Phase, (provoker: Provoker) => void>> = {
  quiet: () => undefined,
  load: (provoker) => {
    const member = one(provoker);
    if (member !== undefined) flood({ ...provoker, member });
  },
  election: ({ world, random }) => {
    stopFor(leaderOf(world), 500 + random.below(1_000));
  },
  start: (provoker) => {
    stopFor(one(provoker, provoker.mayLose) ?? one(provoker), 1);
  },
  rejoin: (provoker) => void spoilLog(provoker),
  joint: (provoker) => {
    // Slow disks make it last.
    const { members, options } = provoker.world;
    for (const { weather } of members) weather.syncMs = Math.max(weather.syncMs, jointSyncMs);
    provoker.later(500, () => {
      for (const { weather } of members) weather.syncMs = options.syncMs;
    });
    changeVoters(provoker);
  },
  learner: changeVoters,
  snapshot: compact,
  transfer: (provoker) => void outrun(provoker, one(provoker, isFollower)),
  install: (provoker) => void outrun(provoker, one(provoker, isFollower)),
  turnover: compact,
  backup: (provoker) => {
    const member = one(provoker);
    if (member !== undefined) void backUp(provoker.world, member);
  },
};
