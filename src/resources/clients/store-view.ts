/** The view of a member: ResourceView straight on the local replica. */
import type { GroupResource, KubeObject } from '../../api/index.ts';
import { noTraces, parseTraceparent, type TraceScope } from '../../base/index.ts';
import type { Store, StoredRecord, StoreEvent, StoreWatch } from '../../state/index.ts';
import type { FactsQuery, ObjectChange, ResourceView } from '../client.ts';
import { readFacts, recordFacts } from '../stored/facts.ts';
import { collectionPrefix, resourceOfKey } from '../stored/key.ts';
import { readObject, readObjects } from '../stored/reading.ts';
import { ChangeListeners } from './change-listeners.ts';

/**
 * A member's view: straight from the local replica, without a copy. Objects are those of the storage version, parsed
 * when they are first asked for. A change's object is parsed when a listener looks at it. Most listeners find that a
 * change is none of theirs: who acts on one enters its trace then.
 */
export function storeView(store: Store, traces: TraceScope = noTraces): ResourceView {
  // One listener of the store for all of the view's: a change is made once.
  const listeners = new ChangeListeners();
  let watch: StoreWatch | undefined;
  const tell = (events: readonly StoreEvent[]): void => {
    const failures: unknown[] = [];
    for (const event of events) {
      if (isObject(event))
        listeners.tell(changeOf(event, traces), (error) => {
          failures.push(error);
        });
    }
    // The store logs it; the other listeners have heard of everything.
    if (failures.length > 0) throw failures[0];
  };
  return {
    get: <T = KubeObject>(resource: GroupResource, namespace: string | undefined, name: string) =>
      readObject<T>(store, resource, namespace, name),
    list: <T = KubeObject>(resource: GroupResource, namespace?: string) => readObjects<T>(store, resource, namespace),
    facts: <T = KubeObject>(resource: GroupResource, query?: FactsQuery) => readFacts<T>(store, resource, query),
    ownedBy<T = KubeObject>(resource: GroupResource, uid: string): readonly T[] {
      const prefix = collectionPrefix(resource);
      return store
        .ownedBy(uid)
        .filter(({ key }) => key.startsWith(prefix))
        .map((record) => record.object<T>());
    },
    onChange(listener, of) {
      const leave = listeners.add(listener, of);
      watch ??= store.onApplied(tell);
      return () => {
        leave();
        if (listeners.count > 0) return;
        watch?.close();
        watch = undefined;
      };
    },
    synced: () => Promise.resolve(),
  };
}

/** Keys of the write path's own books (allocations) are no objects. */
function isObject({ record }: StoreEvent): boolean {
  return record.index.uid !== '';
}

function changeOf(event: StoreEvent, traces: TraceScope): ObjectChange {
  return event.previous === undefined
    ? new StoreChange(event, traces)
    : new StoreReplacement(event, traces, event.previous);
}

/** Nothing is parsed before a listener looks; the facts are made once for all of them. */
class StoreChange implements ObjectChange {
  readonly type: 'put' | 'delete';
  readonly resource: GroupResource;
  protected readonly record: StoredRecord;
  readonly #trace: string | undefined;
  readonly #traces: TraceScope;
  #facts: NonNullable<ObjectChange['facts']> | undefined;

  constructor({ type, record, trace }: StoreEvent, traces: TraceScope) {
    this.type = type;
    this.resource = resourceOfKey(record.key);
    this.record = record;
    this.#trace = trace;
    this.#traces = traces;
  }

  get object(): KubeObject {
    return this.record.object<KubeObject>();
  }

  get facts(): NonNullable<ObjectChange['facts']> {
    return (this.#facts ??= this.makeFacts());
  }

  within(call: () => void): void {
    this.#traces.run(parseTraceparent(this.#trace), call);
  }

  protected makeFacts(): NonNullable<ObjectChange['facts']> {
    return { object: recordFacts<KubeObject>(this.record) };
  }
}

class StoreReplacement extends StoreChange {
  readonly #previous: StoredRecord;

  constructor(event: StoreEvent, traces: TraceScope, previous: StoredRecord) {
    super(event, traces);
    this.#previous = previous;
  }

  get previous(): KubeObject {
    return this.#previous.object<KubeObject>();
  }

  protected override makeFacts(): NonNullable<ObjectChange['facts']> {
    return { object: recordFacts<KubeObject>(this.record), previous: recordFacts<KubeObject>(this.#previous) };
  }
}
