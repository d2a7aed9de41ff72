/**
 * The replicated log: a pure consensus core and the files it lives in. Usable by itself.
 *
 * core/ decides (src/raft/core/index.ts), wal/ remembers (src/raft/wal/index.ts). Who joins them to a state machine, a
 * clock and a network is the shell: src/state in this project.
 */
export {
  type Configuration, type ConfigurationChange, type Entry, type HardState, type Message, type Persist, Raft, type RaftOptions, type ReadState, type Ready,
  type Role, type Snapshot, type SnapshotMark, type SnapshotMessage,
} from './core/index.ts';
export {
  type Batch, CorruptError, crc32c, openWriteAheadLog, readSnapshot, type Recovered, writeSnapshot, type WriteAheadLog, type WriteAheadLogOptions,
} from './wal/index.ts';
