/** The newest crash records, kept past the end of the process. */
import { errorMessage, limits, type Logger } from '../base/index.ts';
import type { CrashRecord } from './tree.ts';

/** Where crash records outlive the process. */
export interface CrashStore {
  /** Records of earlier processes, oldest first. */
  load(): readonly CrashRecord[];
  /** Keeps one more; what is older than `limits.crashRecordsMax` may be forgotten. */
  append(record: CrashRecord): Promise<void>;
}

/**
 * The newest crashes of this process and the ones before, with a bound. A store that fails costs the record's life,
 * never the actor's.
 */
export class CrashJournal {
  readonly #store: CrashStore | undefined;
  readonly #log: Logger;
  #records: CrashRecord[];
  #written: Promise<void> = Promise.resolve();

  constructor({ store, log }: { readonly store?: CrashStore | undefined; readonly log: Logger }) {
    this.#store = store;
    this.#log = log;
    this.#records = [...(store?.load() ?? [])].slice(-limits.crashRecordsMax);
  }

  records(): readonly CrashRecord[] {
    return this.#records.slice(-limits.crashRecordsMax);
  }

  add(record: CrashRecord): void {
    this.#records.push(record);
    // Cut in large steps: a storm of crashes must not pay for each.
    if (this.#records.length >= limits.crashRecordsMax * 2)
      this.#records = this.#records.slice(-limits.crashRecordsMax);
    const store = this.#store;
    if (store === undefined) return;
    this.#written = this.#written
      .then(() => store.append(record))
      .catch((error: unknown) => {
        this.#log.warn('cannot keep a crash record on disk', {
          actor: record.address,
          error: errorMessage(error),
        });
      });
  }

  /** Resolves when all records so far are kept. */
  flush(): Promise<void> {
    return this.#written;
  }
}
