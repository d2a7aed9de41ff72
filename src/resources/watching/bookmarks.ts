/** Bookmarks of the open watches. */
import type { Clock, Revision, Timer, Timers } from '../../base/index.ts';
import type { Store, StoreWatch } from '../../state/index.ts';

/** How often watchers are looked after, in ms: a short watch gets its bookmark before it ends. */
const tickMs = 2_000;
/**
 * A watcher that has been told the newest revision hears nothing more for this long, in ms (upstream: about a minute).
 */
const quietMs = 60_000;
/** While changes go on elsewhere, a watcher is told this often, in ms. */
const busyMs = 10_000;

export interface Bookmarks {
  /** `mark` is called from time to time with a revision up to which the watcher has been given everything. */
  add(mark: (revision: Revision) => void): { close(): void };
  close(): void;
}

interface Watcher {
  readonly mark: (revision: Revision) => void;
  toldRevision: number;
  toldAt: number;
}

/**
 * Bookmarks for all watches of a member, from one timer that runs only while there are watchers. Store watches hear of
 * a batch before a timer can fire, so the applied revision at a tick is one that every watcher has fully been given.
 */
export function createBookmarks({
  store,
  clock,
  timers,
}: {
  readonly store: Store;
  readonly clock: Clock;
  readonly timers: Timers;
}): Bookmarks {
  const watchers = new Set<Watcher>();
  let timer: Timer | undefined;
  let applied: StoreWatch | undefined;
  let reached = store.revision;

  const tick = (): void => {
    const now = clock.monotonic();
    for (const watcher of watchers) {
      const pause = watcher.toldRevision < reached ? busyMs : quietMs;
      if (watcher.toldRevision !== -1 && now - watcher.toldAt < pause) continue;
      watcher.toldRevision = reached;
      watcher.toldAt = now;
      watcher.mark(reached);
    }
  };
  const start = (): void => {
    reached = store.revision;
    applied = store.onApplied((_events, revision) => {
      reached = revision;
    });
    timer = timers.every(tickMs, tick);
  };
  const stop = (): void => {
    timer?.cancel();
    applied?.close();
    timer = undefined;
    applied = undefined;
  };
  return {
    add(mark) {
      if (timer === undefined) start();
      const watcher: Watcher = { mark, toldRevision: -1, toldAt: 0 };
      watchers.add(watcher);
      return {
        close() {
          if (watchers.delete(watcher) && watchers.size === 0) stop();
        },
      };
    },
    close() {
      watchers.clear();
      stop();
    },
  };
}
