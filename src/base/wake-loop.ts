/** Work that is done once for any number of wake-ups, and again when it failed or was woken meanwhile. */
import { delay, type Timers } from './clock.ts';

interface WakeLoopOptions {
  readonly timers: Timers;
  /** How long a failure is followed by nothing. */
  readonly retryMs: number;
  /** Brings everything up to date; never runs twice at a time. */
  readonly work: () => Promise<void>;
  readonly failed: (error: unknown) => void;
}

export class WakeLoop {
  readonly #options: WakeLoopOptions;
  #working = false;
  #again = false;
  #closed = false;

  constructor(options: WakeLoopOptions) {
    this.#options = options;
  }

  wake(): void {
    this.#again = true;
    if (this.#working) return;
    this.#working = true;
    void this.#run();
  }

  /** Nothing begins any more; work that has begun goes on to its end. */
  close(): void {
    this.#closed = true;
  }

  async #run(): Promise<void> {
    const { timers, retryMs, work, failed } = this.#options;
    while (this.#again && !this.#closed) {
      this.#again = false;
      try {
        await work();
      } catch (error) {
        failed(error);
        await delay(timers, retryMs);
        this.#again = true;
      }
    }
    // In one turn with the look at #again, so that no wake-up comes between.
    this.#working = false;
  }
}
