/** Long work in steps, between which something else may be done. */

/** Work that can be left after each step and taken up again; no step looks at an object more than a few times. */
export type Steps<Result> = Generator<undefined, Result, undefined>;

/** Does all steps one after the other. */
export function atOnce<Result>(steps: Steps<Result>): Result {
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

/** Does the steps with a wait between them; `turn` gives undefined where there is nothing to wait for. */
export async function inTurns<Result>(steps: Steps<Result>, turn: () => Promise<void> | undefined): Promise<Result> {
  let step = steps.next();
  for (; step.done !== true; step = steps.next()) {
    const waiting = turn();
    if (waiting !== undefined) await waiting;
  }
  return step.value;
}

/** Says when so much was done since the last pause that another is due. */
export class Pace {
  readonly #max: number;
  #done = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Adds what comes next; true when a pause is due before it. */
  isDue(amount: number): boolean {
    const due = this.#done > 0 && this.#done + amount > this.#max;
    this.#done = due ? amount : this.#done + amount;
    return due;
  }
}
