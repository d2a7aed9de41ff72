import type { KubeObject } from '../../api/index.ts';
import type { ObjectList, ResourceClient, WriteOptions } from '../client.ts';
import { encodeJson } from '../encoding.ts';
import type { ResourceService, UserInfo, WriteContext } from '../service.ts';
import { patchContentTypes } from '../../client/core/index.ts';
import { managerOfUser, targetOfRef } from './naming.ts';

/**
 * The API for a part of Troupe in the same process: the write path itself, as `user`. What the user may do is not
 * asked.
 */
export function localClient(service: ResourceService, user: UserInfo): ResourceClient {
  const contextOf = ({ fieldManager, dryRun = false }: WriteOptions = {}): WriteContext => ({
    user,
    dryRun,
    fieldManager: fieldManager ?? managerOfUser(user.name),
    fieldValidation: 'Ignore',
    warn: () => undefined,
  });
  const json = (value: unknown, contentType = 'application/json'): { contentType: string; bytes: Uint8Array } => ({
    contentType,
    bytes: encodeJson(value),
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
        ...(token === undefined ? {} : { continue: token }),
      };
    },
    async create<T = KubeObject>(...[ref, object, options]: Parameters<ResourceClient['create']>): Promise<T> {
      return (
        await service.create(
          targetOfRef(ref, service.catalogue, options?.subresource),
          json(object),
          contextOf(options),
        )
      ).object as T;
    },
    async update<T = KubeObject>(...[ref, object, options]: Parameters<ResourceClient['update']>): Promise<T> {
      return (
        await service.update(
          targetOfRef(ref, service.catalogue, options?.subresource),
          json(object),
          contextOf(options),
        )
      ).object as T;
    },
    async patch<T = KubeObject>(...[ref, patch, options]: Parameters<ResourceClient['patch']>): Promise<T> {
      const context = { ...contextOf(options), force: patch.force === true };
      return (
        await service.patch(
          targetOfRef(ref, service.catalogue, options?.subresource),
          json(patch.body, patchContentTypes[patch.type]),
          context,
        )
      ).object as T;
    },
    async delete(ref, options = {}) {
      await service.delete(targetOfRef(ref, service.catalogue), options, contextOf());
    },
    async deleteCollection(query, options = {}) {
      await service.deleteCollection(targetOfRef(query, service.catalogue), query, options, contextOf());
    },
  };
}
