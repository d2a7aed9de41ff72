import type { GroupResource, KubeObject } from '../../api/index.ts';
import { errorMessage, type Logger, type Timer } from '../../base/index.ts';
import type { FactsQuery, ObjectChange, ResourceView, ViewQuery } from '../client.ts';
import { factsOf } from '../facts.ts';
import { listOverBus, requestOf } from './bus-client.ts';
import { type BusRequestPorts, type BusRequests, createBusRequests } from './bus-requests.ts';
import { openBusWatch, type WatchEnd } from './bus-watch.ts';
import { ChangeListeners } from './change-listeners.ts';
import { infoOfRef } from './naming.ts';
import { ObjectCache } from './object-cache.ts';

const retryMs = 200;
const retryMsMax = 5_000;

export interface BusViewOptions extends BusRequestPorts {
  readonly queries: readonly ViewQuery[];
  readonly log: Logger;
}

/**
 * A node's view: one cache per query, filled by a list and kept up to date by a watch, both through the NATS door. A
 * watch that ends goes on where it was; after a gap, a silence or a 410 the list is read anew and what differs is told
 * as changes. While no member can be reached the view keeps what it last knew.
 */
export function busView(options: BusViewOptions): ResourceView & { close(): void } {
  const requests = createBusRequests(options);
  const listeners = new ChangeListeners();
  const tell = (changes: readonly ObjectChange[]): void => {
    for (const change of changes)
      listeners.tell(change, (error) => {
        throw error;
      });
  };
  const feeds = options.queries.map((query) => new Feed({ options, requests, tell }, query));
  // What was on its way when the connection went is lost, and only the next message would show it.
  options.bus.onStatus((status) => {
    if (status === 'connected') for (const feed of feeds) feed.again();
  });
  const matching = (resource: GroupResource): ObjectCache[] =>
    feeds
      .map(({ cache }) => cache)
      .filter((cache) => cache.resource.group === resource.group && cache.resource.resource === resource.resource);
  const list = (resource: GroupResource, namespace?: string): readonly KubeObject[] => {
    const caches = matching(resource);
    return caches.length === 1 ? (caches[0]?.list(namespace) ?? []) : caches.flatMap((cache) => cache.list(namespace));
  };
  return {
    get: <T = KubeObject>(resource: GroupResource, namespace: string | undefined, name: string) => {
      for (const cache of matching(resource)) {
        const found = cache.get(namespace, name);
        if (found !== undefined) return found as T;
      }
      return undefined;
    },
    list: <T = KubeObject>(resource: GroupResource, namespace?: string) => list(resource, namespace) as readonly T[],
    facts: <T = KubeObject>(resource: GroupResource, query: FactsQuery = {}) =>
      factsOf(resource, list(resource, query.namespace) as readonly T[], query),
    ownedBy: <T = KubeObject>(resource: GroupResource, uid: string) =>
      list(resource).filter(
        ({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid) === true,
      ) as unknown as readonly T[],
    onChange: (listener, of) => listeners.add(listener, of),
    async synced() {
      await Promise.all(feeds.map((feed) => feed.synced));
    },
    close() {
      for (const feed of feeds) feed.close();
      requests.close();
    },
  };
}

interface FeedPorts {
  readonly options: BusViewOptions;
  readonly requests: BusRequests;
  readonly tell: (changes: readonly ObjectChange[]) => void;
}

/** Keeps one query's cache: list, watch, and again. */
class Feed {
  readonly cache: ObjectCache;
  readonly synced: Promise<void>;
  readonly #ports: FeedPorts;
  readonly #query: ViewQuery;
  #resolveSynced: () => void = () => undefined;
  #revision = '';
  #failures = 0;
  #watch: { close(): void } | undefined;
  #timer: Timer | undefined;
  #closed = false;

  constructor(ports: FeedPorts, query: ViewQuery) {
    this.#ports = ports;
    this.#query = query;
    this.cache = new ObjectCache({ group: query.group, resource: query.resource });
    this.synced = new Promise((resolve) => {
      this.#resolveSynced = resolve;
    });
    void this.#list();
  }

  /** Ends a watch that may have missed something, and goes on from where it was. */
  again(): void {
    if (this.#watch === undefined) return;
    this.#watch.close();
    this.#retry('again', 'the connection to NATS is back');
  }

  close(): void {
    this.#closed = true;
    this.#watch?.close();
    this.#timer?.cancel();
  }

  async #list(): Promise<void> {
    try {
      const { items, resourceVersion } = await listOverBus(this.#ports.requests, this.#query);
      if (this.#closed) return;
      this.#revision = resourceVersion;
      this.#ports.tell(this.cache.replace(items));
      this.#resolveSynced();
      this.#open();
    } catch (error) {
      this.#retry('anew', errorMessage(error));
    }
  }

  #open(): void {
    const info = infoOfRef(this.#query);
    const { fieldSelector, labelSelector } = this.#query;
    const query = {
      resourceVersion: this.#revision,
      allowWatchBookmarks: 'true',
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
      ...(labelSelector === undefined ? {} : { labelSelector }),
    };
    try {
      this.#watch = openBusWatch(
        this.#ports.options,
        { verb: 'watch', ...requestOf(info, this.#query), query },
        {
          event: (type, object) => {
            this.#event(type, object);
          },
          ended: (end, reason) => {
            this.#retry(end, reason);
          },
        },
      );
    } catch (error) {
      this.#retry('again', errorMessage(error));
    }
  }

  #event(type: string, object: KubeObject): void {
    this.#failures = 0;
    this.#revision = object.metadata.resourceVersion ?? this.#revision;
    if (type === 'BOOKMARK') return;
    const change = type === 'DELETED' ? this.cache.remove(object) : this.cache.put(object);
    if (change !== undefined) this.#ports.tell([change]);
  }

  #retry(how: WatchEnd, reason: string): void {
    if (this.#closed) return;
    const { log, timers } = this.#ports.options;
    const delayMs = Math.min(retryMsMax, retryMs * 2 ** Math.min(this.#failures, 10));
    this.#failures += 1;
    log.debug('a view is read again', { resource: this.#query.resource, how, reason, delayMs });
    this.#watch = undefined;
    this.#timer = timers.after(delayMs, () => {
      // A watch that fails again and again from one revision is given up for a list.
      if (how === 'anew' || this.#failures > 3) void this.#list();
      else this.#open();
    });
  }
}
