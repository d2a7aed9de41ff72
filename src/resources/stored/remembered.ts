/** Values computed from whole collections, kept until one of them changes. */
import type { GroupResource } from '../../api/index.ts';
import type { Store } from '../../state/index.ts';
import { collectionPrefix } from './key.ts';

/** What is read from whole collections of a store: read once, and again when something of one of them has changed. */
export function remembered<T>(resources: readonly GroupResource[], read: (store: Store) => T): (store: Store) => T {
  const prefixes = resources.map((resource) => collectionPrefix(resource));
  const known = new WeakMap<Store, { value: T | undefined }>();
  return (store) => {
    let entry = known.get(store);
    if (entry === undefined) {
      const made: { value: T | undefined } = { value: undefined };
      store.onApplied((events) => {
        if (events.some(({ record }) => prefixes.some((prefix) => record.key.startsWith(prefix))))
          made.value = undefined;
      });
      known.set(store, made);
      entry = made;
    }
    return (entry.value ??= read(store));
  };
}
