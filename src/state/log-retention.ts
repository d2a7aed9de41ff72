/** What stays of the applied log: in memory for followers that lag, on disk until a snapshot covers it. */
import type { LogIndex } from '../base/index.ts';
import type { Raft } from '../raft/core/index.ts';
import type { SnapshotSender, Snapshotter } from './snapshot/index.ts';
import type { StateMachine } from './state-machine.ts';

/** What stays of the applied log in memory, for followers that lag. */
const entriesKept = 8_192;
const keptForFollowersBytes = 64 * 1024 * 1024;
/** What stays in memory while a snapshot travels: its receiver needs the log behind it. */
const keptForTransfersBytes = 512 * 1024 * 1024;
/** So many applied entries are dropped from memory at once. */
const entriesDropped = 64;

interface LogRetentionParts {
  readonly raft: Raft;
  readonly snapshotter: Snapshotter;
  readonly sender: Pick<SnapshotSender, 'keptFrom'>;
  /** Resolves when the log on disk has reached an index. */
  readonly durable: (index: LogIndex) => Promise<void>;
  /** In place of `entriesKept`. */
  readonly entriesMax: number | undefined;
}

/** Drops applied entries from memory, and begins the snapshots that let the log on disk go. */
export class LogRetention {
  readonly #parts: LogRetentionParts;
  /** Entries up to here were dropped from memory, or considered for it, last. Only grows. */
  #droppedIndex = 0;

  constructor(parts: LogRetentionParts) {
    this.#parts = parts;
  }

  /** Drops applied entries from memory, now and then. They stay on disk until a snapshot covers them. */
  trim(applied: LogIndex): void {
    const { raft } = this.#parts;
    if (raft.restoring || applied - this.#droppedIndex < entriesDropped) return;
    this.#droppedIndex = applied;
    raft.trim(this.#kept(applied));
  }

  /** So many transactions were applied: a snapshot falls due with them. */
  note(transactions: number): void {
    this.#parts.snapshotter.note(transactions);
  }

  /** Begins a snapshot when one is due. `machine` has applied all that the core handed out. */
  considerSnapshot(machine: StateMachine): void {
    const { raft, snapshotter, durable } = this.#parts;
    if (raft.restoring) return;
    snapshotter.consider({ ...raft.appliedMark, identity: raft.identity }, machine, durable);
  }

  #kept(applied: LogIndex): { readonly entriesMax: number; readonly bytesMax: number } {
    const { raft, sender, entriesMax = entriesKept } = this.#parts;
    const { keptFrom } = sender;
    if (keptFrom !== undefined)
      return { entriesMax: Math.max(entriesMax, applied - keptFrom + 1), bytesMax: keptForTransfersBytes };
    const { voters, learners, outgoing } = raft.configuration;
    const alone = voters.length + learners.length + outgoing.length <= 1;
    return alone ? { entriesMax: 0, bytesMax: 0 } : { entriesMax, bytesMax: keptForFollowersBytes };
  }
}
