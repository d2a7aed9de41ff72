/** Empties namespaces that are being deleted. */
import { type Namespace, type ResourceInfo, resources, type StoredObject } from '../../api/index.ts';
import { errorMessage } from '../../base/index.ts';
import type { ObjectChange } from '../../resources/index.ts';
import {
  type Controller,
  type ControllerPorts,
  isOf,
  keyOf,
  namespaceOf,
  type ReconcileResult,
  refOf,
  stableText,
  unlessGone,
} from '../runtime/index.ts';
import { type DeletionFailure, finalizersWithoutOwn, type Remaining, terminatingConditions } from './reconcile.ts';

/** How often a namespace checks for content that is left: nothing announces that the last of it went. */
const lookAgainMs = 5_000;

/** Where a round reads and writes, and what it could not delete. */
interface Outcome {
  readonly ports: ControllerPorts;
  readonly failures: DeletionFailure[];
}

type ServedResources = () => readonly ResourceInfo[];

/** Empties and removes namespaces that are being deleted. */
export function namespaceController(served: ServedResources): Controller {
  return {
    name: 'namespace-controller',
    resource: resources.namespaces,
    keysFor,
    reconcile: (key, ports) => reconcile(key, ports, served),
  };
}

/** The namespace itself, and any change within one that is being deleted. */
function keysFor(change: ObjectChange, ports: ControllerPorts): readonly string[] {
  if (isOf(change, resources.namespaces))
    return change.object.metadata.deletionTimestamp === undefined ? [] : [keyOf(change.object)];
  const namespace = namespaceOf(change);
  if (namespace === undefined || namespace === '') return [];
  return ports.view.get(resources.namespaces, undefined, namespace)?.metadata.deletionTimestamp === undefined
    ? []
    : [namespace];
}

/**
 * One entry a stored collection: a group served in two versions, or an object served in two groups, is deleted once.
 */
function namespacedCollections(served: readonly ResourceInfo[]): readonly ResourceInfo[] {
  const seen = new Map<string, ResourceInfo>();
  for (const info of served) {
    const key = `${info.storage.group}/${info.storage.resource}`;
    if (info.namespaced && info.verbs.includes('delete') && info.verbs.includes('list') && !seen.has(key))
      seen.set(key, info);
  }
  return [...seen.values()];
}

async function reconcile(
  key: string,
  ports: ControllerPorts,
  served: ServedResources,
): Promise<ReconcileResult | undefined> {
  const namespace = ports.view.get<Namespace>(resources.namespaces, undefined, key);
  if (namespace?.metadata.deletionTimestamp === undefined) return undefined;
  if (finalizersWithoutOwn(namespace) === undefined) return undefined;
  const collections = namespacedCollections(served());
  const failures: DeletionFailure[] = [];
  const remaining = await emptied(collections, key, { ports, failures });
  if (remaining.length === 0 && failures.length === 0) {
    if (isHeldByOthers(namespace)) await report(key, { remaining, failures, ports });
    await finish(namespace, ports);
    return undefined;
  }
  await report(key, { remaining, failures, ports });
  return { requeueAfterMs: lookAgainMs };
}

/**
 * Deletes pods, and everything else once they are gone: a pod that takes its time to end still runs under the
 * namespace's network policies, with its account and its volumes (KEP-5080). Tells what is left, of pods alone while
 * there are any.
 */
async function emptied(
  collections: readonly ResourceInfo[],
  namespace: string,
  outcome: Outcome,
): Promise<readonly Remaining[]> {
  const [pods, others] = [collections.filter(isPods), collections.filter((info) => !isPods(info))];
  for (const wave of [pods, others]) {
    await Promise.all(wave.map((info) => deleteContent(info, namespace, outcome)));
    const remaining = wave.flatMap((info) => remainingOf(info, namespace, outcome.ports));
    if (remaining.length > 0) return remaining;
  }
  return [];
}

const isPods = ({ group, resource }: ResourceInfo): boolean =>
  group === resources.pods.group && resource === resources.pods.resource;

/** Whether the namespace stays after this controller is done with it: then it says that its content is gone. */
function isHeldByOthers(namespace: Namespace): boolean {
  return (namespace.metadata.finalizers ?? []).length > 0 || (namespace.spec?.finalizers ?? []).length > 1;
}

async function deleteContent(info: ResourceInfo, namespace: string, { ports, failures }: Outcome): Promise<void> {
  const items = ports.view
    .list(info.storage, namespace)
    .filter((object) => object.metadata.deletionTimestamp === undefined);
  if (items.length === 0) return;
  try {
    await ports.client.deleteCollection(
      { group: info.group, resource: info.resource, version: info.version, namespace },
      { propagation: 'Background' },
    );
  } catch (error) {
    failures.push({ message: `${info.resource}.${info.group}: ${errorMessage(error)}` });
  }
}

function remainingOf(info: ResourceInfo, namespace: string, ports: ControllerPorts): readonly Remaining[] {
  const items = ports.view.list(info.storage, namespace);
  if (items.length === 0) return [];
  const finalizers = new Map<string, number>();
  for (const item of items)
    for (const finalizer of item.metadata.finalizers ?? [])
      finalizers.set(finalizer, (finalizers.get(finalizer) ?? 0) + 1);
  return [{ group: info.group, resource: info.resource, count: items.length, finalizers }];
}

async function report(
  key: string,
  outcome: {
    readonly remaining: readonly Remaining[];
    readonly failures: readonly DeletionFailure[];
    readonly ports: ControllerPorts;
  },
): Promise<void> {
  const { remaining, failures, ports } = outcome;
  const namespace = ports.view.get<Namespace>(resources.namespaces, undefined, key);
  if (namespace === undefined) return;
  const conditions = terminatingConditions(namespace, { remaining, failures, now: ports.clock.now() });
  if (stableText(conditions) === stableText(namespace.status?.conditions ?? [])) return;
  await ports.client.update(
    refOf(resources.namespaces, namespace),
    { ...namespace, status: { ...namespace.status, conditions } },
    { subresource: 'status' },
  );
}

/** Gives the namespace free: with its last finalizer it goes. */
async function finish(namespace: Namespace, ports: ControllerPorts): Promise<void> {
  const fresh = ports.view.get<Namespace & StoredObject>(resources.namespaces, undefined, namespace.metadata.name);
  const finalizers = fresh === undefined ? undefined : finalizersWithoutOwn(fresh);
  if (fresh === undefined || finalizers === undefined) return;
  const body = { ...fresh, spec: { ...fresh.spec, finalizers } };
  await unlessGone(ports.client.update(refOf(resources.namespaces, fresh), body, { subresource: 'finalize' }));
}
