/** What a replica does with the clock: deadlines, Raft's time, expiring keys, transfers, space on a full disk. */
import { limits, type Timer } from '../base/index.ts';
import type { Raft } from '../raft/core/index.ts';
import type { WriteAheadLog } from '../raft/wal/index.ts';
import type { Applier } from './applier.ts';
import type { ClusterTime } from './cluster-time.ts';
import type { Lifetime } from './lifetime.ts';
import type { StoreOptions } from './options.ts';
import type { Proposals } from './proposals.ts';
import type { Pump } from './pump.ts';
import { hasRoom } from './quota.ts';
import type { SnapshotSender } from './snapshot/index.ts';
import type { LinearReads } from './waiters.ts';

/**
 * Pause between two rounds; a member that is alone has no elections to be in time for.
 */
const roundMs = 50;
const roundAloneMs = 200;
/** A forwarded batch that was not applied after this long is sent again. */
const resubmitAfterMs = 1_000;
/** Pause between two tries to lay out a segment on a full disk. */
const spaceRetryMs = 1_000;
/** Versions that a round frees at most when nobody reaches them any more, beside what each write frees. */
const sweptWhenIdle = 256;

interface HousekeepingParts {
  readonly options: StoreOptions;
  readonly lifetime: Lifetime;
  readonly raft: Raft;
  readonly wal: WriteAheadLog;
  readonly proposals: Proposals;
  readonly reads: LinearReads;
  readonly applier: Applier;
  readonly sender: SnapshotSender;
  readonly pump: Pump;
  readonly time: ClusterTime;
}

/** Runs a round at every beat of its timer, from its construction until `close`. */
export class Housekeeping {
  readonly #parts: HousekeepingParts;
  readonly #raft: Raft;
  #timer: Timer;
  /** Whether an expiry is on its way through the log: the next one waits for it. */
  #expiryUnderWay = false;
  /** When a full disk is tried again, in monotonic ms. */
  #spaceRetryAt = 0;
  /** Time that passed and is not yet ticked to Raft, in ms; less than a tick after each round. */
  #elapsedMs = 0;
  /** Up to when time was counted into `#elapsedMs`, in monotonic ms. */
  #countedUntil: number;

  constructor(parts: HousekeepingParts) {
    this.#parts = parts;
    this.#raft = parts.raft;
    this.#countedUntil = parts.options.clock.monotonic();
    this.#timer = this.#later();
  }

  close(): void {
    this.#timer.cancel();
  }

  #later(): Timer {
    const { options, lifetime } = this.#parts;
    const alone = this.#raft.configuration.voters.length === 1 && this.#raft.role === 'leader';
    return options.timers.after(alone ? roundAloneMs : roundMs, () => {
      lifetime.run(() => {
        this.#timer = this.#later();
        this.#round();
      });
    });
  }

  #round(): void {
    const { options, lifetime, wal, proposals, applier, reads, sender, pump } = this.#parts;
    const now = options.clock.monotonic();
    proposals.expire(now, this.#raft.leader !== '');
    applier.revisions.expire(now);
    this.#tickRaft(now);
    if (this.#raft.role === 'leader') sender.tick((member) => this.#raft.matchOf(member));
    else sender.endAll();
    reads.retry(now, this.#raft.leader !== '', (context) => this.#raft.read(context));
    if (this.#raft.role !== 'leader' && proposals.oldestInFlightMs(now) > resubmitAfterMs) pump.resubmit();
    this.#retrySpace(now);
    lifetime.follow(wal.confirm());
    this.#expireKeys();
    applier.space.sweep(sweptWhenIdle);
    applier.apply();
    pump.run();
  }

  #retrySpace(now: number): void {
    const { wal } = this.#parts;
    if (wal.shortage === undefined || now < this.#spaceRetryAt) return;
    this.#spaceRetryAt = now + spaceRetryMs;
    void wal.prepare();
  }

  #tickRaft(now: number): void {
    const { tickMs = 50 } = this.#parts.options;
    // After a long pause of the process (a debugger, a suspended machine) only a few ticks count: a leader must not be
    // voted out at once.
    this.#elapsedMs = Math.min(this.#elapsedMs + now - this.#countedUntil, tickMs * 3);
    this.#countedUntil = now;
    for (; this.#elapsedMs >= tickMs; this.#elapsedMs -= tickMs) this.#raft.tick();
  }

  /** The leader lets keys expire through the log, so that they go everywhere at the same revision. */
  #expireKeys(): void {
    const { options, applier, proposals, wal, time } = this.#parts;
    const dueAt = applier.space.nextExpiryAt;
    if (this.#expiryUnderWay || this.#raft.role !== 'leader' || dueAt === undefined) return;
    // The log's time may be that of a wrong clock.
    const now = time.agreed();
    if (now === undefined || dueAt > now) return;
    if (!hasRoom(options, wal, true)) return;
    this.#expiryUnderWay = true;
    const ended = (): void => {
      this.#expiryUnderWay = false;
    };
    proposals.add('expire', options.clock.monotonic() + limits.proposalMs).then(ended, ended);
  }
}
