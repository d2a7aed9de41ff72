/** A service without a write path, by which the doors are tested. */
import { findResource, type KubeObject, preferredResource } from '../../api/index.ts';
import {
  builtInCatalogue,
  type ListRequest,
  type ResourceService,
  type SharedEvent,
  type Target,
  type WatchOptions,
  type WatchSink,
} from '../../resources/index.ts';
import type { StoredRecord } from '../../state/index.ts';
import { textOf, utf8 } from '../request.ts';

/** Remembers what it was asked, and answers from a few records. */
export class FakeService implements ResourceService {
  /** As a member has it whose settings ask for nothing more. */
  readonly catalogue = { ...builtInCatalogue, find: findResource, preferred: preferredResource };
  readonly records = new Map<string, StoredRecord>();
  readonly calls: { readonly verb: string; readonly target: Target; readonly details: unknown }[] = [];
  sink: WatchSink | undefined;
  watchClosed = false;
  revision = 10;

  put(object: KubeObject): StoredRecord {
    this.revision += 1;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.revision) } };
    const bytes = utf8(JSON.stringify(stored));
    const { namespace = '', name = '', uid = '' } = object.metadata;
    const index = { uid, labels: {}, fields: { 'metadata.name': name, 'metadata.namespace': namespace }, owners: [] };
    const record = {
      key: `/${namespace}/${name}`,
      revision: this.revision,
      createRevision: this.revision,
      bytes,
      index,
      object: <T>() => stored as T,
    } as unknown as StoredRecord;
    this.records.set(record.key, record);
    return record;
  }
  #note(verb: string, target: Target, details: unknown): void {
    this.calls.push({ verb, target, details });
  }
  #found(target: Target): StoredRecord {
    const record = this.records.get(`/${target.namespace ?? ''}/${target.name}`);
    if (record === undefined) throw new Error(`no record ${target.name}`);
    return record;
  }
  get: ResourceService['get'] = async (target, options) => {
    this.#note('get', target, options);
    return Promise.resolve(this.#found(target));
  };
  list = async (target: Target, options: ListRequest): Promise<{ records: StoredRecord[]; revision: never }> => {
    this.#note('list', target, options);
    return Promise.resolve({ records: [...this.records.values()], revision: this.revision as never });
  };
  watch = async (target: Target, options: WatchOptions, sink: WatchSink): Promise<{ close(): void }> => {
    this.#note('watch', target, options);
    this.sink = sink;
    return Promise.resolve({
      close: () => {
        this.watchClosed = true;
      },
    });
  };
  create: ResourceService['create'] = async (target, body, context) => {
    this.#note('create', target, { body: textOf(body.bytes), context });
    const record = this.put(JSON.parse(textOf(body.bytes)) as KubeObject);
    return Promise.resolve({ object: record.object<KubeObject>(), record, created: true });
  };
  update: ResourceService['update'] = async (target, body, context) => {
    this.#note('update', target, context);
    const record = this.put(JSON.parse(textOf(body.bytes)) as KubeObject);
    return Promise.resolve({ object: record.object<KubeObject>(), record, created: false });
  };
  patch: ResourceService['patch'] = async (target, body, context) => {
    this.#note('patch', target, { contentType: body.contentType, context });
    const record = this.#found(target);
    return Promise.resolve({ object: record.object<KubeObject>(), record, created: false });
  };
  delete: ResourceService['delete'] = async (target, options, context) => {
    this.#note('delete', target, { options, context });
    const record = this.#found(target);
    return Promise.resolve({ type: 'deleted', object: record.object<KubeObject>(), record });
  };
  fenced(): this {
    return this;
  }
  deleteCollection: ResourceService['deleteCollection'] = async (target, list, options) => {
    this.#note('deletecollection', target, { list, options });
    return Promise.resolve({ records: [...this.records.values()], revision: this.revision as never });
  };
  connect: ResourceService['connect'] = async (target, options) => {
    this.#note('connect', target, options);
    return Promise.resolve(options);
  };
}

export const configMap = (name: string, namespace = 'default'): KubeObject => ({
  kind: 'ConfigMap',
  apiVersion: 'v1',
  metadata: { name, namespace, uid: `uid-${name}` },
  data: { k: 'v' },
});

/** An event as a watch gives it; a test passes it to one watcher only. */
export const changeEvent = (type: SharedEvent['type'], record: StoredRecord): SharedEvent =>
  ({ type, record }) as SharedEvent;
