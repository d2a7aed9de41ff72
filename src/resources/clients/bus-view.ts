/** A node's view: ResourceView over informers of the NATS client. */
import { deepFreeze, type GroupResource, type KubeObject } from '../../api/index.ts';
import type { Logger } from '../../base/index.ts';
import { CollectionInformer, collectionOf } from '../../client/core/index.ts';
import type { FactsQuery, ObjectChange, ResourceView, ViewQuery } from '../client.ts';
import { factsOf } from '../stored/facts.ts';
import { type BusRequestPorts, wireOf } from './bus-client.ts';
import { ChangeListeners } from './change-listeners.ts';
import { infoOfRef } from './naming.ts';

export interface BusViewOptions extends BusRequestPorts {
  readonly queries: readonly ViewQuery[];
  readonly log: Logger;
}

interface Feed {
  readonly query: ViewQuery;
  readonly informer: CollectionInformer<KubeObject>;
}

/** One informer per query. While no member can be reached the view keeps what it last knew. */
export function busView(options: BusViewOptions): ResourceView & { close(): void } {
  const wire = wireOf(options);
  const listeners = new ChangeListeners();
  const feeds = options.queries.map((query): Feed => {
    const collection = collectionOf<KubeObject>(wire, infoOfRef(query), query.namespace);
    return {
      query,
      informer: new CollectionInformer(collection, options.timers, {
        labelSelector: query.labelSelector,
        fieldSelector: query.fieldSelector,
        prepare: deepFreeze,
        ...handlersOf(options.log, query, listeners),
      }),
    };
  });
  const matching = ({ group, resource }: GroupResource): CollectionInformer<KubeObject>[] =>
    feeds.filter(({ query }) => query.group === group && query.resource === resource).map(({ informer }) => informer);
  const list = <T>(resource: GroupResource, namespace?: string): readonly T[] => {
    const informers = matching(resource);
    const lists = informers.map((informer) => informer.list(namespace) as readonly T[]);
    return lists.length === 1 ? (lists[0] ?? []) : lists.flat();
  };
  return {
    get: <T = KubeObject>(resource: GroupResource, namespace: string | undefined, name: string) => {
      for (const informer of matching(resource)) {
        const found = informer.get(name, namespace);
        if (found !== undefined) return found as T;
      }
      return undefined;
    },
    list,
    facts: <T = KubeObject>(resource: GroupResource, query: FactsQuery = {}) =>
      factsOf(resource, list<T>(resource, query.namespace), query),
    ownedBy: <T = KubeObject>(resource: GroupResource, uid: string) =>
      list<KubeObject>(resource).filter(
        ({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid) === true,
      ) as readonly KubeObject[] as readonly T[],
    onChange: (listener, of) => listeners.add(listener, of),
    async synced() {
      const awaited = feeds.filter(({ query }) => query.optional !== true);
      await Promise.all(awaited.map(({ informer }) => informer.synced));
    },
    close() {
      for (const { informer } of feeds) informer.close();
      wire.close();
    },
  };
}

function handlersOf(log: Logger, { group, resource }: ViewQuery, listeners: ChangeListeners) {
  const tell = (type: ObjectChange['type'], object: KubeObject, previous?: KubeObject): void => {
    listeners.tell({ type, resource: { group, resource }, object, previous }, (error) => {
      throw error;
    });
  };
  return {
    added: (object: KubeObject) => {
      tell('put', object);
    },
    changed: (object: KubeObject, previous: KubeObject) => {
      tell('put', object, previous);
    },
    deleted: (object: KubeObject, previous: KubeObject) => {
      tell('delete', object, previous);
    },
    failed: (error: Error) => {
      log.debug('list or watch failed; retrying', { resource, reason: error.message });
    },
  };
}
