/** Joins the rooms of this folder into the ResourceService of a member. */
import { behaviourOf, forbiddenError, methodNotAllowed, notFound } from '../api/index.ts';
import { admissionChain } from './admission/index.ts';
import { createAllocator } from './allocation/index.ts';
import { createBookmarks } from './watching/bookmarks.ts';
import { storeCatalogue } from './catalogue.ts';
import { deleteCollection } from './deletion/collection-deletion.ts';
import { connect } from './writing/connection.ts';
import { converted } from './conversion/index.ts';
import { createObject } from './writing/creation.ts';
import { deleteObject } from './deletion/deletion.ts';
import { keyOf } from './stored/key.ts';
import { parseResourceVersion } from './reading/list-options.ts';
import { awaitRevision, listObjects } from './reading/listing.ts';
import { resourceOf } from './writing/metadata.ts';
import { patchObject } from './writing/patch.ts';
import type { ServiceDependencies, WritePorts } from './ports.ts';
import { defaultResourceSettings } from './settings.ts';
import type { ResourceService, Target } from './service.ts';
import type { Compare } from '../state/index.ts';
import { creationAt, scaleOf, patchScale, updateScale } from './subresources/index.ts';
import { updateObject } from './writing/update.ts';
import { recordFor } from './stored/versions.ts';
import { watchObjects } from './watching/watch.ts';

function writePortsOf(
  dependencies: ServiceDependencies,
): WritePorts & { readonly catalogue: ReturnType<typeof storeCatalogue> } {
  const { store, clock, timers, random, log, metrics, issueToken } = dependencies;
  const settings = { ...defaultResourceSettings, ...dependencies.settings };
  const allocator = createAllocator({ store, clock, random, settings });
  return {
    store,
    clock,
    timers,
    random,
    log,
    metrics,
    settings,
    traces: dependencies.traces,
    turns: dependencies.turns,
    admission: admissionChain(dependencies.admission ?? [], settings, clock),
    allocator,
    issueToken,
    authorize: dependencies.authorize,
    callWebhook: dependencies.callWebhook,
    catalogue: storeCatalogue(store, settings.optionalVersions),
  };
}

/** The service of a member, which also makes services for those who write under a fence. */
export interface MemberService extends ResourceService {
  /** The same service; every write of it fails with a conflict once the fence does not hold. */
  fenced(fence: Compare): ResourceService;
  close(): void;
}

/**
 * The write path and the reads beside it over one replica of the store. `close` ends its timers; watches end with the
 * store.
 */
export function createResourceService(dependencies: ServiceDependencies): MemberService {
  const ports = writePortsOf(dependencies);
  const bookmarks = createBookmarks(ports);
  return {
    ...serviceOver(ports, bookmarks),
    fenced: (fence) => serviceOver({ ...ports, fence }, bookmarks),
    close: () => {
      bookmarks.close();
      ports.catalogue.close();
    },
  };
}

function serviceOver(
  ports: ReturnType<typeof writePortsOf> & WritePorts,
  bookmarks: ReturnType<typeof createBookmarks>,
): ResourceService {
  const isScale = (target: Target): boolean => target.subresource === 'scale';
  return {
    catalogue: ports.catalogue,
    async get(target, { resourceVersion }) {
      const { info, namespace, name } = target;
      await awaitRevision(ports.store, parseResourceVersion(resourceVersion));
      const record = ports.store.get(keyOf(info, namespace, name));
      if (record === undefined) throw notFound(resourceOf(info), name);
      await converted(ports, info, [record]);
      if (isScale(target)) return { object: scaleOf(info, recordFor(info, record).object()) };
      return recordFor(info, record);
    },
    list: (target, options) => listObjects(ports, target, options),
    watch: (target, options, sink) => watchObjects(ports, bookmarks, { target, options, sink }),
    async create(target, body, context) {
      const special = creationAt(target);
      if (special !== undefined) return await special(ports, target, body, context);
      if (target.subresource !== '') throw methodNotAllowed();
      return await createObject(ports, target, body, context);
    },
    async update(target, body, context) {
      return await (isScale(target)
        ? updateScale(ports, target, body, context)
        : updateObject(ports, target, body, context));
    },
    async patch(target, body, context) {
      return await (isScale(target)
        ? patchScale(ports, target, body, context)
        : patchObject(ports, target, body, context));
    },
    async delete(target, options, context) {
      if (target.subresource !== '') throw methodNotAllowed();
      const refusal = behaviourOf(target.info).deletionRefusal?.(target.name);
      if (refusal !== undefined) throw forbiddenError(resourceOf(target.info), target.name, refusal);
      return await deleteObject(ports, target, options, context);
    },
    deleteCollection: (target, list, options, context) => deleteCollection(ports, { target, list, options, context }),
    connect: (target, options, context) => connect(ports, { target, options, context }),
  };
}
