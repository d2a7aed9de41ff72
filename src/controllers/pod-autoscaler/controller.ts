import { parseLabelSelector, type ResourceInfo, type Selector, selectorMatches, StatusError } from '../../api/index.ts';
import type { ObjectChange } from '../../resources/index.ts';
import type { Controller, ControllerPorts, ReconcileResult } from '../controller.ts';
import { isOf, keyOf, type Pod, resources, splitKey } from '../objects.ts';
import { stableText } from '../template-hash.ts';
import { refOf } from '../writes.ts';
import { planAutoscaler, type PodAutoscaler, type SelectorFault, type Target } from './reconcile.ts';

/** How often a target is measured, as upstream. */
const periodMs = 15_000;

interface Scale {
  readonly spec?: { readonly replicas?: number };
  readonly status?: { readonly selector?: string };
  readonly [field: string]: unknown;
}

/** By autoscaler: which pods its target selects, as last seen. */
type Selectors = Map<string, Selector>;

interface World {
  readonly ports: ControllerPorts;
  readonly served: () => readonly ResourceInfo[];
  readonly selectors: Selectors;
}

/** Keeps the targets of HorizontalPodAutoscalers within their bounds. */
export function podAutoscalerController(served: () => readonly ResourceInfo[]): Controller {
  const selectors: Selectors = new Map();
  return {
    name: 'horizontal-pod-autoscaler',
    resource: resources.horizontalPodAutoscalers,
    reset: () => { selectors.clear(); },
    wakes: (change, ports) => {
      if (isOf(change, resources.horizontalPodAutoscalers) && change.type === 'delete') selectors.delete(keyOf(change.object));
      return wakes(change, ports);
    },
    reconcile: (key, ports) => reconcile(key, { ports, served, selectors }),
  };
}

interface Sized {
  readonly spec?: { readonly replicas?: number };
}

/** Targets are looked at by the clock, as their measurements are, and when their size has changed. */
function wakes(change: ObjectChange, ports: ControllerPorts): readonly string[] {
  if (!isOf(change, resources.horizontalPodAutoscalers)) return ofResized(change, ports);
  if (change.type === 'delete') return [];
  return stableText(change.object.spec) === stableText(change.previous?.spec) ? [] : [keyOf(change.object)];
}

function ofResized(change: ObjectChange, ports: ControllerPorts): readonly string[] {
  if (change.type === 'delete' || (change.facts !== undefined && !mayHaveSize(change.facts))) return [];
  const { object, previous } = change;
  if (previous === undefined || (object as Sized).spec?.replicas === (previous as Sized).spec?.replicas) return [];
  const { kind, metadata: { namespace, name } } = object;
  const isTarget = ({ spec: { scaleTargetRef: target } }: PodAutoscaler): boolean => target.kind === kind && target.name === name;
  return ports.view.list<PodAutoscaler>(resources.horizontalPodAutoscalers, namespace).filter(isTarget).map(keyOf);
}

/** Most changes are of objects without a size, or of new ones: those are not parsed for it. */
function mayHaveSize({ object, previous }: NonNullable<ObjectChange['facts']>): boolean {
  return previous !== undefined && (object.mentions('"replicas"') || previous.mentions('"replicas"'));
}

function infoOf(autoscaler: PodAutoscaler, served: readonly ResourceInfo[]): ResourceInfo | string {
  const { apiVersion = '', kind } = autoscaler.spec.scaleTargetRef;
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  return served.find((info) => info.group === group && info.kind === kind) ?? `no matches for kind "${kind}" in group "${group}"`;
}

/** What keeps the target's pods from being measured: nobody knows them, or another autoscaler measures them too. */
function selectorFault(key: string, scale: Scale, { ports, selectors }: World): SelectorFault | undefined {
  const text = scale.status?.selector ?? '';
  if (text === '') return { reason: 'SelectorRequired', message: 'selector is required' };
  const selector = parseLabelSelector(text);
  selectors.set(key, selector);
  const { namespace } = splitKey(key);
  const rivals = [...selectors].filter(([other]) => splitKey(other).namespace === namespace);
  if (rivals.length < 2) return undefined;
  const pods = ports.view.facts<Pod>(resources.pods, { namespace }).filter(({ index }) => selectorMatches(selector, index.labels));
  const measuring = rivals.filter(([, theirs]) => pods.some(({ index }) => selectorMatches(theirs, index.labels))).map(([other]) => `{${splitKey(other).name} ${namespace}}`).sort();
  return measuring.length < 2 ? undefined : { reason: 'AmbiguousSelector', message: `pods by selector ${text} are controlled by multiple HPAs: [${measuring.join(' ')}]` };
}

async function reconcile(key: string, world: World): Promise<ReconcileResult | undefined> {
  const { ports } = world;
  const { namespace, name } = splitKey(key);
  const autoscaler = ports.view.get<PodAutoscaler>(resources.horizontalPodAutoscalers, namespace, name);
  if (autoscaler === undefined || autoscaler.metadata.deletionTimestamp !== undefined) return undefined;
  const info = infoOf(autoscaler, world.served());
  const ref = typeof info === 'string' ? undefined : { group: info.group, resource: info.resource, version: info.version, namespace, name: autoscaler.spec.scaleTargetRef.name };
  const scale = ref === undefined ? undefined : await readScale(ref, ports);
  const target: Target = scale instanceof StatusError || scale === undefined
    ? { type: 'missing', message: scale?.message ?? String(info) }
    : { type: 'scale', replicas: scale.spec?.replicas ?? 0, fault: selectorFault(key, scale, world) };
  const plan = planAutoscaler({ autoscaler, target, now: ports.clock.now() });
  if (plan.resize !== undefined && ref !== undefined && scale !== undefined && !(scale instanceof StatusError)) {
    await ports.client.update(ref, { ...scale, spec: { ...scale.spec, replicas: plan.resize.replicas } }, { subresource: 'scale' });
  }
  for (const note of plan.notes) ports.event(autoscaler, note.type, note.reason, note.message);
  if (stableText(plan.status) !== stableText(autoscaler.status ?? {})) {
    await ports.client.update({ ...refOf(resources.horizontalPodAutoscalers, autoscaler), version: 'v2' }, { ...autoscaler, status: plan.status }, { subresource: 'status' });
  }
  return { requeueAfterMs: periodMs };
}

/** The target's Scale, or the failure to read it. */
async function readScale(ref: Parameters<ControllerPorts['client']['get']>[0], ports: ControllerPorts): Promise<Scale | StatusError> {
  try {
    return await ports.client.get<Scale>(ref, { subresource: 'scale' });
  } catch (error) {
    if (error instanceof StatusError && error.code < 500) return error;
    throw error;
  }
}
