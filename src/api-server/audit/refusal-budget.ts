/** How many lines of the trail one caller's refused requests may fill. */
import { type Clock, cutText } from '../../base/index.ts';

/** Refusals that are recorded at once, and each second after that. */
const burst = 200;
const perSecond = 2;
/** Callers that are told apart; who has asked for nothing for longest is forgotten. */
const callersMax = 2_000;
const callerLengthMax = 128;

interface Caller {
  /** Lines that may still be written. */
  lines: number;
  /** When that was reckoned, in ms. */
  at: number;
  leftOut: number;
}

/**
 * Refused requests change nothing, so a caller who sends very many of them gets so many lines and no more: they would
 * push the lines of others out of the log. What is done leaves its line always.
 */
export class RefusalBudget {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #callers = new Map<string, Caller>();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Takes a line. Undefined: none is left. Otherwise how many were left out since the caller's last one. */
  take(name: string): number | undefined {
    const caller = this.#callerOf(cutText(name, callerLengthMax));
    if (caller.lines < 1) {
      caller.leftOut += 1;
      return undefined;
    }
    caller.lines -= 1;
    const { leftOut } = caller;
    caller.leftOut = 0;
    return leftOut;
  }

  #callerOf(name: string): Caller {
    const now = this.#clock.monotonic();
    const caller = this.#callers.get(name) ?? { lines: burst, at: now, leftOut: 0 };
    caller.lines = Math.min(burst, caller.lines + ((now - caller.at) / 1000) * perSecond);
    caller.at = now;
    // Whoever asks stands last.
    this.#callers.delete(name);
    this.#callers.set(name, caller);
    const [oldest] = this.#callers.keys();
    if (this.#callers.size > callersMax && oldest !== undefined) this.#callers.delete(oldest);
    return caller;
  }
}
