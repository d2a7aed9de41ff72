/** Keeps the status of PodDisruptionBudgets, by which evictions are allowed. */
import {
  labelSelectorMatches,
  type Pod,
  type PodDisruptionBudget,
  type ResourceInfo,
  resources,
} from '../../api/index.ts';
import type { ObjectChange } from '../../resources/index.ts';
import {
  type Controller,
  type ControllerPorts,
  isOf,
  keyOf,
  type ReconcileResult,
  splitKey,
  stableText,
  writeStatus,
} from '../runtime/index.ts';
import { isRelative, planBudget } from './reconcile.ts';
import { wantedPods, type WantedPods } from './scales.ts';

export function disruptionController(served: () => readonly ResourceInfo[]): Controller {
  return {
    name: 'disruption-controller',
    eventSource: 'controllermanager',
    resource: resources.podDisruptionBudgets,
    watches: [resources.podDisruptionBudgets, resources.pods, ...scaled],
    keysFor,
    reconcile: (key, ports) => reconcile(key, ports, served),
  };
}

const scaled = [resources.deployments, resources.replicaSets, resources.statefulSets, resources.replicationControllers];

function keysFor(change: ObjectChange, ports: ControllerPorts): readonly string[] {
  if (isOf(change, resources.podDisruptionBudgets)) return change.type === 'put' ? [keyOf(change.object)] : [];
  const budgets = (): readonly PodDisruptionBudget[] =>
    ports.view.list<PodDisruptionBudget>(resources.podDisruptionBudgets, change.object.metadata.namespace);
  if (isOf(change, resources.pods)) {
    const { object, previous } = change;
    return budgets()
      .filter(
        (budget) =>
          labelSelectorMatches(budget.spec?.selector, object.metadata.labels) ||
          (previous !== undefined && labelSelectorMatches(budget.spec?.selector, previous.metadata.labels)),
      )
      .map(keyOf);
  }
  return scaled.some((resource) => isOf(change, resource)) &&
    change.previous?.metadata.generation !== change.object.metadata.generation
    ? budgets().map(keyOf)
    : [];
}

async function reconcile(
  key: string,
  ports: ControllerPorts,
  served: () => readonly ResourceInfo[],
): Promise<ReconcileResult | undefined> {
  const { namespace, name } = splitKey(key);
  const budget = ports.view.get<PodDisruptionBudget>(resources.podDisruptionBudgets, namespace, name);
  if (budget === undefined || budget.metadata.deletionTimestamp !== undefined) return undefined;
  const pods = ports.view
    .facts<Pod>(resources.pods, { namespace })
    .filter(({ index }) => labelSelectorMatches(budget.spec?.selector, index.labels))
    .map((pod) => pod.object());
  const wanted: WantedPods = isRelative(budget)
    ? await wantedPods(pods, ports, served)
    : { type: 'known', count: 0, unmanaged: [] };
  const plan = planBudget({ budget, pods, wanted, now: ports.clock.now() });
  for (const note of plan.notes) ports.event(budget, note.type, note.reason, note.message);
  if (stableText(plan.status) !== stableText(budget.status ?? {}))
    await writeStatus(ports, resources.podDisruptionBudgets, budget, plan.status);
  return plan.requeueAfterMs === undefined ? undefined : { requeueAfterMs: plan.requeueAfterMs };
}
