/** What all actors of one system share. */
import type { Clock, Logger, Metrics, Timers, TraceScope } from '../base/index.ts';
import type { CrashRecord } from './tree.ts';

export interface ActorEnvironment {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly traces: TraceScope;
  /** What of a message arrives: itself, or under test what its encoding gives back. */
  readonly sent: <Message>(message: Message) => Message;
  /** A name that no other cell of the system has: nact wants one for each. */
  readonly cellName: () => string;
  /** Keeps and announces a crash. */
  crashed(record: CrashRecord, error: unknown): void;
  /** Announces that an actor was parked, or no longer is. */
  parked(record: CrashRecord, parked: boolean): void;
  /** Turns and releases (`afterStop`) of stopping actors, which the system's own stop waits for. */
  readonly releases: Set<Promise<void>>;
}
