/** The API for a part of Troupe in the same process: ResourceClient straight on the write path. */
import type { AccessQuestion, KubeObject } from '../../api/index.ts';
import type { ObjectList, ResourceClient, WriteOptions, Written } from '../client.ts';
import { valueBody } from '../writing/body.ts';
import type { ResourceService, Requester, Target, WriteContext, WriteResult } from '../service.ts';
import { patchContentTypes } from '../../client/core/index.ts';
import { managerOfUser, targetOfRef } from './naming.ts';

/** Throws the 403 for what the user may not do. */
type AccessCheck = (question: AccessQuestion) => void;

/** What `allow` lets `user` do; without it everything, since the callers are parts of Troupe. */
export function localClient(service: ResourceService, user: Requester, allow?: AccessCheck): ResourceClient {
  /** The target, if the user may do that to it. */
  const targetFor = (verb: string, ref: Parameters<typeof targetOfRef>[0], subresource?: string): Target => {
    const target = targetOfRef(ref, service.catalogue, subresource);
    allow?.(questionOf(user, verb, target));
    return target;
  };
  const contextOf = ({ fieldManager, dryRun = false }: WriteOptions = {}): WriteContext => ({
    user,
    dryRun,
    fieldManager: fieldManager ?? managerOfUser(user.name),
    fieldValidation: 'Ignore',
    warn: () => undefined,
  });
  return {
    async get<T = KubeObject>(...[ref, options]: Parameters<ResourceClient['get']>): Promise<T> {
      const found = await service.get(targetFor('get', ref, options?.subresource), {});
      return 'bytes' in found ? found.object<T>() : (found.object as T);
    },
    async list<T = KubeObject>(query: Parameters<ResourceClient['list']>[0]): Promise<ObjectList<T>> {
      const { records, revision, continue: token } = await service.list(targetFor('list', query), query);
      return {
        items: records.map((record) => record.object<T>()),
        resourceVersion: String(revision),
        continue: token,
      };
    },
    async create<T = KubeObject>(...[ref, object, options]: Parameters<ResourceClient['create']>) {
      const target = targetFor('create', ref, options?.subresource);
      return written<T>(await service.create(target, valueBody(object), contextOf(options)));
    },
    async update<T = KubeObject>(...[ref, object, options]: Parameters<ResourceClient['update']>) {
      const target = targetFor('update', ref, options?.subresource);
      return written<T>(await service.update(target, valueBody(object), contextOf(options)));
    },
    async patch<T = KubeObject>(...[ref, patch, options]: Parameters<ResourceClient['patch']>) {
      const target = targetFor('patch', ref, options?.subresource);
      const body = valueBody(patch.body, patchContentTypes[patch.type]);
      return written<T>(await service.patch(target, body, { ...contextOf(options), force: patch.force === true }));
    },
    async delete(ref, options = {}) {
      await service.delete(targetFor('delete', ref), options, contextOf());
    },
    async deleteCollection(query, options = {}) {
      await service.deleteCollection(targetFor('deletecollection', query), query, options, contextOf());
    },
  };
}

function questionOf(
  user: Requester,
  verb: string,
  { info, namespace = '', name, subresource }: Target,
): AccessQuestion {
  const { group, version, resource } = info;
  return { user, verb, isResource: true, group, version, resource, subresource, namespace, name, path: '' };
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
