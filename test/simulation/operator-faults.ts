/** Faults of operators, of clocks and of what clients store: members with another life, large objects. */
import { limits, type Revision } from '../../src/base/index.ts';
import { backUp } from './backups.ts';
import { isRefusal, putOf } from './client.ts';
import type { Member } from './member.ts';
import type { Strike } from './timing-faults.ts';
import type { FaultName } from './options.ts';
import { outrun } from './provocations.ts';
import type { World } from './world.ts';

const farClockMs = 6 * 60_000;
/** Versions of one large object that are written one after the other, and bytes of each. */
const largeWrites = 6;
const largeBytes = limits.pieceBytesMax / 4;
/** So long an operator tries to give a member its vote back, in virtual ms. */
const promotedWithinMs = 20_000;
/** A rotation takes no longer, and no more rewrites, in virtual ms. */
const rotatedWithinMs = 10_000;
const rewritesMax = 2;
/** Writes through a member that is outrun. */
const outrunWrites = 6;

/** A member's clock goes wrong by minutes, ahead or behind, and stays so: of one member, never of most that vote. */
function setClock({ world, random, member }: Strike): void {
  const { members, options } = world;
  const others = members.filter(({ name }) => name !== member.name);
  const mixed = options.faults.membership !== undefined || options.faults.administration !== undefined;
  // While one begins again, a single voter may be all that is left.
  if (members.length < 3 || mixed || members.some(({ joining }) => joining)) return;
  if (others.some(({ clockIsFar }) => clockIsFar) || member.clockIsFar) return;
  member.clockIsFar = true;
  member.wallOffsetMs += random.below(2) === 0 ? farClockMs : -farClockMs;
}

/** An object of the largest kind that changes often, and a backup meanwhile. */
async function writeLarge({ world, random, member }: Strike): Promise<void> {
  for (let i = 0; i < largeWrites; i++) {
    // Two draws may be equal, and no value is written twice.
    const value = `${random.below(1_000_000)}.${(world.large += 1)}`.padEnd(largeBytes, '.');
    const { type } = await member.call((store) =>
      store.transact({ compares: [], operations: [putOf('/large/hot', value)] }, { deadlineMs: 3_000 }),
    );
    if (type === 'lost') return;
  }
  await backUp(world, member);
}

/** One transaction names a key twice, first with an expiry, then without. */
async function writeTwice({ world, random, member }: Strike): Promise<void> {
  const key = `/twice/${random.below(4)}`;
  const operations = [putOf(key, 'first', world.time.now() + 300), putOf(key, 'second')];
  await member.call((store) => store.transact({ compares: [], operations }, { deadlineMs: 3_000 }));
}

/**
 * A voter loses its data, is removed, taken back as a learner with an empty folder and given its vote, while what its
 * former life has answered arrives again. Or the first that it hears is a voter that was removed and knows of nothing.
 */
export async function beginAgain({
  world,
  random,
  member,
  mayLose,
}: Pick<Strike, 'world' | 'random' | 'member' | 'mayLose'>): Promise<void> {
  const leader = world.members.find(({ role }) => role === 'leader');
  const voters = leader?.raft?.configuration.voters ?? [];
  const healthy = world.members.every(({ rotten }) => !rotten);
  if (leader === undefined || leader === member || voters.length < 3 || !voters.includes(member.name) || !healthy)
    return;
  if (world.members.some(({ joining }) => joining) || !mayLose(member)) return;
  member.joining = true;
  const third = world.members.find(({ name }) => voters.includes(name) && name !== leader.name && name !== member.name);
  // The one voter that stays meanwhile has the only clock.
  const right = world.members.every(({ clockIsFar }) => !clockIsFar);
  const stranger = voters.length === 3 && right && third !== undefined && random.below(3) > 0 ? third : undefined;
  if (stranger !== undefined) {
    setApart(world, [stranger]);
    // One after the other while both others answer: of two voters, one that is down could not be removed.
    for (const { name } of [stranger, member])
      if (!(await succeeds(world, (store) => store.members.remove(name), 3_000))) {
        world.network.heal();
        member.joining = false;
        return;
      }
  }
  member.stop(true);
  member.stayAway();
  await eraseStore(member);
  // An operator who gave up here would leave a voter without a folder: it must not come back, and counts for ever.
  await succeeds(world, (store) => store.members.remove(member.name));
  await succeeds(world, (store) => store.members.addLearner(member.name));
  world.network.repeatAnswers(member.name);
  await world.pass(random.below(200));
  member.mayReturn();
  world.network.repeatAnswers(member.name);
  if (stranger !== undefined) await meetAlone(world, [stranger, member], 1_000 + random.below(2_000));
  if (await succeeds(world, (store) => store.members.promote(member.name), promotedWithinMs)) member.joining = false;
}

/** Nothing passes between these and the others. */
function setApart({ network, members }: World, group: readonly Member[]): void {
  for (const one of group)
    for (const { name } of members.filter((member) => !group.includes(member))) {
      network.block(one.name, name);
      network.block(name, one.name);
    }
}

/** A voter that was removed unheard and one that has just joined hear nobody but each other; the first comes back. */
async function meetAlone(world: World, group: readonly [Member, Member], forMs: number): Promise<void> {
  const [removed, joined] = group;
  world.network.heal();
  setApart(world, [removed]);
  // What it says of no timeline counts for nobody: it has heard of its leader, and has little or nothing of the log.
  const until = world.time.monotonic() + forMs;
  while ((joined.raft?.identity.timeline ?? '') === '' && world.time.monotonic() < until) await world.pass(1);
  world.network.heal();
  setApart(world, group);
  await world.pass(forMs);
  world.network.heal();
  // When the faults are over, nobody joins any more: all that belong have everything then.
  if (world.network.calm) return;
  await succeeds(world, (store) => store.members.addLearner(removed.name), 1_000);
  await succeeds(world, (store) => store.members.promote(removed.name), promotedWithinMs);
}

/** Tries an operator's command through one member after the other, for a while or until it is done. */
async function succeeds(
  world: World,
  command: (store: NonNullable<Member['store']>) => Promise<void>,
  withinMs = Number.POSITIVE_INFINITY,
): Promise<boolean> {
  const until = world.time.monotonic() + withinMs;
  for (let turn = 0; world.time.monotonic() < until; turn++) {
    const member = world.members[turn % world.members.length] as Member;
    if (member.up && (await member.call(command)).type === 'done') return true;
    await world.pass(100);
  }
  return false;
}

/** Everything that a member's store had on its disk is gone: what cannot be removed at once is tried again. */
export async function eraseStore({ disk }: Member): Promise<void> {
  for (const folder of ['/store', '/store/log', '/store/snapshots']) {
    for (let names = await disk.list(folder); names.length > 0; names = await disk.list(folder))
      for (const name of names) await disk.remove(`${folder}/${name}`).catch(() => undefined);
    await disk.syncFolder(folder);
  }
}

/** A follower hears nothing for so long that it needs a snapshot, and writes through it are in that snapshot. */
async function outrunWriter({ world, random, member }: Strike): Promise<void> {
  const [follower] = [member, ...world.members].filter(({ role }) => role === 'follower');
  if (follower === undefined) return;
  const outran = outrun({ world }, follower);
  for (let i = 0; i < outrunWrites; i++) {
    void writeTracked(world, follower, 2_000 + random.below(3_000));
    await world.pass(random.below(40));
  }
  await outran;
  // It starts again when it has caught up, and the snapshot of the past arrives once more.
  await world.pass(600);
  follower.stop(false);
  follower.restartLater(5);
  await world.pass(100 + random.below(300));
  if (!world.network.calm) world.network.repeatTransfers();
}

/** A write whose fate the run's history checks. */
async function writeTracked(world: World, member: Member, deadlineMs: number): Promise<void> {
  const value = `tracked.${(world.provoked += 1)}`;
  const outcome = await member.call((store) =>
    store.transact({ compares: [], operations: [putOf('/tracked', value)] }, { deadlineMs }),
  );
  if (outcome.type === 'failed' && isRefusal(world, outcome.error)) world.refused.add(value);
}

/**
 * The operator's key changes: the member seals with a fresh one, writes its files again and forgets the others, however
 * often it takes. Once it has written all of them, no file may need an older key.
 */
async function rotateKey({ world, member }: Strike): Promise<void> {
  const { keys, process } = member;
  if (keys === undefined) return;
  let rewritten = 0;
  let seals: (() => boolean) | undefined;
  for (const until = world.time.monotonic() + rotatedWithinMs; world.time.monotonic() < until; await world.pass(300)) {
    if (process === undefined || !process.alive) return;
    // A start has a fresh key already, and what it seals counts only once it has ended.
    if (!member.up) continue;
    seals ??= keys.change();
    // Another rotation has begun: it goes on.
    if (!seals()) return;
    if ((await member.call((store) => world.system.rewriteStore(store))).type !== 'done') continue;
    rewritten += 1;
    const alone = await keys.retire(member.disk.mount()).catch(() => undefined);
    if (alone === true) return;
    if (alone === false && rewritten >= rewritesMax)
      world.ledger.fail('rotation', `${member.name} wrote its files ${rewritten} times, and they need older keys`);
  }
}

/** By name. */
export const operatorFaults: Readonly<Partial<Record<FaultName, (strike: Strike) => void>>> = {
  'far-clock': setClock,
  'large-object': (strike) => void writeLarge(strike),
  'twice-written': (strike) => void writeTwice(strike),
  'former-life': (strike) => void beginAgain(strike),
  'rotate-key': (strike) => void rotateKey(strike),
  outrun: (strike) => void outrunWriter(strike),
  compact: ({ member, random }) => {
    const { oldestRevision: oldest = 1, revision: newest = 1 } = member.store?.status() ?? {};
    const revision = (oldest + random.below(newest - oldest + 1)) as Revision;
    member.compact(random.below(3) === 0 ? undefined : revision);
  },
};
