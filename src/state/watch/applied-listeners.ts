/** Those who hear of every applied batch. */
import type { Revision } from '../../base/index.ts';
import type { StoreEvent } from '../../mvcc/index.ts';
import type { StoreWatch } from '../store.ts';

export type AppliedListener = (events: readonly StoreEvent[], revision: Revision) => void;

/** They hear of all keys, in the order in which they came. */
export class AppliedListeners {
  readonly #listeners = new Set<AppliedListener>();
  readonly #onError: (error: unknown) => void;

  /** `onError` hears what a listener throws; the others are not disturbed. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  get count(): number {
    return this.#listeners.size;
  }

  add(listener: AppliedListener): StoreWatch {
    this.#listeners.add(listener);
    return {
      close: () => {
        this.#listeners.delete(listener);
      },
    };
  }

  tell(events: readonly StoreEvent[], revision: Revision): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(events, revision);
      } catch (error) {
        this.#onError(error);
      }
    }
  }

  clear(): void {
    this.#listeners.clear();
  }
}
