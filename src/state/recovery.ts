/** A store's folder read at start: the newest snapshot and the log after it. */
import { limits, type LogIndex, type Term } from '../base/index.ts';
import { type HardState, type Identity, type LogEnd, Raft } from '../raft/core/index.ts';
import {
  CorruptError,
  type KeptMark,
  openWriteAheadLog,
  type Recovered,
  readSnapshot,
  refuseOtherFormats,
  type WriteAheadLog,
  writeSnapshot,
} from '../raft/wal/index.ts';
import { AdministrationError } from './administration.ts';
import { namedFailure } from './folder.ts';
import { foundedIdentity, keptIdentity, olderIdentity, refuseOtherMember } from './identity.ts';
import type { StoreOptions } from './options.ts';
import { StateMachine, StateMachineDecoder, type StateOptions } from './state-machine.ts';

export interface Opened {
  readonly wal: WriteAheadLog;
  readonly raft: Raft;
  readonly machine: StateMachine;
  /** The snapshot on disk, its size about; zeros when there is none. */
  readonly snapshot: { readonly index: LogIndex; readonly bytes: number };
  /** Gives the folder back. */
  readonly release: () => Promise<void>;
  /** It gave its vote back because its data was damaged, and must ask for it again. */
  readonly rejoining: boolean;
}

type Read = (options: StoreOptions) => Promise<Omit<Opened, 'release' | 'rejoining'>>;

export function historyOf(options: Pick<StoreOptions, 'history'>): StateOptions {
  return options.history ?? {};
}

/** Takes the folder and lets `open` read it; gives it back when that fails. Throws AdministrationError `in-use`. */
export async function openState(
  options: StoreOptions,
  open: (options: StoreOptions, read: Read) => Promise<Omit<Opened, 'release'>>,
): Promise<Opened> {
  const release = await takeFolder(options);
  try {
    return { ...(await open(options, readState)), release };
  } catch (error) {
    await release();
    throw error;
  }
}

/**
 * Restores what the folder holds: the newest snapshot, then the log after it. Throws StoreError `corrupt` or
 * `newer-format`, DiskError.
 */
async function readState(options: StoreOptions): ReturnType<Read> {
  try {
    return await restore(options);
  } catch (error) {
    throw namedFailure(error);
  }
}

async function takeFolder({ disk, folder, lock }: StoreOptions): Promise<() => Promise<void>> {
  await disk.makeFolder(folder);
  if (lock === undefined)
    return async () => {
      await Promise.resolve();
    };
  const taken = await lock(folder);
  if ('held' in taken)
    throw new AdministrationError(
      'in-use',
      `${folder} is in use by ${taken.held}; a store's folder belongs to one process at a time`,
    );
  return taken.release;
}

/** What stands in the snapshot and behind it. */
interface SnapshotState {
  readonly mark: KeptMark | undefined;
  readonly machine: StateMachine;
  /** What its chunks take together. */
  readonly bytes: number;
}

/** Looks at the formats of all files first: what a newer program wrote is no damage, whatever else is. */
export async function readSnapshotState(
  options: Pick<StoreOptions, 'disk' | 'folder' | 'history'>,
): Promise<SnapshotState> {
  await refuseOtherFormats(options.disk, `${options.folder}/log`);
  const decoder = new StateMachineDecoder(historyOf(options));
  let bytes = 0;
  const mark = await readSnapshot(options.disk, `${options.folder}/snapshots`, (chunk) => {
    bytes += chunk.length;
    decoder.add(chunk);
  });
  return { mark, machine: mark === undefined ? StateMachine.empty(historyOf(options)) : decoder.finish(), bytes };
}

/**
 * Whether the log does not lead to the snapshot: it ends before it, or holds another entry where it ends. A leader's
 * snapshot was kept, and a crash came before the log said that it follows it.
 */
function isBeside({ index, term }: LogEnd, { base, entries }: Pick<Recovered, 'base' | 'entries'>): boolean {
  const there = entries.find((entry) => entry.index === index);
  return (entries.at(-1) ?? base).index < index || (there !== undefined && there.term !== term);
}

/** The log's entries behind the snapshot. Throws CorruptError when they do not follow it. */
export function entriesBehind(
  folder: string,
  mark: LogEnd,
  recovered: Pick<Recovered, 'base' | 'entries'> & { readonly segments: readonly { readonly number: number }[] },
): Recovered['entries'] {
  const { index } = mark;
  const first = recovered.segments[0]?.number ?? 1;
  // Segments go only behind a snapshot. Of one that covered all of the log, nothing else tells.
  if (index === 0 && first > 1)
    throw new CorruptError(
      `${folder}/snapshots`,
      0,
      `the snapshot is missing that segment ${first} of the log follows`,
    );
  if (isBeside(mark, recovered)) return [];
  const entries = recovered.entries.filter((entry) => entry.index > index);
  const gap = recovered.base.index > index || (entries[0]?.index ?? index + 1) > index + 1;
  if (gap)
    throw new CorruptError(
      `${folder}/snapshots`,
      0,
      `the log goes on after entry ${entries[0]?.index ?? recovered.base.index}, but the snapshot ends at ${index}`,
    );
  return entries;
}

const founding = ({ voters }: StoreOptions): KeptMark => ({
  index: 0 as LogIndex,
  term: 0 as Term,
  configuration: { voters: [...voters].sort(), outgoing: [], learners: [] },
});

/** What the folder of a store begins with: whose it is, and who its voters were. */
function begin(options: StoreOptions, recovered: Recovered): KeptMark {
  const mark = founding(options);
  const known = recovered.hardState !== undefined || recovered.entries.length > 0;
  const identity = known ? keptIdentity(options.folder, mark, recovered) : foundedIdentity(options);
  return identity === undefined ? mark : { ...mark, identity };
}

/**
 * The founding membership is kept as a snapshot of nothing, so that the folder knows from the start whose it is, and
 * again where a disk lost that: without it, a member that loses its only segment, too, would take itself for a new one
 * and vote twice. The log's first segment is there before it, so that a snapshot without a log is damage.
 */
async function keepFounding({ disk, folder }: StoreOptions, machine: StateMachine, mark: KeptMark): Promise<void> {
  const source = machine.snapshot();
  await writeSnapshot({ disk, folder: `${folder}/snapshots`, mark, next: () => source.next() });
  source.close();
}

async function restore(options: StoreOptions): ReturnType<Read> {
  const { disk, folder, clock, log, segmentBytes = limits.segmentBytes, appendBytesMax, member, random } = options;
  const { mark: kept, machine, bytes } = await readSnapshotState(options);
  // The process before may have died between its renaming and its sync: a log that rests on it would stand alone.
  if (kept !== undefined) await disk.syncFolder(`${folder}/snapshots`);
  const { wal, recovered } = await openWriteAheadLog({
    disk,
    folder: `${folder}/log`,
    clock,
    log,
    segmentBytes,
    begun: kept !== undefined,
    check: (found) => {
      refuseOtherMember(folder, keptIdentity(folder, kept ?? founding(options), found), member);
    },
  });
  const mark = kept ?? begin(options, recovered);
  const entries = entriesBehind(folder, mark, recovered);
  if (kept === undefined) await keepFounding(options, machine, mark);
  const hardState = recovered.hardState ?? { term: mark.term, vote: '', commit: mark.index };
  const identity: Identity = keptIdentity(folder, mark, recovered) ?? olderIdentity(options);
  const raft = new Raft({
    id: member,
    identity,
    random,
    base: mark,
    entries,
    hardState,
    owed: recovered.owed,
    electionTicks: 10,
    heartbeatTicks: 2,
    messageBytesMax: appendBytesMax,
    pendingBytesMax: options.pendingBytesMax ?? limits.pendingLogBytesMax,
    readsMax: limits.readsAtLeaderMax,
  });
  await judgeLoss(options, raft, { wal, recovered });
  // What is appended next would not follow what the log holds, and the next start would take that for damage.
  if (isBeside(mark, recovered)) await beginBehind(mark, wal, hardState);
  return { wal, raft, machine, snapshot: { index: mark.index, bytes } };
}

/** The log goes on behind the snapshot, as it does when one is installed. Rejects with DiskError. */
async function beginBehind({ index, term }: LogEnd, wal: WriteAheadLog, hardState: HardState): Promise<void> {
  try {
    await wal.append({ base: { index, term }, hardState, entries: [] });
  } catch (error) {
    await wal.close().catch(() => undefined);
    throw error;
  }
}

/** What the newest batches held is missing: others may have it. Throws CorruptError where nobody else can. */
async function judgeLoss(
  { log, folder }: StoreOptions,
  raft: Raft,
  { wal, recovered: { lost } }: { readonly wal: WriteAheadLog; readonly recovered: Recovered },
): Promise<void> {
  if (lost === undefined || raft.owed === undefined) return;
  const { path, position, known } = lost;
  if (raft.votesAlone && known) {
    await wal.close();
    throw new CorruptError(path, position, 'the newest batches had been synced and are missing', { onlyCopy: true });
  }
  if (!raft.votesAlone)
    log.warn(
      'the newest batch of the log is not whole; until the others have given it back, this member seeks no votes',
      {
        folder,
        path,
        position,
        ...raft.owed,
      },
    );
}
