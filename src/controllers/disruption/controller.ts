import { findKind } from '../../api/index.ts';
import type { ObjectChange } from '../../resources/index.ts';
import type { Controller, ControllerPorts, ReconcileResult } from '../controller.ts';
import { isOf, keyOf, type Pod, resources, splitKey, type Stored } from '../objects.ts';
import { controllerOf, selectorMatches } from '../ownership.ts';
import { stableText } from '../template-hash.ts';
import { writeStatus } from '../writes.ts';
import { type Budget, planBudget } from './reconcile.ts';

/** Keeps the status of PodDisruptionBudgets, by which evictions are allowed. */
export function disruptionController(): Controller {
  return { name: 'disruption-controller', resource: resources.podDisruptionBudgets, wakes, reconcile };
}

const scaled = [resources.deployments, resources.replicaSets, resources.statefulSets, resources.replicationControllers];

function wakes(change: ObjectChange, ports: ControllerPorts): readonly string[] {
  if (isOf(change, resources.podDisruptionBudgets)) return change.type === 'put' ? [keyOf(change.object)] : [];
  const budgets = (): readonly Budget[] => ports.view.list<Budget>(resources.podDisruptionBudgets, change.object.metadata.namespace);
  if (isOf(change, resources.pods)) {
    const { object, previous } = change;
    return budgets().filter((budget) => selectorMatches(budget.spec?.selector, object.metadata.labels) || (previous !== undefined && selectorMatches(budget.spec?.selector, previous.metadata.labels))).map(keyOf);
  }
  return scaled.some((resource) => isOf(change, resource)) && change.previous?.metadata.generation !== change.object.metadata.generation ? budgets().map(keyOf) : [];
}

interface Scaled extends Stored {
  readonly spec?: { readonly replicas?: number };
}

/** How many pods the pods' topmost controllers want; undefined when one of the pods has none that can be scaled. */
function wantedPods(pods: readonly Pod[], ports: ControllerPorts): number | undefined {
  const owners = new Map<string, number>();
  for (const pod of pods) {
    const owner = topOwner(pod, ports);
    const replicas = owner?.spec?.replicas;
    if (owner === undefined || replicas === undefined) return undefined;
    owners.set(owner.metadata.uid, replicas);
  }
  return [...owners.values()].reduce((sum, replicas) => sum + replicas, 0);
}

function topOwner(object: Stored, ports: ControllerPorts): Scaled | undefined {
  let current: Scaled | undefined;
  for (let next = ownerOf(object, ports); next !== undefined; next = ownerOf(next, ports)) current = next;
  return current;
}

function ownerOf(object: Stored, ports: ControllerPorts): Scaled | undefined {
  const reference = controllerOf(object);
  if (reference === undefined) return undefined;
  const [group = '', version = group] = reference.apiVersion.includes('/') ? reference.apiVersion.split('/') : ['', reference.apiVersion];
  const info = findKind(group, version, reference.kind);
  const owner = info === undefined ? undefined : ports.view.get<Scaled>(info.storage, object.metadata.namespace, reference.name);
  return owner?.metadata.uid === reference.uid ? owner : undefined;
}

async function reconcile(key: string, ports: ControllerPorts): Promise<ReconcileResult | undefined> {
  const { namespace, name } = splitKey(key);
  const budget = ports.view.get<Budget>(resources.podDisruptionBudgets, namespace, name);
  if (budget === undefined || budget.metadata.deletionTimestamp !== undefined) return undefined;
  const pods = ports.view.facts<Pod>(resources.pods, { namespace }).filter(({ index }) => selectorMatches(budget.spec?.selector, index.labels)).map((pod) => pod.object());
  const plan = planBudget({ budget, pods, wanted: wantedPods(pods, ports), now: ports.clock.now() });
  if (stableText(plan.status) !== stableText(budget.status ?? {})) await writeStatus(ports, resources.podDisruptionBudgets, budget, plan.status);
  return plan.requeueAfterMs === undefined ? undefined : { requeueAfterMs: plan.requeueAfterMs };
}
