/** Lets the faults of a schedule begin and end at their moments, and undoes all of them whatever happens. */
import { delay, errorMessage } from '../../base/index.ts';
import { Unanswered } from '../clients/api-client.ts';
import { type Effect, type FaultContext, NothingToStrike, NotMended } from '../faults/fault.ts';
import { faultOf } from '../faults/faults.ts';
import type { FaultResult } from '../report/report.ts';
import { faultText } from '../scenario/explanation.ts';
import type { ScheduledFault } from '../scenario/schedule.ts';
import { Impossible } from '../targets/target.ts';

/** A fault as it went; what probes felt of it is known in the end. */
export type FaultRecord = Omit<FaultResult, 'felt' | 'overlaps'>;

export type FaultMoment = 'began' | 'ended' | 'failed';

type Shared = Omit<FaultContext, 'spec' | 'pick'>;

interface FaultRunnerOptions {
  readonly shared: Shared;
  /** When the schedule begins, in ms since the start of the workload. */
  readonly fromMs: number;
  readonly told: (record: FaultRecord, moment: FaultMoment) => void;
  readonly signal: AbortSignal;
}

/** How long a victim, or an answer, is waited for. */
const victimMs = 20_000;
const retryMs = 250;
/** How long an end that fails is tried again: another fault may be in its way. */
const undoMs = 20_000;
const undoRetryMs = 1_000;

export class FaultRunner {
  readonly #options: FaultRunnerOptions;
  readonly #records: FaultRecord[] = [];
  /** Faults in force. */
  readonly #effects = new Map<number, Effect>();
  readonly #unmended: string[] = [];

  constructor(options: FaultRunnerOptions) {
    this.#options = options;
  }

  get records(): readonly FaultRecord[] {
    return this.#records.toSorted((a, b) => a.id - b.id);
  }

  /** What the cluster should have mended by itself and did not, and what could not be undone, a sentence each. */
  get unmended(): readonly string[] {
    return this.#unmended;
  }

  /** Resolves when every fault has ended; early, with all undone, when the run is broken off. */
  async run(schedule: readonly ScheduledFault[]): Promise<void> {
    const { signal } = this.#options;
    await Promise.all(schedule.map((fault) => this.#one(fault)));
    if (signal.aborted) await this.undo();
  }

  /** Ends whatever is in force. */
  async undo(): Promise<void> {
    for (const [id, effect] of this.#effects) {
      this.#effects.delete(id);
      await this.#undo(id, effect);
    }
  }

  /** Answers what there is to say of it. */
  async #undo(id: number, effect: Effect): Promise<string | undefined> {
    const { now, timers } = this.#options.shared;
    for (const until = now() + undoMs; ;) {
      try {
        return await effect.end();
      } catch (error) {
        const isUndone = error instanceof NotMended;
        if (!isUndone && now() < until) {
          await delay(timers, undoRetryMs);
          continue;
        }
        const message = errorMessage(error);
        const said = isUndone ? message : `fault ${id} (${effect.victim}) could not be undone: ${message}`;
        this.#unmended.push(said);
        return said;
      }
    }
  }

  async #one(fault: ScheduledFault): Promise<void> {
    const { shared, fromMs, signal } = this.#options;
    await this.#wait(fromMs + fault.atMs - shared.now());
    if (signal.aborted) return;
    const record = {
      id: fault.id,
      fault: fault.spec.fault,
      spec: faultText(fault.spec),
      victim: '',
      beganMs: Math.round(shared.now()),
    };
    try {
      const effect = await this.#begin(fault);
      this.#effects.set(fault.id, effect);
      const began: FaultRecord = {
        ...record,
        victim: effect.victim,
        endedMs: shared.now(),
        outcome: 'took-effect',
        proof: effect.proof,
      };
      this.#options.told(began, 'began');
      await this.#wait(record.beganMs + fault.spec.forMs - shared.now());
      await this.#end(began, effect);
    } catch (error) {
      const outcome = error instanceof Impossible ? 'impossible' : 'no-effect';
      const failed: FaultRecord = { ...record, endedMs: Math.round(shared.now()), outcome, proof: errorMessage(error) };
      this.#records.push(failed);
      this.#options.told(failed, 'failed');
    }
  }

  async #begin({ spec, pick }: ScheduledFault): Promise<Effect> {
    const { shared, signal } = this.#options;
    const end = shared.now() + victimMs;
    for (;;) {
      try {
        return await faultOf(spec.fault, shared.target)({ ...shared, spec, pick });
      } catch (error) {
        const later = error instanceof NothingToStrike || error instanceof Unanswered;
        if (!later || shared.now() > end || signal.aborted) throw error;
        await this.#wait(retryMs);
      }
    }
  }

  async #end(began: FaultRecord, effect: Effect): Promise<void> {
    if (!this.#effects.delete(began.id)) return;
    const more = await this.#undo(began.id, effect);
    const proof = more === undefined ? began.proof : `${began.proof}; ${more}`;
    const ended: FaultRecord = { ...began, endedMs: Math.round(this.#options.shared.now()), proof };
    this.#records.push(ended);
    this.#options.told(ended, 'ended');
  }

  /** Resolves at once when the run is broken off. */
  #wait(ms: number): Promise<void> {
    const { shared, signal } = this.#options;
    if (ms <= 0 || signal.aborted) return Promise.resolve();
    const aborted = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => {
        resolve();
      });
    });
    return Promise.race([delay(shared.timers, ms), aborted]);
  }
}
