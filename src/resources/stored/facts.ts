/** What is known of a stored object without parsing it. */
import type { GroupResource, KubeObject, ResourceInfo } from '../../api/index.ts';
import type { RecordIndex, Store, StoredRecord } from '../../state/index.ts';
import { builtInCatalogue } from '../catalogue.ts';
import type { FactsQuery, ObjectFacts } from '../client.ts';
import { collectionPrefix, objectKey } from './key.ts';
import { recordIndexOf } from './record-index.ts';

function bufferOf(record: StoredRecord): Buffer {
  const { buffer, byteOffset, byteLength } = record.view();
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** What the store keeps beside a record's bytes. */
class RecordFacts<T> implements ObjectFacts<T> {
  readonly #record: StoredRecord;

  constructor(record: StoredRecord) {
    this.#record = record;
  }

  get index(): RecordIndex {
    return this.#record.index;
  }

  mentions(text: string): boolean {
    return bufferOf(this.#record).includes(text);
  }

  object(): T {
    return this.#record.object<T>();
  }

  read(): T {
    return JSON.parse(bufferOf(this.#record).toString('utf8')) as T;
  }
}

export const recordFacts = <T>(record: StoredRecord): ObjectFacts<T> => new RecordFacts<T>(record);

/** The facts of a stored collection, in the order of its keys. One object that is named costs a look-up. */
export function readFacts<T>(
  store: Store,
  resource: GroupResource,
  { namespace, field }: FactsQuery = {},
): readonly ObjectFacts<T>[] {
  if (field?.name === 'metadata.name' && (namespace !== undefined || isOfCluster(resource))) {
    const record = store.get(objectKey(resource, namespace, field.value));
    return record === undefined ? [] : [recordFacts<T>(record)];
  }
  const { records } = store.range({
    prefix: collectionPrefix(resource, namespace),
    ...(field === undefined ? {} : { field }),
  });
  return records.map((record) => recordFacts<T>(record));
}

const isOfCluster = ({ group, resource }: GroupResource): boolean =>
  builtInCatalogue.preferred(group, resource)?.namespaced === false;

/** The facts of objects that are parsed already, for views that hold such ones. */
export function factsOf<T>(
  resource: GroupResource,
  objects: readonly T[],
  { field }: FactsQuery = {},
): readonly ObjectFacts<T>[] {
  const info = builtInCatalogue.preferred(resource.group, resource.resource);
  const all = objects.map((object): ObjectFacts<T> => ({
    index: indexOf(info, object as KubeObject),
    mentions: (text) => JSON.stringify(object).includes(text),
    object: () => object,
    read: () => object,
  }));
  return field === undefined ? all : all.filter(({ index }) => index.fields[field.name] === field.value);
}

function indexOf(info: ResourceInfo | undefined, object: KubeObject): RecordIndex {
  if (info !== undefined) return recordIndexOf(info, object);
  const { uid = '', labels = {}, name = '', namespace = '', ownerReferences = [] } = object.metadata;
  return {
    uid,
    labels,
    fields: { 'metadata.name': name, 'metadata.namespace': namespace },
    owners: ownerReferences.map((owner) => owner.uid),
  };
}
