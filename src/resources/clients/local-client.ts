/** The API for a part of Troupe in the same process: ResourceClient straight on the write path. */
import type { KubeObject } from '../../api/index.ts';
import type { ObjectList, ResourceClient, WriteOptions, Written } from '../client.ts';
import { valueBody } from '../writing/body.ts';
import type { ResourceService, Requester, WriteContext, WriteResult } from '../service.ts';
import { patchContentTypes } from '../../client/core/index.ts';
import { managerOfUser, targetOfRef } from './naming.ts';

/** Writes as `user`, without asking what that user may do: its callers are parts of Troupe. */
export function localClient(service: ResourceService, user: Requester): ResourceClient {
  const contextOf = ({ fieldManager, dryRun = false }: WriteOptions = {}): WriteContext => ({
    user,
    dryRun,
    fieldManager: fieldManager ?? managerOfUser(user.name),
    fieldValidation: 'Ignore',
    warn: () => undefined,
  });
  return {
    async get<T = KubeObject>(...[ref, options]: Parameters<ResourceClient['get']>): Promise<T> {
      const found = await service.get(targetOfRef(ref, service.catalogue, options?.subresource), {});
      return 'bytes' in found ? found.object<T>() : (found.object as T);
    },
    async list<T = KubeObject>(query: Parameters<ResourceClient['list']>[0]): Promise<ObjectList<T>> {
      const { records, revision, continue: token } = await service.list(targetOfRef(query, service.catalogue), query);
      return {
        items: records.map((record) => record.object<T>()),
        resourceVersion: String(revision),
        continue: token,
      };
    },
    async create<T = KubeObject>(...[ref, object, options]: Parameters<ResourceClient['create']>) {
      const target = targetOfRef(ref, service.catalogue, options?.subresource);
      return written<T>(await service.create(target, valueBody(object), contextOf(options)));
    },
    async update<T = KubeObject>(...[ref, object, options]: Parameters<ResourceClient['update']>) {
      const target = targetOfRef(ref, service.catalogue, options?.subresource);
      return written<T>(await service.update(target, valueBody(object), contextOf(options)));
    },
    async patch<T = KubeObject>(...[ref, patch, options]: Parameters<ResourceClient['patch']>) {
      const target = targetOfRef(ref, service.catalogue, options?.subresource);
      const body = valueBody(patch.body, patchContentTypes[patch.type]);
      return written<T>(await service.patch(target, body, { ...contextOf(options), force: patch.force === true }));
    },
    async delete(ref, options = {}) {
      await service.delete(targetOfRef(ref, service.catalogue), options, contextOf());
    },
    async deleteCollection(query, options = {}) {
      await service.deleteCollection(targetOfRef(query, service.catalogue), query, options, contextOf());
    },
  };
}

/** The object is parsed only when it is read. */
class LocalWritten<T> implements Written<T> {
  readonly #result: WriteResult;

  constructor(result: WriteResult) {
    this.#result = result;
  }

  get object(): T {
    return this.#result.object as T;
  }

  get name(): string {
    const { record } = this.#result;
    return record?.index.fields['metadata.name'] ?? this.#result.object.metadata.name ?? '';
  }
}

function written<T>(result: WriteResult): Written<T> {
  return new LocalWritten<T>(result);
}
