/** What a store is opened with. */
import type { Clock, Disk, Logger, Metrics, Random, Timers } from '../base/index.ts';
import type { StateOptions } from './state-machine.ts';
import type { StoreTransport } from './transport/index.ts';

/**
 * Takes a folder for this process; `held` names the process that has it. The lock ends with the process, however it
 * ends.
 */
export type FolderLock = (
  folder: string,
) => Promise<{ readonly release: () => Promise<void> } | { readonly held: string }>;

/** At most so many keys under a prefix: a write that may add one more is refused, deletions go on. */
export interface KeyQuota {
  readonly prefix: string;
  readonly keysMax: number;
}

export interface StoreOptions {
  /** This member's name. */
  readonly member: string;
  /** The store's own folder; made when missing. */
  readonly folder: string;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** The cluster's name: a backup carries it. */
  readonly cluster?: string | undefined;
  /**
   * The founding members, the same on each of them; none for a member that joins later. Ignored once the folder knows
   * its own membership.
   */
  readonly voters: readonly string[];
  /** Of a replica, which never votes: the members that take it back when its files are damaged. */
  readonly learnerOf?: readonly string[] | undefined;
  /**
   * A name that no other cluster has, the same on each founding member: what the store's timeline is called when it
   * begins. Default: a drawn one for a single voter, else one made of the cluster's and the voters' names.
   */
  readonly timeline?: string | undefined;
  /** Needed by more than one voter. */
  readonly transport?: StoreTransport | undefined;
  /** Keeps other processes out of the folder while it is open; absent where there is only one process. */
  readonly lock?: FolderLock | undefined;
  /** Bounds for the keys under some prefixes, so that events and the like cannot crowd out the rest. */
  readonly quotas?: readonly KeyQuota[] | undefined;
  /**
   * Runs a call after all input that has arrived is taken, so that it is worked on together (setImmediate); default:
   * after the present call.
   */
  readonly afterInput?: ((run: () => void) => void) | undefined;
  /** Called once when the store can no longer serve (a sync failed): the member must stop and start again. */
  readonly onFailure?: ((error: unknown) => void) | undefined;
  /** How long the past stays readable; default `limits`. The same on all members. */
  readonly history?: StateOptions | undefined;
  /** Bytes of log entries in one message to a follower, at least one entry; default: what the bus carries well. */
  readonly appendBytesMax?: number | undefined;
  /** Bytes of entries that a leader takes before they are committed and on its disk; default `limits`. */
  readonly pendingBytesMax?: number | undefined;
  readonly segmentBytes?: number | undefined;
  readonly snapshotEntries?: number | undefined;
  /** Applied log entries that stay in memory for followers that lag; beyond them a follower needs a snapshot. */
  readonly entriesKept?: number | undefined;
  /** Raft's unit of time, in ms; elections begin after 10 to 20 of them. */
  readonly tickMs?: number | undefined;
}
