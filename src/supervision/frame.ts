/** The frames by which processes tell of themselves. */
import type { CrashRecord } from '../actors/index.ts';
import type { StoreStatus } from '../state/index.ts';

/** One actor as the feed carries it. What is zero or usual is left out: most actors are idle most of the time. */
export interface ActorRow {
  readonly address: string;
  /** Absent below the root of its process. */
  readonly parent?: string | undefined;
  /** Absent: running. */
  readonly state?: string | undefined;
  readonly restarts?: number | undefined;
  readonly lastCrash?: CrashRecord | undefined;
}

/**
 * What changes with every message, apart from the rows so that a busy actor costs a few bytes: address, waiting, age of
 * the oldest in ms, handled.
 */
export type ActorCounts = readonly [address: string, mailbox: number, oldestMs: number, handled: number];

/** Facts of a process that its operating system knows. */
export interface ProcessFigures {
  readonly residentBytes: number;
  readonly heapBytes: number;
  readonly cpuSeconds: number;
  /** How late the event loop's timers were at worst since the last frame, in ms. */
  readonly loopLagMs: number;
  /** Of the disk that holds the home. */
  readonly diskFreeBytes?: number | undefined;
  readonly diskBytes?: number | undefined;
}

/** One shard of the resource space and who owns it. */
export interface ShardRow {
  readonly shard: string;
  readonly owner: string;
  readonly epoch: number;
  /** Where it moves to, while it does. */
  readonly movingTo?: string | undefined;
}

export type ProcessRole = 'member' | 'node';

/**
 * What a process says of itself since its last frame. Frames of one life (`startedAt`) are numbered without a gap; a
 * reader who misses one asks for everything again and gets a frame with `reset`.
 */
export interface Frame {
  readonly process: string;
  readonly role: ProcessRole;
  readonly startedAt: number;
  readonly sequence: number;
  readonly at: number;
  /** This frame starts from nothing: what was known of the process is void. */
  readonly reset?: true | undefined;
  readonly put?: readonly ActorRow[] | undefined;
  readonly gone?: readonly string[] | undefined;
  readonly counts?: readonly ActorCounts[] | undefined;
  readonly figures?: ProcessFigures | undefined;
  readonly store?: StoreStatus | undefined;
  readonly shards?: readonly ShardRow[] | undefined;
  /** Written by the reader: nothing was heard of the process for a while. */
  readonly silent?: boolean | undefined;
}

/** Something that happened, for the time line. */
export interface TimelineEvent {
  readonly at: number;
  readonly type: 'crash' | 'alert' | 'event' | 'process' | 'raft' | 'action';
  readonly severity: 'info' | 'warning' | 'critical';
  readonly title: string;
  readonly detail: string;
  readonly process?: string | undefined;
  readonly address?: string | undefined;
  /** Whoever may not list Events there does not see it. */
  readonly namespace?: string | undefined;
}

export interface Alert {
  readonly id: string;
  readonly severity: 'warning' | 'critical';
  readonly title: string;
  readonly detail: string;
  /** Ms since 1970. */
  readonly since: number;
}

/** All that a viewer learns at one moment. */
export interface Tick {
  readonly at: number;
  readonly frames: readonly Frame[];
  /** The whole list, when it changed. */
  readonly alerts?: readonly Alert[] | undefined;
  readonly events?: readonly TimelineEvent[] | undefined;
}
