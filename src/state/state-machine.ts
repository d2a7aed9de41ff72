/** What log entries act on: the key space and the sessions, and their snapshot. */
import { Packr } from 'msgpackr';
import { assert } from '../base/index.ts';
import {
  KeySpace,
  type KeySpaceOptions,
  SnapshotDecoder,
  SnapshotEncoder,
  type StoreEvent,
  type TransactionResult,
  type Version,
} from '../mvcc/index.ts';
import type { Batch, BatchItem } from './batch/index.ts';
import { Sessions, sessionsImageOf, type Verdict } from './sessions.ts';

const codec = new Packr({ useRecords: false });

/** What decides how much of the past is kept: the same on all members. */
export interface StateOptions extends KeySpaceOptions {
  /** Sessions whose last batch is remembered. */
  readonly sessionsMax?: number | undefined;
}

/** Equal entries make equal states, byte for byte. */
export class StateMachine {
  readonly space: KeySpace;
  readonly #sessions: Sessions;

  constructor(space: KeySpace, sessions: Sessions) {
    this.space = space;
    this.#sessions = sessions;
  }

  /** A state with nothing in it. */
  static empty(options: StateOptions): StateMachine {
    return new StateMachine(new KeySpace(options), new Sessions(undefined, options.sessionsMax));
  }

  /**
   * Applies a batch that is due and adds the versions that it makes to `changes`; why it was not applied else. Without
   * `answered` nobody waits for the results, and there are none.
   */
  apply(batch: Batch, changes: Version[], answered = true): readonly TransactionResult[] | Exclude<Verdict, 'due'> {
    const verdict = this.#sessions.accept(batch);
    if (verdict !== 'due') return verdict;
    const results: TransactionResult[] = [];
    for (const item of batch.items) {
      const records: (Version | undefined)[] | undefined = answered ? [] : undefined;
      const failed = this.#applyItem(item, batch.now, { changes, records });
      if (records === undefined) continue;
      const { revision } = this.space;
      results.push(failed < 0 ? { committed: true, revision, records } : { committed: false, revision, failed });
    }
    return results;
  }

  #applyItem(
    item: BatchItem,
    now: number,
    into: { readonly changes: Version[]; readonly records: (Version | undefined)[] | undefined },
  ): number {
    if (item === 'expire') this.space.expireInto(now, into.changes);
    else if ('compact' in item) this.space.compact(item.compact);
    else return this.space.applyInto(item, now, into);
    return -1;
  }

  /** Which batches were applied already. */
  get sessions(): Pick<Sessions, 'lastOf' | 'isForgotten' | 'moment'> {
    return this.#sessions;
  }

  /** What a snapshot holds of the sessions. */
  get sessionsImage(): unknown {
    return this.#sessions.image();
  }

  /**
   * A snapshot of this moment, chunk by chunk; `close` ends it early. `divided: false`: for a program from before large
   * chunks were divided.
   */
  snapshot(options?: { readonly divided: boolean }): { next(): Uint8Array | undefined; close(): void } {
    const encoder = new SnapshotEncoder(this.space, options);
    let sessions: Uint8Array | undefined = Uint8Array.from(codec.pack(this.#sessions.image()));
    return {
      next: () => {
        const first = sessions;
        sessions = undefined;
        return first ?? encoder.next();
      },
      close: () => {
        encoder.close();
      },
    };
  }
}

/** Rebuilds a state machine from the chunks of its snapshot. */
export class StateMachineDecoder {
  readonly #decoder: SnapshotDecoder;
  readonly #options: StateOptions;
  #sessions: Sessions | undefined;

  constructor(options: StateOptions) {
    this.#options = options;
    this.#decoder = new SnapshotDecoder(options);
  }

  add(chunk: Uint8Array): void {
    if (this.#sessions === undefined)
      this.#sessions = new Sessions(sessionsImageOf(codec.unpack(chunk)), this.#options.sessionsMax);
    else this.#decoder.add(chunk);
  }

  finish(): StateMachine {
    assert(this.#sessions !== undefined, 'a snapshot begins with the sessions');
    return new StateMachine(this.#decoder.finish(), this.#sessions);
  }
}

/**
 * What listeners of all changes must hear when the state jumps from `before` to `after` because a snapshot was
 * installed: the true events where the new history reaches back, else the difference, so that nobody misses an outcome.
 * `before` is used up.
 */
export function eventsBetween(before: KeySpace, after: KeySpace): readonly StoreEvent[] {
  if (after.oldest <= before.revision) return after.eventsSince('', before.revision);
  const puts: StoreEvent[] = [];
  for (const record of after.range({ prefix: '' }).records) {
    const previous = before.get(record.key);
    if (previous?.revision !== record.revision) puts.push({ type: 'put', revision: record.revision, record, previous });
  }
  const gone = before.range({ prefix: '' }).records.filter((record) => after.get(record.key) === undefined);
  // Applied to the old state, the deletions get the first revision that it had not shown: true enough, and in order.
  const { events } = before.apply({ compares: [], operations: gone.map(({ key }) => ({ type: 'delete', key })) }, 0);
  return [...events, ...puts.sort((a, b) => a.revision - b.revision)];
}
