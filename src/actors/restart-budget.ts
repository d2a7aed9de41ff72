/** The restart budget: pauses that grow, and the rest of an actor that spent it. */
import type { RestartBudget } from './actor.ts';

/** What the budget says to one more crash. */
type RestartDecision = { readonly type: 'restart'; readonly afterMs: number } | { readonly type: 'spent' };

/**
 * Counts the crashes of one actor: N restarts within T ms, each after a pause that doubles; the pause starts small
 * again once the window has passed without a crash (Erlang's restart intensity, with back-off).
 */
export class RestartCounter {
  readonly #budget: RestartBudget;
  #crashes: number[] = [];

  constructor(budget: RestartBudget) {
    this.#budget = budget;
  }

  /** Notes a crash at `now` (monotonic ms). */
  crashed(now: number): RestartDecision {
    const { restartsMax, withinMs, backoffMs, backoffMsMax } = this.#budget;
    this.#crashes = this.#crashes.filter((at) => now - at < withinMs);
    if (this.#crashes.length >= restartsMax) return { type: 'spent' };
    const afterMs = Math.min(backoffMs * 2 ** this.#crashes.length, backoffMsMax);
    this.#crashes.push(now);
    return { type: 'restart', afterMs };
  }
}

/** How long a parked actor rests: longer after each try that failed. */
export class Rest {
  /** Whether it may be tried again. */
  over = false;
  #nextMs: number;
  readonly #longestMs: number;

  constructor(firstMs: number, longestMs: number) {
    this.#nextMs = firstMs;
    this.#longestMs = longestMs;
  }

  /** Begins a rest; answers how long it lasts. */
  begin(): number {
    const lastsMs = this.#nextMs;
    this.over = false;
    this.#nextMs = Math.min(lastsMs * 2, this.#longestMs);
    return lastsMs;
  }
}
