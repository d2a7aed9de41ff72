import { Packr } from 'msgpackr';
import { assert } from '../base/index.ts';
import { type KeySpace, type KeySpaceOptions, SnapshotDecoder, SnapshotEncoder, type StoreEvent, type TransactionResult } from '../mvcc/index.ts';
import type { Batch } from './batch.ts';
import { Sessions } from './sessions.ts';

const codec = new Packr({ useRecords: false });

/** What the log's entries act on: the key space and the sessions of those who write. */
export class StateMachine {
  readonly space: KeySpace;
  readonly #sessions: Sessions;

  constructor(space: KeySpace, sessions: Sessions = new Sessions()) {
    this.space = space;
    this.#sessions = sessions;
  }

  /** Applies a batch and adds its events to `events`. Undefined when the batch is a repetition or came out of order. */
  apply(batch: Batch, events: StoreEvent[]): readonly (TransactionResult | undefined)[] | undefined {
    if (!this.#sessions.accept(batch)) return undefined;
    return batch.items.map((item) => {
      if (item === 'tick') {
        events.push(...this.space.tick(batch.now));
        return { committed: true, revision: this.space.revision, records: [] };
      }
      if ('compact' in item) {
        this.space.compact(item.compact);
        return { committed: true, revision: this.space.revision, records: [] };
      }
      const applied = this.space.apply(item, batch.now);
      for (const event of applied.events) events.push(event);
      return applied.result;
    });
  }

  /** The sequence of the session's last applied batch. */
  lastOf(session: string): number {
    return this.#sessions.lastOf(session);
  }

  /** A snapshot of this moment, chunk by chunk; `close` ends it early. */
  snapshot(): { next(): Uint8Array | undefined; close(): void } {
    const encoder = new SnapshotEncoder(this.space);
    let sessions: Uint8Array | undefined = Uint8Array.from(codec.pack(this.#sessions.rows()));
    return {
      next: () => {
        const first = sessions;
        sessions = undefined;
        return first ?? encoder.next();
      },
      close: () => { encoder.close(); },
    };
  }
}

/** Rebuilds a state machine from the chunks of its snapshot. */
export class StateMachineDecoder {
  readonly #decoder: SnapshotDecoder;
  #sessions: Sessions | undefined;

  constructor(options: KeySpaceOptions) {
    this.#decoder = new SnapshotDecoder(options);
  }

  add(chunk: Uint8Array): void {
    if (this.#sessions === undefined) this.#sessions = new Sessions(codec.unpack(chunk) as [string, number][]);
    else this.#decoder.add(chunk);
  }

  finish(): StateMachine {
    assert(this.#sessions !== undefined, 'a snapshot begins with the sessions');
    return new StateMachine(this.#decoder.finish(), this.#sessions);
  }
}

/**
 * What a watcher must hear when the state jumps from `before` to `after` because a snapshot was installed: the true events
 * where the new history reaches back, else the difference, so that nobody misses an outcome. `before` is used up.
 */
export function eventsBetween(before: KeySpace, after: KeySpace): readonly StoreEvent[] {
  if (after.oldest <= before.revision) return after.eventsSince('', before.revision);
  const puts: StoreEvent[] = [];
  for (const record of after.range({ prefix: '' }).records) {
    const previous = before.get(record.key);
    if (previous?.revision !== record.revision) puts.push({ type: 'put', revision: record.revision, record, ...(previous === undefined ? {} : { previous }) });
  }
  const gone = before.range({ prefix: '' }).records.filter((record) => after.get(record.key) === undefined);
  // Applied to the old state, the deletions get the first revision that it had not shown: true enough, and in order.
  const { events } = before.apply({ compares: [], operations: gone.map(({ key }) => ({ type: 'delete', key })) }, 0);
  return [...events, ...puts.sort((a, b) => a.revision - b.revision)];
}
