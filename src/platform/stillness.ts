/** Whether an event loop stands still, judged by turns of another thread. Pure. */

/**
 * Fed with the number of beats at each turn of the watcher. Only turns that the watcher has had itself count: a process
 * that was stopped, or whose machine slept, was still for one turn, however long that took.
 */
export class Stillness {
  readonly #turnsMax: number;
  #beats = -1;
  #turns = 0;

  constructor(turnsMax: number) {
    this.#turnsMax = turnsMax;
  }

  /** True: the loop has not beaten in as many turns as are allowed. `excused`: a debugger may hold it. */
  turn(beats: number, excused: boolean): boolean {
    this.#turns = beats === this.#beats && !excused ? this.#turns + 1 : 0;
    this.#beats = beats;
    return this.#turns >= this.#turnsMax;
  }
}
