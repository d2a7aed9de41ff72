/** What an actor's crashes lead to: records, pauses before its restarts, and the rest of one that spent them. */
import { errorMessage, limits, type Trace } from '../base/index.ts';
import type { SpawnOptions } from './actor.ts';
import type { ActorEnvironment } from './environment.ts';
import type { Envelope } from './mailbox.ts';
import { Rest, RestartCounter } from './restart-budget.ts';
import type { CrashRecord } from './tree.ts';

/** What follows a crash after which the actor shall be restarted. */
export type Sequel =
  | { readonly type: 'back-off'; readonly afterMs: number }
  /** `retry`: it is tried after its rest even when no message waits. */
  | { readonly type: 'park'; readonly restMs: number; readonly retry: boolean }
  | { readonly type: 'escalate' };

/** The crashes of one actor. Most actors never have one, so it is made with the first crash or restart. */
export class CrashPolicy {
  readonly #options: Pick<SpawnOptions<never>, 'restart' | 'whenSpent'>;
  /** Restarts since the actor was made, an operator's among them. Only grows. */
  restarts = 0;
  /** The newest crash; its count only grows. */
  last: CrashRecord | undefined;
  /**
   * The request whose message crashed the actor: the restart that follows at once belongs to it, too. Undefined once
   * that restart is over, or when it is not at once.
   */
  cause: Trace | undefined;
  /** Counts against the budget; undefined while nothing counts. */
  #counter: RestartCounter | undefined;
  /** The rests of a parked actor, from its first one until it handles a message again. */
  #rest: Rest | undefined;

  constructor(options: Pick<SpawnOptions<never>, 'restart' | 'whenSpent'>) {
    this.#options = options;
  }

  /** Whether a parked actor may be tried again. */
  get rested(): boolean {
    return this.#rest?.over === true;
  }

  /** Makes the record of a crash and announces it. Without an envelope no message was at fault, but start or stop. */
  record(
    error: unknown,
    { address, environment }: { readonly address: string; readonly environment: ActorEnvironment },
    envelope?: Pick<Envelope<unknown>, 'message'>,
  ): CrashRecord {
    const record: CrashRecord = {
      address,
      messageType: messageType(envelope?.message),
      error: errorMessage(error),
      at: environment.clock.now(),
      count: (this.last?.count ?? 0) + 1,
      traceId: this.cause?.traceId,
    };
    this.last = record;
    environment.crashed(record, error);
    return record;
  }

  /** Decides on a restart at `now` (monotonic ms), and counts it against the budget. */
  next(now: number): Sequel {
    const afterMs = this.#pauseMs(now);
    if (afterMs !== undefined) {
      this.restarts += 1;
      if (afterMs >= limits.traceTimerMs) this.cause = undefined;
      return { type: 'back-off', afterMs };
    }
    const { whenSpent } = this.#options;
    if (whenSpent?.type !== 'park') return { type: 'escalate' };
    this.cause = undefined;
    const { restMs = limits.parkedMs, restMsMax = limits.parkedMsMax, retry = false } = whenSpent;
    this.#rest ??= new Rest(restMs, restMsMax);
    return { type: 'park', restMs: this.#rest.begin(), retry };
  }

  /** The rest of a parked actor is over: its next message revives it. */
  endRest(): void {
    if (this.#rest !== undefined) this.#rest.over = true;
  }

  /** A parked actor that handled a message again is as good as new. */
  handled(): void {
    if (this.#rest !== undefined) this.forgive();
  }

  /** The budget begins again. */
  forgive(): void {
    this.#counter = undefined;
    this.#rest = undefined;
  }

  /** Undefined when the budget is spent. A parked actor that was tried has none. */
  #pauseMs(now: number): number | undefined {
    if (this.#rest !== undefined) return undefined;
    this.#counter ??= new RestartCounter({
      restartsMax: limits.restartsMax,
      withinMs: limits.restartWindowMs,
      backoffMs: limits.restartBackoffMs,
      backoffMsMax: limits.restartBackoffMsMax,
      ...this.#options.restart,
    });
    const decision = this.#counter.crashed(now);
    return decision.type === 'restart' ? decision.afterMs : undefined;
  }
}

/** The `type` of a message, for crash records and traces. */
export function messageType(message: unknown): string {
  if (message === undefined) return '(start)';
  if (typeof message === 'object' && message !== null && 'type' in message) return String(message.type);
  return typeof message;
}
