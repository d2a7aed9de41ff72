import type { GroupResource, KubeObject } from '../../api/index.ts';
import { noTraces, parseTraceparent, type TraceScope } from '../../base/index.ts';
import type { Store, StoredRecord, StoreEvent, StoreWatch } from '../../state/index.ts';
import type { FactsQuery, ObjectChange, ResourceView } from '../client.ts';
import { readFacts, recordFacts } from '../facts.ts';
import { collectionPrefix, resourceOfKey } from '../key.ts';
import { readObject, readObjects } from '../reading.ts';

/**
 * A member's view: straight from the local replica, without a copy. Objects are those of the storage version, parsed when they
 * are first asked for. A change's object is parsed when a listener looks at it. Listeners run within the trace of the request that
 * caused the change.
 */
export function storeView(store: Store, traces: TraceScope = noTraces): ResourceView {
  // One listener of the store for all of the view's: a change is made, and its trace entered, once.
  const listeners = new Set<(change: ObjectChange) => void>();
  let watch: StoreWatch | undefined;
  const tell = (events: readonly StoreEvent[]): void => {
    const failures: unknown[] = [];
    for (const event of events) {
      if (!isObject(event)) continue;
      const change = changeOf(event);
      traces.run(parseTraceparent(event.trace), () => { tellAll(listeners, change, failures); });
    }
    // The store logs it; the other listeners have heard of everything.
    if (failures.length > 0) throw failures[0];
  };
  return {
    get: <T = KubeObject>(resource: GroupResource, namespace: string | undefined, name: string) => readObject<T>(store, resource, namespace, name),
    list: <T = KubeObject>(resource: GroupResource, namespace?: string) => readObjects<T>(store, resource, namespace),
    facts: <T = KubeObject>(resource: GroupResource, query?: FactsQuery) => readFacts<T>(store, resource, query),
    ownedBy<T = KubeObject>(resource: GroupResource, uid: string): readonly T[] {
      const prefix = collectionPrefix(resource);
      return store.ownedBy(uid).filter(({ key }) => key.startsWith(prefix)).map((record) => record.object<T>());
    },
    onChange(listener) {
      // The same function may listen twice.
      const own = (change: ObjectChange): void => { listener(change); };
      listeners.add(own);
      watch ??= store.onApplied(tell);
      return () => {
        listeners.delete(own);
        if (listeners.size > 0) return;
        watch?.close();
        watch = undefined;
      };
    },
    synced: () => Promise.resolve(),
  };
}

function tellAll(listeners: ReadonlySet<(change: ObjectChange) => void>, change: ObjectChange, failures: unknown[]): void {
  for (const listener of listeners) {
    try {
      listener(change);
    } catch (error) {
      failures.push(error);
    }
  }
}

/** Keys of the write path's own books (allocations) are no objects. */
function isObject({ record }: StoreEvent): boolean {
  return record.index.uid !== '';
}

function changeOf({ type, record, previous }: StoreEvent): ObjectChange {
  return previous === undefined ? new StoreChange(type, record) : new StoreReplacement(type, record, previous);
}

/** Nothing is parsed before a listener looks; the facts are made once for all of them. */
class StoreChange implements ObjectChange {
  readonly type: 'put' | 'delete';
  readonly resource: GroupResource;
  protected readonly record: StoredRecord;
  #facts: NonNullable<ObjectChange['facts']> | undefined;

  constructor(type: 'put' | 'delete', record: StoredRecord) {
    this.type = type;
    this.resource = resourceOfKey(record.key);
    this.record = record;
  }

  get object(): KubeObject {
    return this.record.object<KubeObject>();
  }

  get facts(): NonNullable<ObjectChange['facts']> {
    return this.#facts ??= this.makeFacts();
  }

  protected makeFacts(): NonNullable<ObjectChange['facts']> {
    return { object: recordFacts<KubeObject>(this.record) };
  }
}

class StoreReplacement extends StoreChange {
  readonly #previous: StoredRecord;

  constructor(type: 'put' | 'delete', record: StoredRecord, previous: StoredRecord) {
    super(type, record);
    this.#previous = previous;
  }

  get previous(): KubeObject {
    return this.#previous.object<KubeObject>();
  }

  protected override makeFacts(): NonNullable<ObjectChange['facts']> {
    return { object: recordFacts<KubeObject>(this.record), previous: recordFacts<KubeObject>(this.#previous) };
  }
}
