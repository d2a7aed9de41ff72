/** Resizes the targets of HorizontalPodAutoscalers. */
import {
  allResources,
  type GroupResource,
  type HorizontalPodAutoscaler,
  parseLabelSelector,
  type Pod,
  type ResourceInfo,
  resources,
  type Selector,
  selectorMatches,
  StatusError,
} from '../../api/index.ts';
import { errorMessage } from '../../base/index.ts';
import type { ObjectChange } from '../../resources/index.ts';
import {
  type Controller,
  type ControllerPorts,
  isOf,
  isRefusal,
  keyOf,
  type ReconcileResult,
  refOf,
  splitKey,
  stableText,
} from '../runtime/index.ts';
import { adapterQuestion } from './adapter-questions.ts';
import type { Measurement } from './metric-outcome.ts';
import { type AdapterAnswer, type AdapterSource, noAdapter, noPodMetrics, type PodMetricsSource } from './metric.ts';
import {
  isMeasured,
  type Observed,
  type Plan,
  planAfterRefusal,
  planAutoscaler,
  type Resize,
  type SelectorFault,
  type Target,
} from './reconcile.ts';
import type { ScaleHistory } from './stabilization.ts';

/** How often a target is measured (Kubernetes' default). */
const periodMs = 15_000;

interface Scale {
  readonly spec?: { readonly replicas?: number };
  readonly status?: { readonly selector?: string; readonly replicas?: number };
  readonly [field: string]: unknown;
}

/** What is remembered of each autoscaler, by its key. */
interface Remembered {
  /** Which pods its target selects, as last seen. */
  readonly selectors: Map<string, Selector>;
  readonly histories: Map<string, ScaleHistory>;
  /** When its target was last given another size by metrics, in monotonic ms. */
  readonly resized: Map<string, number>;
}

interface World extends Remembered {
  readonly ports: ControllerPorts;
  readonly served: () => readonly ResourceInfo[];
  readonly podMetrics: PodMetricsSource;
  readonly adapter: AdapterSource;
}

/** Keeps the targets of HorizontalPodAutoscalers at the sizes that their metrics ask for. */
export function podAutoscalerController(
  served: () => readonly ResourceInfo[],
  podMetrics: PodMetricsSource = () => Promise.resolve(noPodMetrics),
  adapter: AdapterSource = (question) => Promise.resolve(noAdapter(question)),
): Controller {
  const remembered: Remembered = { selectors: new Map(), histories: new Map(), resized: new Map() };
  const all = Object.values(remembered) as readonly Map<string, unknown>[];
  return {
    name: 'horizontal-pod-autoscaler',
    resource: resources.horizontalPodAutoscalers,
    reset: () => {
      for (const map of all) map.clear();
    },
    keysFor: (change, ports) => {
      if (isOf(change, resources.horizontalPodAutoscalers) && change.type === 'delete')
        for (const map of all) map.delete(keyOf(change.object));
      return keysFor(change, ports);
    },
    reconcile: (key, ports) => reconcile(key, { ports, served, podMetrics, adapter, ...remembered }),
  };
}

interface Sized {
  readonly spec?: { readonly replicas?: number };
}

/** Targets are reconciled periodically, as they are measured, and when their size has changed. */
function keysFor(change: ObjectChange, ports: ControllerPorts): readonly string[] {
  if (!isOf(change, resources.horizontalPodAutoscalers)) return ofResized(change, ports);
  if (change.type === 'delete') return [];
  return stableText(change.object.spec) === stableText(change.previous?.spec) ? [] : [keyOf(change.object)];
}

const keyOfKind = ({ group, resource }: GroupResource): string => `${group}/${resource}`;

/** Built-in kinds without a size; custom ones may have one. */
function unsizedKinds(): ReadonlySet<string> {
  const all = allResources();
  const sized = new Set(
    all
      .filter((info) => info.subresources.some(({ name }) => name === 'scale'))
      .map(({ storage }) => keyOfKind(storage)),
  );
  return new Set(all.map(({ storage }) => keyOfKind(storage)).filter((kind) => !sized.has(kind)));
}
const unsized = unsizedKinds();

function ofResized(change: ObjectChange, ports: ControllerPorts): readonly string[] {
  if (unsized.has(keyOfKind(change.resource))) return [];
  if (change.type === 'delete' || (change.facts !== undefined && !mayHaveSize(change.facts))) return [];
  const { object, previous } = change;
  if (previous === undefined || (object as Sized).spec?.replicas === (previous as Sized).spec?.replicas) return [];
  const {
    kind,
    metadata: { namespace, name },
  } = object;
  const isTarget = ({ spec: { scaleTargetRef: target } }: HorizontalPodAutoscaler): boolean =>
    target.kind === kind && target.name === name;
  return ports.view
    .list<HorizontalPodAutoscaler>(resources.horizontalPodAutoscalers, namespace)
    .filter(isTarget)
    .map(keyOf);
}

/** Most changes are of objects without a size, or of new ones: those are not parsed for it. */
function mayHaveSize({ object, previous }: NonNullable<ObjectChange['facts']>): boolean {
  return previous !== undefined && (object.mentions('"replicas"') || previous.mentions('"replicas"'));
}

/** What the target is, or why it cannot be scaled. */
function infoOf(autoscaler: HorizontalPodAutoscaler, served: readonly ResourceInfo[]): ResourceInfo | string {
  const { apiVersion = '', kind } = autoscaler.spec.scaleTargetRef;
  const [first = '', second, ...more] = apiVersion.split('/');
  if (more.length > 0) return `unexpected GroupVersion string: ${apiVersion}`;
  const group = second === undefined ? '' : first;
  const info = served.find((one) => one.group === group && one.kind === kind);
  if (info === undefined) return `no matches for kind "${kind}" in group "${group}"`;
  return info.subresources.some(({ name }) => name === 'scale')
    ? info
    : 'the server could not find the requested resource';
}

/**
 * The target's pods with what they use, or why that is unknown: nobody knows them, or another autoscaler measures
 * them too.
 */
async function measure(
  key: string,
  { scale, autoscaler }: { readonly scale: Scale; readonly autoscaler: HorizontalPodAutoscaler },
  world: World,
): Promise<Measurement | SelectorFault> {
  const { ports, selectors, podMetrics } = world;
  const text = scale.status?.selector ?? '';
  if (text === '') return { reason: 'SelectorRequired', message: 'selector is required' };
  const selector = parseLabelSelector(text);
  selectors.set(key, selector);
  const { namespace } = splitKey(key);
  const pods = ports.view
    .facts<Pod>(resources.pods, { namespace })
    .filter(({ index }) => selectorMatches(selector, index.labels));
  const rivals = [...selectors].filter(([other]) => splitKey(other).namespace === namespace);
  const measuring = rivals
    .filter(([, theirs]) => pods.some(({ index }) => selectorMatches(theirs, index.labels)))
    .map(([other]) => `{${splitKey(other).name} ${namespace}}`)
    .sort();
  if (measuring.length > 1)
    return {
      reason: 'AmbiguousSelector',
      message: `pods by selector ${text} are controlled by multiple HPAs: [${measuring.join(' ')}]`,
    };
  return {
    pods: pods.map((pod) => pod.object()),
    answer: await podMetrics(namespace, text),
    statusReplicas: scale.status?.replicas,
    adapted: await askAdapters(autoscaler, text, world),
  };
}

/** One metric after the other: how many there are is the user's choice. */
async function askAdapters(
  { metadata, spec }: HorizontalPodAutoscaler,
  selector: string,
  { served, adapter }: World,
): Promise<readonly (AdapterAnswer | undefined)[]> {
  const answers: (AdapterAnswer | undefined)[] = [];
  const resourceOf = (kind: string, apiVersion = ''): ResourceInfo | undefined => {
    const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
    return served().find((info) => info.group === group && info.kind === kind);
  };
  for (const metric of spec.metrics ?? []) {
    const question = adapterQuestion(metric, { namespace: metadata.namespace ?? '', selector, resourceOf });
    if (typeof question === 'string') answers.push({ type: 'failed', message: question });
    else answers.push(question === undefined ? undefined : await adapter(question));
  }
  return answers;
}

async function reconcile(key: string, world: World): Promise<ReconcileResult | undefined> {
  const { ports, histories } = world;
  const { namespace, name } = splitKey(key);
  const autoscaler = ports.view.get<HorizontalPodAutoscaler>(resources.horizontalPodAutoscalers, namespace, name);
  if (autoscaler === undefined || autoscaler.metadata.deletionTimestamp !== undefined) return undefined;
  const info = infoOf(autoscaler, world.served());
  const ref =
    typeof info === 'string'
      ? undefined
      : {
          group: info.group,
          resource: info.resource,
          version: info.version,
          namespace,
          name: autoscaler.spec.scaleTargetRef.name,
        };
  const scale = ref === undefined ? undefined : await readScale(ref, ports);
  const waitMs = waitAfterResize(key, world);
  if (
    waitMs > 0 &&
    scale !== undefined &&
    !(scale instanceof StatusError) &&
    isMeasured(autoscaler, scale.spec?.replicas ?? 0)
  )
    return { requeueAfterMs: waitMs };
  const target: Target =
    scale instanceof StatusError || scale === undefined
      ? { type: 'missing', message: scale?.message ?? String(info) }
      : { type: 'scale', replicas: scale.spec?.replicas ?? 0, pods: await measure(key, { scale, autoscaler }, world) };
  const observed: Observed = { autoscaler, target, history: histories.get(key), now: ports.clock.now() };
  const plan = planAutoscaler(observed);
  if (plan.history !== undefined) histories.set(key, plan.history);
  let told: Pick<Plan, 'status' | 'notes'> = plan;
  if (plan.resize !== undefined && ref !== undefined && scale !== undefined && !(scale instanceof StatusError)) {
    const refusal = await resize(key, { ref, scale, resize: plan.resize }, world);
    if (refusal !== undefined) told = planAfterRefusal(observed, plan, refusal);
  }
  for (const note of told.notes) ports.event(autoscaler, note.type, note.reason, note.message);
  if (stableText(told.status) !== stableText(autoscaler.status ?? {})) {
    await ports.client.update(
      { ...refOf(resources.horizontalPodAutoscalers, autoscaler), version: 'v2' },
      { ...autoscaler, status: told.status },
      { subresource: 'status' },
    );
  }
  return { requeueAfterMs: periodMs };
}

/**
 * What was measured before a resize says nothing of the new size: the resize itself wakes the autoscaler, which then
 * looks at the bounds only.
 */
function waitAfterResize(key: string, { ports, resized }: World): number {
  return (resized.get(key) ?? Number.NEGATIVE_INFINITY) + periodMs - ports.clock.monotonic();
}

/** Gives the target its size. Resolves with why it did not take it. */
async function resize(
  key: string,
  {
    ref,
    scale,
    resize: { replicas, measured, history },
  }: { readonly ref: ScaleRef; readonly scale: Scale; readonly resize: Resize },
  { ports, histories, resized }: World,
): Promise<string | undefined> {
  try {
    await ports.client.update(ref, { ...scale, spec: { ...scale.spec, replicas } }, { subresource: 'scale' });
  } catch (error) {
    if (isRefusal(error)) return errorMessage(error);
    throw error;
  }
  histories.set(key, history);
  if (measured) resized.set(key, ports.clock.monotonic());
  return undefined;
}

type ScaleRef = Parameters<ControllerPorts['client']['get']>[0];

/** The target's Scale, or the failure to read it. */
async function readScale(ref: ScaleRef, ports: ControllerPorts): Promise<Scale | StatusError> {
  try {
    return await ports.client.get<Scale>(ref, { subresource: 'scale' });
  } catch (error) {
    if (error instanceof StatusError && error.code < 500) return error;
    throw error;
  }
}
