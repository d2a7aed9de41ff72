/** What operators do to a cluster that is well again: commands at the wrong moment, restores and recoveries in part. */
import { type Random, type Revision, silentLogger } from '../../src/base/index.ts';
import type { StoreMember } from '../../src/state/index.ts';
import { putOf } from './client.ts';
import type { Member } from './member.ts';
import { eraseStore } from './operator-faults.ts';
import type { Aftermath } from './options.ts';
import type { World } from './world.ts';

/** How long a cluster may take until it writes, and a write that must fail is waited for, in virtual ms. */
const serveMs = 20_000;
const refusedMs = 2_000;

type Play = (scene: Scene) => Promise<void>;

interface Scene {
  readonly world: World;
  readonly random: Random;
  readonly voters: readonly Member[];
  readonly fail: (detail: string) => void;
}

/**
 * The leader, once no change of the membership is under way: a voter that dies in the middle of one can take the
 * majority of the voters before it away. Undefined when that takes too long.
 */
async function settledLeader(world: World): Promise<Member | undefined> {
  const until = world.time.monotonic() + serveMs;
  while (world.time.monotonic() < until) {
    const leader = world.members.find(({ role }) => role === 'leader');
    if (leader !== undefined && isSettled(leader)) return leader;
    await world.pass(10);
  }
  return undefined;
}

/** One that was never more than alone shows no core. */
function isSettled({ raft }: Member): boolean {
  return raft === undefined || (raft.configuration.outgoing.length === 0 && raft.appliedIndex === raft.lastIndex);
}

/** Plays what the seed drew, if the cluster has enough voters that are up. */
export async function playAftermath(world: World, name: Aftermath): Promise<void> {
  const leader = await settledLeader(world);
  if (leader === undefined) {
    world.ledger.fail(name, `after ${serveMs} ms a change of the membership is still under way`, 'liveness');
    return;
  }
  const names = leader.raft?.configuration.voters ?? [];
  const voters = world.members.filter((member) => names.includes(member.name) && member.up && !member.rotten);
  if (voters.length < 3 || voters.length !== names.length) return;
  world.coverage.note(name, ['quiet']);
  world.journal.note(`aftermath: ${name} with ${names.join()}`);
  // What comes is another history than the ledger knows.
  world.ledger.close();
  const fail = (detail: string): void => {
    world.ledger.fail(name, detail, name === 'wrong-command' ? 'liveness' : 'safety');
  };
  await plays[name]({ world, random: world.random('aftermath'), voters, fail });
}

async function write(member: Member, key: string, deadlineMs: number): Promise<Revision | undefined> {
  const outcome = await member.call((store) =>
    store.transact({ compares: [], operations: [putOf(key, 'v')] }, { deadlineMs }),
  );
  return outcome.type === 'done' && outcome.value.committed ? outcome.value.revision : undefined;
}

/** Writes through whichever of these members takes it; undefined when none does in time. */
async function serves(world: World, members: readonly Member[], key: string): Promise<Member | undefined> {
  const until = world.time.monotonic() + serveMs;
  while (world.time.monotonic() < until)
    for (const member of members) {
      if (member.up && (await write(member, key, 1_000)) !== undefined) return member;
      await world.pass(50);
    }
  return undefined;
}

/** One voter dies, and an operator's command meets the others. */
const wrongCommand: Play = async ({ world, random, voters, fail }) => {
  const [leader] = voters.filter(({ role }) => role === 'leader');
  const followers = voters.filter((member) => member !== leader);
  const dead = followers[random.below(followers.length)];
  const live = followers.find((member) => member !== dead);
  if (leader === undefined || dead === undefined || live === undefined) return;
  dead.stop(true);
  dead.stayAway();
  // Its last words are still on their way: they are to prove no life.
  world.network.lastWords(dead.name, refusedMs * 2);
  await world.pass(1_500);
  const commands: readonly (readonly [string, (store: StoreMember) => Promise<void>])[] = [
    [`remove ${live.name}`, (store) => store.members.remove(live.name)],
    [`transfer to ${dead.name}`, (store) => store.members.transferLeadership(dead.name)],
  ];
  const [what, command] = commands[random.below(commands.length)] as (typeof commands)[number];
  const through = random.below(2) === 0 ? leader : live;
  void through.call(command);
  await world.pass(60);
  const rest = voters.filter((member) => member !== dead);
  const begin = world.time.monotonic();
  for (let i = 0; i < 3; i++) {
    const served = await serves(world, rest, `/wrong/${i}`);
    const tookMs = world.time.monotonic() - begin;
    if (served === undefined || tookMs > 6_000)
      return fail(`${dead.name} is dead; ${what}: write ${i} ${served ? `after ${tookMs} ms` : 'never'}`);
    await world.pass(300);
  }
};

function ports(world: World, random: Random, member: Member) {
  const disk = member.disk.mount();
  return {
    disk: member.keys?.disk(disk) ?? disk,
    clock: world.time,
    random,
    log: silentLogger,
    folder: '/store',
    member: member.name,
    segmentBytes: world.options.segmentBytes,
  };
}

function stopAll(world: World): void {
  for (const member of world.members) {
    member.stop(true);
    member.stayAway();
  }
}

/** No member with an old folder shows what was written since, and writes go on without it. */
async function checkApart({ world, fail }: Scene, news: readonly Member[], olds: readonly Member[]): Promise<void> {
  for (const old of olds) old.mayReturn();
  await world.pass(5_000);
  if ((await serves(world, news, '/new/after')) === undefined) return fail('no write with the old members back');
  for (const old of olds)
    if ((old.store?.count('/new/') ?? 0) > 0) return fail(`${old.name} of before has what was written since`);
}

/** Most voters are restored from a backup, the others start with their folders of before. */
const mixedRestore: Play = async (scene) => {
  const { world, random, voters, fail } = scene;
  const [leader] = voters.filter(({ role }) => role === 'leader') as [Member];
  const pieces: Uint8Array[] = [];
  await leader.call(async (store) => {
    for await (const piece of store.backup()) pieces.push(piece);
  });
  let lost: Revision | undefined;
  for (let i = 0; i < 12; i++) lost = (await write(leader, `/lost/${i}`, 3_000)) ?? lost;
  await world.pass(500);
  stopAll(world);
  const majority = Math.floor(voters.length / 2) + 1;
  const shuffled = [...voters].sort(() => random.fraction() - 0.5);
  const news = shuffled.slice(0, majority);
  const names = voters.map(({ name }) => name);
  for (const member of news) {
    await eraseStore(member);
    const options = { ...ports(world, random, member), source: pieces, voters: names, timeline: 'restored1' };
    await world.system.restoreBackup(options);
  }
  for (const member of news) member.mayReturn();
  const served = await serves(world, news, '/new/0');
  if (served === undefined) return fail('the restored members do not serve');
  for (let i = 1; i < 5; i++) await write(served, `/new/${i}`, 3_000);
  await checkLost(scene, served, lost);
  await checkApart(
    scene,
    news,
    voters.filter((member) => !news.includes(member)),
  );
  // With one of the restored away there is no majority, whatever the old ones say.
  const away = news.find(({ role }) => role !== 'leader') as Member;
  away.stop(true);
  away.stayAway();
  await world.pass(50);
  for (const member of news.filter(({ up }) => up))
    if ((await write(member, '/new/alone', refusedMs)) !== undefined)
      return fail(`${member.name} acknowledges a write that most restored voters do not have`);
};

/** Nobody hears a part of another future as if it were his own. */
async function checkLost({ fail }: Scene, { store }: Member, lost: Revision | undefined): Promise<void> {
  if (lost === undefined || store === undefined) return;
  try {
    store.watch(
      { prefix: '/', after: lost },
      () => undefined,
      () => undefined,
    );
  } catch {
    return;
  }
  await Promise.resolve();
  fail(`a watch from the lost revision ${lost} is not told`);
}

/** One member recovers alone, the others start with their folders of before. */
const mixedRecover: Play = async (scene) => {
  const { world, random, voters, fail } = scene;
  stopAll(world);
  const alone = voters[random.below(voters.length)] as Member;
  await world.system.recoverLostMajority(ports(world, random, alone));
  alone.mayReturn();
  const served = await serves(world, [alone], '/new/0');
  if (served === undefined) return fail(`${alone.name} recovered and does not serve`);
  await checkApart(
    scene,
    [alone],
    voters.filter((member) => member !== alone),
  );
};

const plays: Readonly<Record<Aftermath, Play>> = {
  'wrong-command': wrongCommand,
  'mixed-restore': mixedRestore,
  'mixed-recover': mixedRecover,
};
