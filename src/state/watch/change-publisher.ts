/** All who hear of changes: the watchers and the listeners of applied batches. */
import { errorMessage, type Logger, type Revision } from '../../base/index.ts';
import { eventOf, type KeySpace, type RangeQuery, type StoreEvent, type Version } from '../../mvcc/index.ts';
import { eventsBetween } from '../state-machine.ts';
import type { StoreWatch } from '../store.ts';
import { type AppliedListener, AppliedListeners } from './applied-listeners.ts';
import { WatchHub, type WatchListener } from './watch-hub.ts';

type WatchQuery = Pick<RangeQuery, 'prefix' | 'field'> & { readonly after: Revision };

/** Hands every change to watchers, then to listeners of applied batches. One that throws disturbs no other. */
export class ChangePublisher {
  readonly #hub: WatchHub;
  readonly #listeners: AppliedListeners;

  constructor(log: Logger) {
    this.#hub = new WatchHub((error) => {
      log.error('a watch listener failed', { error: errorMessage(error) });
    });
    this.#listeners = new AppliedListeners((error) => {
      log.error('a listener of applied batches failed', { error: errorMessage(error) });
    });
  }

  /** History comes from `space` as it is now. Throws CompactedError when that does not reach back to `after`. */
  watch(space: KeySpace, query: WatchQuery, listener: WatchListener): StoreWatch {
    const history = space.eventsSince(query.prefix, query.after);
    const from = Math.max(query.after, space.revision) as Revision;
    return this.#hub.add({ ...query, from, history }, listener);
  }

  onApplied(listener: AppliedListener): StoreWatch {
    return this.#listeners.add(listener);
  }

  /** What was applied, with the revision that it reached. Costs nothing while nobody listens. */
  publish(changes: readonly Version[], revision: Revision): void {
    if (this.#hub.count > 0 || this.#listeners.count > 0) this.#announce(changes.map(eventOf), revision);
  }

  /** The state became `after` at once because a snapshot was installed. `before` is used up. */
  jump(before: KeySpace, after: KeySpace): void {
    this.#hub.jump(before.revision, after);
    const events = eventsBetween(before, after);
    if (events.length > 0) this.#announce(events, after.revision);
  }

  close(): void {
    this.#hub.closeAll();
    this.#listeners.clear();
  }

  #announce(events: readonly StoreEvent[], revision: Revision): void {
    this.#hub.publish(events);
    this.#listeners.tell(events, revision);
  }
}
