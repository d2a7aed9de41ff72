import type { Clock, Logger, Metrics, Timers } from '../base/index.ts';
import type { CrashRecord } from './actor.ts';

/** What all actors of a system share. */
export interface ActorEnvironment {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Keeps and announces a crash. */
  crashed(record: CrashRecord, error: unknown): void;
  /** Work of stopping actors (`afterStop`) that the system's own stop waits for. */
  readonly releases: Set<Promise<void>>;
}
