/** The store's life: work runs until a broken invariant or `close` ends it, and not after. */
import { errorMessage } from '../base/index.ts';
import type { StoreOptions } from './options.ts';
import { StoreError } from './store.ts';

/** Runs the work of a replica's parts; a broken invariant ends it, and the member's supervisor decides what follows. */
export class Lifetime {
  readonly #options: Pick<StoreOptions, 'log' | 'onFailure'>;
  readonly #onEnd: (error: StoreError) => void;
  /** Why nothing runs any more; undefined while the store lives. Set once. */
  #ended: StoreError | undefined;

  /** `onEnd` is called once, before anybody hears of the end. */
  constructor(options: Pick<StoreOptions, 'log' | 'onFailure'>, onEnd: (error: StoreError) => void) {
    this.#options = options;
    this.#onEnd = onEnd;
  }

  get ended(): StoreError | undefined {
    return this.#ended;
  }

  /** Runs `run` now, unless the store has ended; what it throws ends the store. */
  run(run: () => void): void {
    if (this.#ended !== undefined) return;
    try {
      run();
    } catch (error) {
      this.fail(error);
    }
  }

  /** Work that goes on beside: what it rejects with ends the store. */
  follow(work: Promise<void>): void {
    work.catch((error: unknown) => {
      this.fail(error);
    });
  }

  /** Ends the store because it cannot keep its promises. */
  fail(error: unknown): void {
    if (this.#ended !== undefined) return;
    this.#options.log.error('the store stops: it cannot keep its promises any more', { error });
    this.end(new StoreError('stopped', `the store stopped: ${errorMessage(error)}`, error));
    this.#options.onFailure?.(error);
  }

  end(error: StoreError): void {
    if (this.#ended !== undefined) return;
    this.#ended = error;
    this.#onEnd(error);
  }
}
