/** A tour: one fault meets each phase of a cluster in turn. */
import { impossible } from './impossible.ts';
import type { Member } from './member.ts';
import type { FaultName } from './options.ts';
import { beginAgain } from './operator-faults.ts';
import { type Phase, phases } from './phases.ts';
import { type Provoker, provocations } from './provocations.ts';

interface TourOptions extends Provoker {
  readonly fault: FaultName;
  /** Lets the fault strike as soon as a member that it can strike is in this phase. */
  readonly aim: (fault: FaultName, phase: Phase, withinMs: number) => void;
  /** Heals everything, so that the next phase begins with a cluster that is well. */
  readonly heal: () => void;
  readonly isOver: () => boolean;
}

/** How long a phase gets to be met, how long a fault then acts, and how long the cluster gets to be well, in ms. */
const meetMs: Readonly<Partial<Record<Phase, number>>> = { transfer: 3_000, install: 3_000, rejoin: 2_500 };
const meetMsUsual = 1_200;
/** How long it takes to take a voter back that begins anew. */
const beginMs = 6_000;
const actMs = 250;
const wellMs = 2_500;

const isWell = ({ up, raft, corrupt }: Member): boolean =>
  corrupt || (up && (raft === undefined || (raft.leader !== '' && raft.owed === undefined && !raft.restoring)));

/** Goes round until each phase was met. */
export async function playTour(options: TourOptions): Promise<void> {
  const { world, fault, isOver } = options;
  const isMissing = (phase: Phase): boolean =>
    world.coverage.count(fault, phase) === 0 && impossible(fault, phase) === undefined;
  while (!isOver() && phases.some(isMissing))
    for (const phase of phases.filter(isMissing)) {
      if (isOver()) return;
      await meet(options, phase);
    }
}

async function meet({ world, fault, aim, heal, isOver, ...provoker }: TourOptions, phase: Phase): Promise<void> {
  const until = async (done: () => boolean, ms: number): Promise<void> => {
    const end = world.time.monotonic() + ms;
    while (!done() && !isOver() && world.time.monotonic() < end) await world.pass(5);
  };
  const { members } = world;
  await until(() => members.some(({ role }) => role === 'leader') && members.every(isWell), wellMs);
  for (const member of members) member.forgetLoss(world.ledger.committedIndex);
  if (needsFiles.has(fault)) compactAll(world.members);
  if (needsFiles.has(fault)) await world.pass(25);
  const begins = fault === 'failing-rename' && phase === 'start';
  const withinMs = begins ? beginMs : (meetMs[phase] ?? meetMsUsual);
  aim(fault, phase, withinMs);
  if (begins) beginOne({ world, ...provoker });
  else provocations[phase]({ world, ...provoker });
  let fired = 0;
  await until(() => {
    // Files come and go all the time, so that some do in this phase.
    if (needsFiles.has(fault) && (fired += 1) % 32 === 0) compactAll(members);
    return world.coverage.count(fault, phase) > 0;
  }, withinMs);
  await world.pass(actMs);
  if (isOver()) return;
  heal();
  // What rotted shows when it is read.
  for (const member of members) if (member.rotten && !member.knowsLoss) member.stop(true);
  for (const member of members) member.start();
}

/** Faults that strike when a file comes or goes. */
const needsFiles: ReadonlySet<FaultName> = new Set(['failing-rename', 'failing-unlink']);

function compactAll(members: readonly Member[]): void {
  for (const member of members) member.compact();
}

/** A voter loses its data and is taken back: it begins its files anew. */
function beginOne(provoker: Provoker): void {
  const member = provoker.world.members.find(({ role, up }) => up && role === 'follower');
  if (member !== undefined) void beginAgain({ ...provoker, member });
}
