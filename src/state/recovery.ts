import { limits, type LogIndex, type Term } from '../base/index.ts';
import { KeySpace, type KeySpaceOptions } from '../mvcc/index.ts';
import { Raft, type SnapshotMark } from '../raft/core/index.ts';
import { CorruptError, openWriteAheadLog, readSnapshot, type WriteAheadLog } from '../raft/wal/index.ts';
import type { StoreOptions } from './options.ts';
import { StateMachine, StateMachineDecoder } from './state-machine.ts';
import { StoreError } from './store.ts';

export interface Opened {
  readonly wal: WriteAheadLog;
  readonly raft: Raft;
  readonly machine: StateMachine;
  /** The index of the snapshot on disk; 0 when there is none. */
  readonly snapshotIndex: LogIndex;
}

export function historyOf(options: StoreOptions): KeySpaceOptions {
  return options.history ?? {};
}

/** Restores what the folder holds: the newest snapshot, then the log after it. Throws StoreError `corrupt`, DiskError. */
export async function openState(options: StoreOptions): Promise<Opened> {
  try {
    return await open(options);
  } catch (error) {
    if (error instanceof CorruptError) throw new StoreError('corrupt', error.message, error);
    throw error;
  }
}

async function open(options: StoreOptions): Promise<Opened> {
  const { disk, folder, clock, log, segmentBytes = limits.segmentBytes, member, random, voters } = options;
  await disk.makeFolder(folder);
  const decoder = new StateMachineDecoder(historyOf(options));
  const mark = await readSnapshot(disk, `${folder}/snapshots`, (chunk) => { decoder.add(chunk); });
  const machine = mark === undefined ? new StateMachine(new KeySpace(historyOf(options))) : decoder.finish();
  const { wal, recovered } = await openWriteAheadLog({ disk, folder: `${folder}/log`, clock, log, segmentBytes });
  const founding: SnapshotMark = { index: 0 as LogIndex, term: 0 as Term, configuration: { voters, outgoing: [], learners: [] } };
  const base = mark ?? founding;
  const entries = recovered.entries.filter((entry) => entry.index > base.index);
  const gap = recovered.base.index > base.index || (entries[0]?.index ?? base.index + 1) > base.index + 1;
  if (gap) throw new CorruptError(`${folder}/snapshots`, 0, `the log goes on after entry ${entries[0]?.index ?? recovered.base.index}, but the snapshot ends at ${base.index}`);
  const hardState = recovered.hardState ?? { term: base.term, vote: '', commit: base.index };
  const raft = new Raft({ id: member, random, base, entries, hardState, electionTicks: 10, heartbeatTicks: 2 });
  return { wal, raft, machine, snapshotIndex: mark?.index ?? (0 as LogIndex) };
}
