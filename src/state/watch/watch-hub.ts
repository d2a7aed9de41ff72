/** The watchers of the store, by prefix and field value. */
import type { Revision } from '../../base/index.ts';
import { CompactedError, type KeySpace, type RangeQuery, type StoreEvent } from '../../mvcc/index.ts';
import type { StoreWatch } from '../store.ts';

/** Who hears events, and hears once that some were lost. */
export interface WatchListener {
  readonly events: (events: readonly StoreEvent[]) => void;
  readonly lost: (error: CompactedError) => void;
}

class Watcher implements StoreWatch {
  readonly listener: WatchListener;
  /** Events up to here come from history, or were delivered when the state jumped. */
  from: Revision;
  /** Live events that wait until history was delivered; undefined afterwards. */
  backlog: (readonly StoreEvent[])[] | undefined = [];
  closed = false;
  readonly #remove: () => void;

  constructor(listener: WatchListener, from: Revision, remove: () => void) {
    this.listener = listener;
    this.from = from;
    this.#remove = remove;
  }

  deliver(events: readonly StoreEvent[]): void {
    if (this.closed) return;
    const [first] = events;
    // A watch may begin in the future of this replica: what comes before its start is not for it.
    const due =
      first !== undefined && first.revision > this.from ? events : events.filter((event) => event.revision > this.from);
    if (due.length === 0) return;
    if (this.backlog === undefined) this.listener.events(due);
    else this.backlog.push(due);
  }

  /** History first, then what came live meanwhile. */
  start(history: readonly StoreEvent[]): void {
    const backlog = this.backlog ?? [];
    this.backlog = undefined;
    for (const events of history.length > 0 ? [history, ...backlog] : backlog) {
      if (this.closed) return;
      this.listener.events(events);
    }
  }

  close(): void {
    this.closed = true;
    this.#remove();
  }
}

/**
 * The watchers of one prefix: they share the array of events that concern them. Those who asked for one value of a
 * field share a bucket within.
 */
interface Bucket {
  readonly watchers: Set<Watcher>;
  /** By field and value. */
  readonly fields: Map<string, Map<string, Bucket>>;
}

const newBucket = (): Bucket => ({ watchers: new Set(), fields: new Map() });

interface HubQuery {
  readonly prefix: string;
  readonly from: Revision;
  readonly history: readonly StoreEvent[];
  readonly field?: RangeQuery['field'] | undefined;
}

/**
 * Finds the watchers of an event by the prefixes of its key, and by the value of a field that they asked for, so that
 * an event costs only those who asked for it: thousands of agents watch the pods of their node. Prefixes are
 * grouped by their length: a key is cut once per length in use.
 */
export class WatchHub {
  readonly #lengths = new Map<number, Map<string, Bucket>>();
  #count = 0;
  readonly #onError: (error: unknown) => void;

  /** `onError` hears what a listener throws; the other watchers are not disturbed. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  get count(): number {
    return this.#count;
  }

  /**
   * Registers from revision `from` on; `history` holds what lies between the asked revision and `from`. Delivery begins
   * after the caller has its handle.
   */
  add(query: HubQuery, listener: WatchListener): StoreWatch {
    const bucket = this.#bucket(query);
    const watcher: Watcher = new Watcher(listener, query.from, () => {
      this.#remove(query, watcher);
    });
    bucket.watchers.add(watcher);
    this.#count += 1;
    queueMicrotask(() => {
      this.#guard(() => {
        watcher.start(query.history);
      });
    });
    return watcher;
  }

  /** Delivers one applied batch. */
  publish(events: readonly StoreEvent[]): void {
    if (this.#count === 0) return;
    const last = events[events.length - 1];
    if (last === undefined) return;
    const wanted = new Map<Bucket, StoreEvent[]>();
    for (const event of events) this.#collect(event, wanted);
    for (const [bucket, found] of wanted) {
      for (const watcher of [...bucket.watchers]) {
        if (watcher.from < last.revision)
          this.#guard(() => {
            watcher.deliver(found);
          });
      }
    }
  }

  /**
   * The state jumps from `reached` to that of `space`: each watcher hears what happened between, or that nobody knows
   * it any more.
   */
  jump(reached: Revision, space: Pick<KeySpace, 'oldest' | 'revision' | 'eventsSince'>): void {
    const all = [...this.#lengths.values()].flatMap((buckets) =>
      [...buckets].flatMap(([prefix, bucket]) => [...watchersOf(bucket)].map((watcher) => ({ prefix, watcher }))),
    );
    for (const { prefix, watcher } of all) {
      const position = Math.max(watcher.from, reached) as Revision;
      if (watcher.closed) continue;
      if (position < space.oldest) {
        watcher.close();
        this.#guard(() => {
          watcher.listener.lost(new CompactedError(position, space.oldest));
        });
        continue;
      }
      this.#guard(() => {
        watcher.deliver(space.eventsSince(prefix, position));
      });
      watcher.from = Math.max(position, space.revision) as Revision;
    }
  }

  closeAll(): void {
    for (const buckets of this.#lengths.values())
      for (const bucket of buckets.values()) for (const watcher of watchersOf(bucket)) watcher.closed = true;
    this.#lengths.clear();
    this.#count = 0;
  }

  #collect(event: StoreEvent, wanted: Map<Bucket, StoreEvent[]>): void {
    const { key } = event.record;
    for (const [length, buckets] of this.#lengths) {
      const bucket = length <= key.length ? buckets.get(key.slice(0, length)) : undefined;
      if (bucket === undefined) continue;
      if (bucket.watchers.size > 0) want(wanted, bucket, event);
      for (const [name, values] of bucket.fields) {
        const [now, before] = [event.record, event.previous].map((record) => record?.index.fields[name] ?? '');
        want(wanted, values.get(now ?? ''), event);
        if (before !== now) want(wanted, values.get(before ?? ''), event);
      }
    }
  }

  #bucket({ prefix, field }: HubQuery): Bucket {
    const whole = made(
      made(this.#lengths, prefix.length, () => new Map<string, Bucket>()),
      prefix,
      newBucket,
    );
    return field === undefined
      ? whole
      : made(
          made(whole.fields, field.name, () => new Map<string, Bucket>()),
          field.value,
          newBucket,
        );
  }

  #remove({ prefix, field }: HubQuery, watcher: Watcher): void {
    const buckets = this.#lengths.get(prefix.length);
    const whole = buckets?.get(prefix);
    const values = field === undefined ? undefined : whole?.fields.get(field.name);
    const own = field === undefined ? whole : values?.get(field.value);
    if (buckets === undefined || whole === undefined || own?.watchers.delete(watcher) !== true) return;
    this.#count -= 1;
    if (field !== undefined && own.watchers.size === 0) values?.delete(field.value);
    if (field !== undefined && values?.size === 0) whole.fields.delete(field.name);
    if (whole.watchers.size === 0 && whole.fields.size === 0) buckets.delete(prefix);
    if (buckets.size === 0) this.#lengths.delete(prefix.length);
  }

  #guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#onError(error);
    }
  }
}

/** What a map has at a key, made where it has nothing. */
function made<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}

function want(wanted: Map<Bucket, StoreEvent[]>, bucket: Bucket | undefined, event: StoreEvent): void {
  if (bucket !== undefined) made(wanted, bucket, () => []).push(event);
}

function* watchersOf({ watchers, fields }: Bucket): Generator<Watcher, undefined> {
  yield* watchers;
  for (const values of fields.values()) for (const bucket of values.values()) yield* watchersOf(bucket);
  return undefined;
}
