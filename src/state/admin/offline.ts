/** Work on a folder that no process has open: verification, and recovery after a lost majority. */
import type { LogIndex, Random, Term } from '../../base/index.ts';
import { stateHash } from '../../mvcc/index.ts';
import { type Entry, type Identity, Raft, type SnapshotMark } from '../../raft/core/index.ts';
import { CorruptError, inspectLog, type Recovered } from '../../raft/wal/index.ts';
import { AdministrationError } from '../administration.ts';
import { holdsStore, writeState } from './backup.ts';
import { decodeBatch } from '../batch/index.ts';
import { withFolder } from '../folder.ts';
import { keptIdentity, olderIdentity, refuseOtherMember } from '../identity.ts';
import { leaveLostRevisions, newTimeline } from './new-timeline.ts';
import type { StoreOptions } from '../options.ts';
import { entriesBehind, readSnapshotState } from '../recovery.ts';
import type { StateMachine } from '../state-machine.ts';

/** A folder that no process has open. */
export interface OfflineOptions extends Pick<
  StoreOptions,
  'disk' | 'clock' | 'log' | 'folder' | 'history' | 'lock' | 'segmentBytes'
> {}

export interface FolderReport {
  /** The last entry in the snapshot; 0 when there is none. */
  readonly snapshotIndex: number;
  /** The last entry that is known to be committed, and the last one in the log. */
  readonly commitIndex: number;
  readonly lastIndex: number;
  readonly term: number;
  readonly voters: readonly string[];
  readonly learners: readonly string[];
  /** The state up to `commitIndex`, and its hash as the other members have it at this revision. */
  readonly revision: number;
  readonly keys: number;
  readonly hash: string;
  /** Bytes of an interrupted write at the log's end; the next start cuts them. */
  readonly tornBytes: number;
}

interface Folder {
  readonly report: FolderReport;
  readonly machine: StateMachine;
  readonly configuration: { readonly voters: readonly string[]; readonly learners: readonly string[] };
  readonly rest: readonly Entry[];
  readonly lastTerm: Term;
  readonly identity: Identity | undefined;
  /** What had been synced and is not there: a recovery goes on without it. */
  readonly missing: CorruptError | undefined;
}

/**
 * Reads a folder whole and changes nothing: every checksum of snapshot and log, and the hash of the state. Rejects with
 * StoreError `corrupt`, AdministrationError.
 */
export async function verifyFolder(options: OfflineOptions): Promise<FolderReport> {
  return withFolder(options, async () => {
    const { report, missing } = await readFolder(options);
    if (missing !== undefined) throw missing;
    return report;
  });
}

interface RecoveryOptions extends OfflineOptions {
  readonly member: string;
  readonly random: Pick<Random, 'uuid'>;
}

export interface LostMajorityReport extends FolderReport {
  /** The timeline that begins with the recovery. */
  readonly timeline: string;
  /** Who is the only voter now. */
  readonly member: string;
  /** Entries that were in this member's log and not known to be committed; they count now. */
  readonly adoptedEntries: number;
}

/**
 * The last resort when a majority of voters is lost for good: makes the member of this folder the only voter of its
 * store. What only the lost members had is gone, and entries that were never committed may count now. The others must
 * never start again with their old folders: they join as new members. Rejects like `verifyFolder`.
 */
export async function recoverLostMajority(options: RecoveryOptions): Promise<LostMajorityReport> {
  return withFolder(options, async () => {
    const { disk, folder, log, member, clock, random } = options;
    const { report, machine, rest, lastTerm, configuration, identity } = await readFolder(options);
    refuseOtherMember(folder, identity, member);
    applyAll(machine, rest);
    const now = clock.now();
    leaveLostRevisions(machine, { since: machine.space.marks.at(-1)?.now ?? now, now });
    const timeline = newTimeline({ voters: [member], random });
    const term = (Math.max(report.term, lastTerm) + 1) as Term;
    const mark = {
      index: report.lastIndex as LogIndex,
      term,
      configuration: { voters: [member], outgoing: [], learners: [] },
      // The member has kept all that it ever promised: it is the same one, on another way, which begins with it.
      identity: { ...(identity ?? olderIdentity(options)), timeline, joinedAt: undefined },
    };
    log.warn('replacing the membership: this member is the only voter from now on', {
      folder,
      member,
      before: configuration.voters,
      adoptedEntries: rest.length,
    });
    await writeState(options, mark, machine);
    await disk.syncFolder(folder);
    return {
      ...report,
      member,
      timeline,
      term,
      voters: [member],
      learners: [],
      commitIndex: report.lastIndex,
      revision: machine.space.revision,
      keys: machine.space.count(''),
      hash: stateHash(machine.space),
      adoptedEntries: rest.length,
    };
  });
}

async function readFolder(options: OfflineOptions): Promise<Folder> {
  const { disk, folder } = options;
  if (!(await holdsStore(disk, folder))) throw new AdministrationError('empty', `${folder} holds no store`);
  const { mark, machine } = await readSnapshotState(options);
  const recovered = await inspectLog(disk, `${folder}/log`);
  const identity = keptIdentity(folder, mark, recovered);
  const base = mark ?? {
    index: 0 as LogIndex,
    term: 0 as Term,
    configuration: { voters: [], outgoing: [], learners: [] },
  };
  const entries = entriesBehind(folder, base, recovered);
  const hardState = recovered.hardState ?? { term: base.term, vote: '', commit: base.index };
  const never = { below: () => 0, fraction: () => 0, bytes: () => new Uint8Array(0), uuid: () => '' };
  // The core itself says what is committed and who the members are then.
  const raft = new Raft({ id: '', random: never, base, entries, hardState });
  const committed: Entry[] = [];
  while (raft.hasReady) {
    const ready = raft.ready();
    for (const entry of ready.committed) committed.push(entry);
    if (ready.persist !== undefined) raft.persisted();
  }
  const { voters, learners, outgoing } = raft.configuration;
  // What a member that votes alone has on its disk is committed.
  const alone = voters.length === 1 && outgoing.length === 0;
  const commitIndex = alone ? raft.lastIndex : raft.commitIndex;
  const rest = entries.filter((entry) => entry.index > raft.commitIndex);
  applyAll(machine, alone ? [...committed, ...rest] : committed);
  const lastTerm = entries[entries.length - 1]?.term ?? base.term;
  return {
    machine,
    missing: missingFrom(`${folder}/log`, mark, recovered),
    identity,
    lastTerm,
    configuration: { voters, learners },
    rest: alone ? [] : rest,
    report: {
      snapshotIndex: mark?.index ?? 0,
      commitIndex,
      lastIndex: raft.lastIndex,
      term: hardState.term,
      voters,
      learners,
      revision: machine.space.revision,
      keys: machine.space.count(''),
      hash: stateHash(machine.space),
      tornBytes: recovered.cutBytes,
    },
  };
}

/** A log that is gone, or ends before what it had synced. */
function missingFrom(
  folder: string,
  mark: SnapshotMark | undefined,
  { segments, lost }: Recovered,
): CorruptError | undefined {
  if (mark !== undefined && segments.length === 0) return new CorruptError(folder, 0, 'the log is gone');
  return lost?.known === true
    ? new CorruptError(lost.path, lost.position, 'the newest batches had been synced and are missing')
    : undefined;
}

function applyAll(machine: StateMachine, entries: readonly Entry[]): void {
  for (const entry of entries) {
    if (entry.type === 'data') machine.apply(decodeBatch(entry.data), [], false);
  }
}
