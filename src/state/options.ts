import type { Clock, Disk, Logger, Metrics, Random, Timers } from '../base/index.ts';
import type { KeySpaceOptions } from '../mvcc/index.ts';
import type { StoreTransport } from './transport.ts';

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
  /** The founding members, the same on each of them. Ignored once the folder knows its own membership. */
  readonly voters: readonly string[];
  /** Needed by more than one voter. */
  readonly transport?: StoreTransport;
  /** Called once when the store can no longer serve (a sync failed): the member must stop and start again. */
  readonly onFailure?: (error: unknown) => void;
  /** How long the past stays readable; default `limits`. The same on all members. */
  readonly history?: KeySpaceOptions;
  readonly segmentBytes?: number;
  readonly snapshotEntries?: number;
  /** Raft's unit of time, in ms; elections begin after 10 to 20 of them. */
  readonly tickMs?: number;
}
