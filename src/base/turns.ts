/** Shares the event loop out: long work waits for a turn of its own, and users take turns. */
import type { Clock, Timers } from './clock.ts';
import { limits } from './limits.ts';

interface TurnPorts {
  readonly clock: Clock;
  readonly timers: Timers;
}

interface Waiter {
  readonly bytes: number;
  readonly go: () => void;
}

/**
 * Work on a request grows with the bytes that it looks at. What looks at many asks for a turn before each step; within
 * one turn of the event loop there is room for `limits.turnBytesMax`, or for one step of any size. Small steps, of
 * which even the write of a pod has dozens, have room for `limits.turnMs` as well: otherwise the loop would be idle for
 * want of turns. Users come one after the other, so none waits for all steps of another. Between two turns the loop
 * does everything else.
 */
export class Turns {
  readonly #ports: TurnPorts;
  readonly #waiting = new Map<string, Waiter[]>();
  /** Bytes of steps that began in this turn of the loop. */
  #taken = 0;
  /** The largest of these steps. */
  #largest = 0;
  /** When this turn began. */
  #from = 0;
  #scheduled = false;

  constructor(ports: TurnPorts) {
    this.#ports = ports;
  }

  /** Undefined: go on. Otherwise resolves when the turn has come; the step then runs up to its next `await`. */
  take(user: string, bytes: number): Promise<void> | undefined {
    if (bytes < limits.turnBytesMin) return undefined;
    this.#begin();
    if (this.#hasRoom(bytes)) {
      this.#begins(bytes);
      return undefined;
    }
    return new Promise((go) => {
      const queue = this.#waiting.get(user);
      if (queue === undefined) this.#waiting.set(user, [{ bytes, go }]);
      else queue.push({ bytes, go });
    });
  }

  #hasRoom(bytes: number): boolean {
    const { clock } = this.#ports;
    if (this.#waiting.size === 0 && (this.#taken === 0 || this.#taken + bytes <= limits.turnBytesMax)) return true;
    return bytes < limits.turnBytesMax && clock.monotonic() - this.#from < limits.turnMs;
  }

  #begins(bytes: number): void {
    this.#taken += bytes;
    this.#largest = Math.max(this.#largest, bytes);
  }

  #begin(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    const { clock, timers } = this.#ports;
    this.#from = clock.monotonic();
    timers.after(0, () => {
      const tookMs = clock.monotonic() - this.#from;
      const rests = this.#waiting.size > 0 && this.#largest >= limits.turnBytesMax && tookMs >= restFromMs;
      if (rests) timers.after(Math.min(tookMs / 2, restMsMax), () => this.#next());
      else this.#next();
    });
  }

  #next(): void {
    this.#scheduled = false;
    this.#taken = 0;
    this.#largest = 0;
    for (const [user, queue] of this.#waiting) {
      const [first] = queue;
      if (first === undefined || (this.#taken > 0 && this.#taken + first.bytes > limits.turnBytesMax)) break;
      this.#begins(first.bytes);
      queue.shift();
      this.#waiting.delete(user);
      if (queue.length > 0) this.#waiting.set(user, queue);
      first.go();
    }
    if (this.#taken > 0) this.#begin();
  }
}

/** After a long turn of large steps the loop is left to everything else for half as long. */
const restFromMs = 5;
const restMsMax = 25;
