/**
 * The replicated log: a pure consensus core and the files it lives in. Usable by itself.
 *
 * core/ decides (src/raft/core/index.ts), wal/ remembers (src/raft/wal/index.ts). Who joins them to a state machine, a
 * clock and a network is the shell: src/state in this project.
 */
export * from './core/index.ts';
export * from './wal/index.ts';
