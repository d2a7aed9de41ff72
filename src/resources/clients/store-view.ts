import type { GroupResource, KubeObject } from '../../api/index.ts';
import { noTraces, parseTraceparent, type Trace, type TraceScope } from '../../base/index.ts';
import type { Store, StoreEvent } from '../../state/index.ts';
import type { FactsQuery, ObjectChange, ResourceView } from '../client.ts';
import { readFacts } from '../facts.ts';
import { collectionPrefix, parseKey } from '../key.ts';
import { readObject, readObjects } from '../reading.ts';

/**
 * A member's view: straight from the local replica, without a copy. Objects are those of the storage version, parsed when they
 * are first asked for. A change's object is parsed when a listener looks at it. Listeners run within the trace of the request that
 * caused the change.
 */
export function storeView(store: Store, traces: TraceScope = noTraces): ResourceView {
  // All listeners are given one batch before the next; what it changed is made once for all of them.
  let newest: { readonly events: readonly StoreEvent[]; readonly changes: readonly TracedChange[] } | undefined;
  const changesOf = (events: readonly StoreEvent[]): readonly TracedChange[] => {
    if (newest?.events !== events) newest = { events, changes: events.filter(isObject).map((event) => ({ change: changeOf(event), trace: parseTraceparent(event.trace) })) };
    return newest.changes;
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
      const watch = store.onApplied((events) => { for (const { change, trace } of changesOf(events)) traces.run(trace, () => { listener(change); }); });
      return () => { watch.close(); };
    },
    synced: () => Promise.resolve(),
  };
}

interface TracedChange {
  readonly change: ObjectChange;
  readonly trace: Trace | undefined;
}

/** Keys of the write path's own books (allocations) are no objects. */
function isObject({ record }: StoreEvent): boolean {
  return record.index.uid !== '';
}

function changeOf({ type, record, previous }: StoreEvent): ObjectChange {
  const { resource } = parseKey(record.key);
  const base = { type, resource, get object() { return record.object<KubeObject>(); } };
  // Spreading would call the getter, so the two shapes are written out.
  return previous === undefined ? base : { type, resource, get object() { return record.object<KubeObject>(); }, get previous() { return previous.object<KubeObject>(); } };
}
