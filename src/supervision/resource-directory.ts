/** Gives every stored resource an address, whose actor says what the object is. */
import {
  createDirectory,
  type ActorNode,
  type ActorSystem,
  type Directory,
  passiveKind,
  type ResourceReader,
  type ShardMap,
} from '../actors/index.ts';
import { type GroupResource, resources } from '../api/index.ts';
import { type Bus, subjectsOf } from '../bus/index.ts';
import type { ResourceCatalogue, ResourceView } from '../resources/index.ts';

interface ResourceDirectoryPorts {
  readonly system: ActorSystem;
  readonly bus: Bus;
  readonly cluster: string;
  readonly shardMap: ShardMap;
  readonly view: ResourceView;
  readonly catalogue: ResourceCatalogue;
  /** The actors that controllers have for an object of a kind. */
  readonly actorsOf: (resource: GroupResource, object: string) => readonly string[];
}

/**
 * Gives every stored resource an address. Its actor tells what the object is and which revision it has; what stands in
 * it is read through the doors, which check who asks.
 */
export function resourceDirectory(ports: ResourceDirectoryPorts): Directory {
  const { system, bus, cluster, shardMap, catalogue } = ports;
  const served = (kind: string): GroupResource | undefined => {
    const [resource = '', ...group] = kind.split('.');
    return catalogue.preferred(group.join('.'), resource)?.storage;
  };
  return createDirectory({
    system,
    bus,
    subjects: subjectsOf(cluster),
    shardMap,
    host: (kind) => {
      const resource = served(kind);
      return resource === undefined ? undefined : passiveKind(readerOf(resource, ports));
    },
  });
}

function readerOf(resource: GroupResource, { view, system, actorsOf }: ResourceDirectoryPorts): ResourceReader {
  return {
    object: (key) => {
      const object = view.get(resource, ...namesOf(key));
      if (object === undefined) return undefined;
      const { name, namespace, uid, resourceVersion, generation, creationTimestamp, deletionTimestamp } =
        object.metadata;
      return {
        apiVersion: object.apiVersion,
        kind: object.kind,
        metadata: { name, namespace, uid, resourceVersion, generation, creationTimestamp, deletionTimestamp },
      };
    },
    events: (key) => {
      const [namespace, name] = namesOf(key);
      const about = view.list<{
        readonly involvedObject?: { readonly uid?: string };
        readonly type?: string | undefined;
        readonly reason?: string | undefined;
        readonly message?: string | undefined;
        readonly count?: number | undefined;
      }>(resources.events, namespace ?? 'default');
      const uid = view.get(resource, namespace, name)?.metadata.uid;
      return uid === undefined
        ? []
        : about
            .filter((event) => event.involvedObject?.uid === uid)
            .slice(-eventsShown)
            .map(({ type, reason, message, count }) => ({ type, reason, message, count }));
    },
    actors: (key) => {
      const [namespace, name] = namesOf(key);
      const found = actorsOf(resource, namespace === undefined ? name : `${namespace}/${name}`).map((address) =>
        system.find(address),
      );
      return found
        .filter((actor): actor is ActorNode => actor !== undefined)
        .map(({ address, state, restarts, lastCrash }) => ({ address, state, restarts, lastCrash }));
    },
  };
}

const eventsShown = 20;

function namesOf(key: string): [namespace: string | undefined, name: string] {
  const [namespace = '', name = ''] = key.split('/');
  return [namespace === '_' ? undefined : namespace, name];
}
