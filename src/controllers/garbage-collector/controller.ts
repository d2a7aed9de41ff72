/** Deletes objects whose owners are gone. */
import {
  type GroupResource,
  type OwnerReference,
  type ResourceInfo,
  resources,
  type StoredObject,
} from '../../api/index.ts';
import type { ObjectChange, ResourceView } from '../../resources/index.ts';
import {
  type Controller,
  type ControllerPorts,
  isNotFound,
  type ReconcileResult,
  refOf,
  unlessGone,
} from '../runtime/index.ts';
import { dependentsOf, nodeKey, ownerLocation, parseNodeKey, storedCollections } from './graph.ts';
import {
  isDeleting,
  orphanFinalizer,
  type OwnerState,
  type Plan,
  planCollection,
  waitsForDependents,
} from './reconcile.ts';

/** An owner of a kind that is not served (its definition may come): look again after this long. */
const unknownKindMs = 30_000;

interface World {
  readonly ports: ControllerPorts;
  readonly served: readonly ResourceInfo[];
  readonly collections: readonly GroupResource[];
  /** Whether an object of this UID was deleted of late. */
  wasDeleted(uid: string): boolean;
}

/** Deleted UIDs that are remembered: dependents of these need not be told that their owner is elsewhere. */
const deletedMax = 4_096;

/** Deletes objects whose owners are gone, and makes foreground and orphan deletions happen. */
export function garbageCollector(served: () => readonly ResourceInfo[]): Controller {
  const collections = remembered(served);
  const deleted = new Set<string>();
  const noteDeleted = (uid: string): void => {
    deleted.add(uid);
    if (deleted.size > deletedMax) for (const oldest of [...deleted].slice(0, deletedMax / 2)) deleted.delete(oldest);
  };
  return {
    name: 'garbage-collector',
    eventSource: 'garbage-collector-controller',
    resource: resources.namespaces,
    initialKeys: (ports) =>
      collections().flatMap((resource) =>
        ports.view
          .facts<StoredObject>(resource)
          .filter((facts) => facts.index.owners.length > 0 || facts.mentions('"deletionTimestamp"'))
          .map((facts) => facts.object())
          .filter((object) => isBeingCollected(object) || misses(object, ports.view, served()))
          .map((object) => nodeKey(resource, object)),
      ),
    keysFor: (change, ports) => {
      if (change.type === 'delete') noteDeleted(change.object.metadata.uid ?? '');
      return keysFor(change as ObjectChange<StoredObject>, {
        view: ports.view,
        served: served(),
        collections: collections(),
      });
    },
    reconcile: (key, ports) =>
      reconcile(key, { ports, served: served(), collections: collections(), wasDeleted: (uid) => deleted.has(uid) }),
  };
}

/** The collections of a served list, computed once a list. */
function remembered(served: () => readonly ResourceInfo[]): () => readonly GroupResource[] {
  let list: readonly ResourceInfo[] | undefined;
  let collections: readonly GroupResource[] = [];
  return () => {
    const current = served();
    if (current !== list) {
      list = current;
      collections = storedCollections(current);
    }
    return collections;
  };
}

const isBeingCollected = (object: StoredObject): boolean =>
  waitsForDependents(object) || (isDeleting(object) && object.metadata.finalizers?.includes(orphanFinalizer) === true);

/** The owner as the local copy shows it; undefined when it shows none of that UID. */
function seenOwner(
  reference: OwnerReference,
  dependent: StoredObject,
  world: { readonly view: ResourceView; readonly served: readonly ResourceInfo[] },
): { readonly owner: StoredObject; readonly resource: GroupResource } | undefined {
  const location = ownerLocation(reference, dependent.metadata.namespace, world.served);
  if (location === undefined || (location.info.namespaced && location.namespace === undefined)) return undefined;
  const owner = world.view.get<StoredObject>(location.info.storage, location.namespace, reference.name);
  return owner?.metadata.uid === reference.uid ? { owner, resource: location.info.storage } : undefined;
}

/**
 * Whether an owner seems to be gone or waits for the object: almost always not, so most new objects wake no collector.
 */
function misses(object: StoredObject, view: ResourceView, served: readonly ResourceInfo[]): boolean {
  return (object.metadata.ownerReferences ?? []).some((reference) => {
    const seen = seenOwner(reference, object, { view, served });
    return seen === undefined || waitsForDependents(seen.owner);
  });
}

interface Surroundings {
  readonly view: ResourceView;
  readonly served: readonly ResourceInfo[];
  readonly collections: readonly GroupResource[];
}

function keysFor(change: ObjectChange<StoredObject>, world: Surroundings): readonly string[] {
  const { resource, type } = change;
  if (resource.resource === 'events' || resource.resource === 'leases') return [];
  if (type === 'put' && change.facts !== undefined && concernsNobody(change.facts)) return [];
  const { object, previous } = change;
  if (type === 'delete')
    return [
      ...dependentsOf(world.view, world.collections, object.metadata.uid).map((dependent) =>
        nodeKey(dependent.resource, dependent.object),
      ),
      ...waitingOwners(object, world),
    ];
  if (isBeingCollected(object)) return [nodeKey(resource, object)];
  if (sameReferences(object, previous)) return [];
  const own = misses(object, world.view, world.served) ? [nodeKey(resource, object)] : [];
  return previous === undefined ? own : [...own, ...waitingOwners(previous, world)];
}

/** Most changes: of an object without owners that is not being deleted. */
function concernsNobody({ object, previous }: NonNullable<ObjectChange<StoredObject>['facts']>): boolean {
  return (
    object.index.owners.length === 0 &&
    (previous?.index.owners.length ?? 0) === 0 &&
    !object.mentions('"deletionTimestamp"')
  );
}

function sameReferences(object: StoredObject, previous: StoredObject | undefined): boolean {
  if (object.metadata.ownerReferences === previous?.metadata.ownerReferences) return true;
  const text = (from: StoredObject | undefined): string =>
    (from?.metadata.ownerReferences ?? [])
      .map((reference) => `${reference.uid}${String(reference.blockOwnerDeletion)}`)
      .join();
  return text(object) === text(previous);
}

/** Owners in a foreground deletion look again when one of their dependents has gone. */
function waitingOwners(object: StoredObject, world: Surroundings): readonly string[] {
  return (object.metadata.ownerReferences ?? []).flatMap((reference) => {
    const seen = seenOwner(reference, object, world);
    return seen !== undefined && waitsForDependents(seen.owner) ? [nodeKey(seen.resource, seen.owner)] : [];
  });
}

async function reconcile(key: string, world: World): Promise<ReconcileResult | undefined> {
  const { resource, namespace, name } = parseNodeKey(key);
  const object = world.ports.view.get<StoredObject>(resource, namespace, name);
  if (object === undefined) return undefined;
  const dependents = dependentsOf(world.ports.view, world.collections, object.metadata.uid);
  const references = isDeleting(object) ? [] : (object.metadata.ownerReferences ?? []);
  const owners = await Promise.all(
    references.map(async (reference) => ({ reference, state: await ownerState(reference, object, world) })),
  );
  for (const { reference, state } of owners)
    if (state === 'absent' || state === 'invalid') reportElsewhere(reference, object, world);
  const plan = planCollection({ object, owners, dependents: dependents.map((dependent) => dependent.object) });
  return perform({ resource, object, plan, dependents }, world);
}

/** Asks the API before an owner counts as absent: the local copy may be behind. */
async function ownerState(reference: OwnerReference, object: StoredObject, world: World): Promise<OwnerState> {
  const location = ownerLocation(reference, object.metadata.namespace, world.served);
  if (location === undefined) return 'unknown';
  const { info } = location;
  const inCluster = info.namespaced && (location.namespace === undefined || location.namespace === '');
  // A cluster-wide object cannot be owned by a namespaced one: that owner can never be found, so nothing is concluded.
  if (inCluster) return 'invalid';
  const known = world.ports.view.get<StoredObject>(info.storage, location.namespace, reference.name);
  if (known?.metadata.uid === reference.uid) return waitsForDependents(known) ? 'waiting' : 'present';
  try {
    const live = await world.ports.client.get<StoredObject>({
      group: info.group,
      resource: info.resource,
      version: info.version,
      name: reference.name,
      namespace: location.namespace,
    });
    if (live.metadata.uid !== reference.uid) return 'absent';
    return waitsForDependents(live) ? 'waiting' : 'present';
  } catch (error) {
    if (isNotFound(error)) return 'absent';
    throw error;
  }
}

/**
 * An owner must be in the object's own namespace (or in none): one that is there, but elsewhere, is a mistake that is
 * told.
 */
function reportElsewhere(reference: OwnerReference, object: StoredObject, { ports, served, wasDeleted }: World): void {
  const { apiVersion, kind, name, uid } = reference;
  const info = wasDeleted(uid) ? undefined : ownerLocation(reference, object.metadata.namespace, served)?.info;
  if (
    info?.namespaced !== true ||
    !ports.view
      .facts<StoredObject>(info.storage, { field: { name: 'metadata.name', value: name } })
      .some((facts) => facts.object().metadata.uid === uid)
  )
    return;
  const { namespace = '' } = object.metadata;
  ports.event(
    object,
    'Warning',
    'OwnerRefInvalidNamespace',
    `ownerRef [${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}] ` +
      `does not exist in namespace "${namespace}"`,
  );
}

interface Step {
  readonly resource: GroupResource;
  readonly object: StoredObject;
  readonly plan: Plan;
  readonly dependents: readonly { readonly resource: GroupResource; readonly object: StoredObject }[];
}

async function perform(step: Step, world: World): Promise<ReconcileResult | undefined> {
  const { resource, object, plan, dependents } = step;
  switch (plan.type) {
    case 'none':
      return undefined;
    case 'wait':
      return { requeueAfterMs: unknownKindMs };
    case 'remove-finalizer': {
      const orphans = new Set(plan.orphan);
      await Promise.all(
        dependents
          .filter((dependent) => orphans.has(dependent.object))
          .map((dependent) => dropReferences(dependent, [object.metadata.uid], world)),
      );
      await removeFinalizer(resource, object, { finalizer: plan.finalizer, world });
      return undefined;
    }
    case 'press-dependents': {
      const pressed = new Set(plan.dependents);
      await Promise.all(
        dependents
          .filter((dependent) => pressed.has(dependent.object))
          .map((dependent) => reconcile(nodeKey(dependent.resource, dependent.object), world)),
      );
      return undefined;
    }
    case 'drop-references':
      await dropReferences(
        { resource, object },
        plan.references.map((reference) => reference.uid),
        world,
      );
      return undefined;
    case 'unblock-and-delete':
      await writeReferences(
        { resource, object },
        plan.references.map((reference) => ({ ...reference, blockOwnerDeletion: false })),
        world,
      );
      await unlessGone(
        world.ports.client.delete(refOf(resource, object), { uid: object.metadata.uid, propagation: 'Foreground' }),
      );
      return undefined;
    case 'delete': {
      const { uid, resourceVersion } = object.metadata;
      const exact = resourceVersion === undefined ? { uid } : { uid, resourceVersion };
      await unlessGone(world.ports.client.delete(refOf(resource, object), { ...exact, propagation: plan.propagation }));
      return undefined;
    }
  }
}

async function dropReferences(
  target: { readonly resource: GroupResource; readonly object: StoredObject },
  uids: readonly string[],
  world: World,
): Promise<void> {
  await writeReferences(
    target,
    (target.object.metadata.ownerReferences ?? []).filter((reference) => !uids.includes(reference.uid)),
    world,
  );
}

async function writeReferences(
  target: { readonly resource: GroupResource; readonly object: StoredObject },
  references: readonly OwnerReference[],
  world: World,
): Promise<void> {
  const { uid, resourceVersion } = target.object.metadata;
  const body = { metadata: { uid, resourceVersion, ownerReferences: references.length === 0 ? null : references } };
  await unlessGone(world.ports.client.patch(refOf(target.resource, target.object), { type: 'merge', body }));
}

async function removeFinalizer(
  resource: GroupResource,
  object: StoredObject,
  options: { readonly finalizer: string; readonly world: World },
): Promise<void> {
  const { uid, resourceVersion, finalizers = [] } = object.metadata;
  const rest = finalizers.filter((finalizer) => finalizer !== options.finalizer);
  const body = { metadata: { uid, resourceVersion, finalizers: rest.length === 0 ? null : rest } };
  await unlessGone(options.world.ports.client.patch(refOf(resource, object), { type: 'merge', body }));
}
