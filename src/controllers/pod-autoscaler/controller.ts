import { findKind, type ResourceInfo, StatusError } from '../../api/index.ts';
import type { ObjectChange } from '../../resources/index.ts';
import type { Controller, ControllerPorts, ReconcileResult } from '../controller.ts';
import { isOf, keyOf, resources, splitKey } from '../objects.ts';
import { stableText } from '../template-hash.ts';
import { refOf } from '../writes.ts';
import { planAutoscaler, type PodAutoscaler, type Target } from './reconcile.ts';

/** How often a target is measured, as upstream. */
const periodMs = 15_000;

interface Scale {
  readonly spec?: { readonly replicas?: number };
  readonly status?: { readonly replicas?: number };
  readonly [field: string]: unknown;
}

/** Keeps the targets of HorizontalPodAutoscalers within their bounds. */
export function podAutoscalerController(): Controller {
  return { name: 'horizontal-pod-autoscaler', resource: resources.horizontalPodAutoscalers, wakes, reconcile };
}

interface Sized {
  readonly status?: { readonly replicas?: number };
}

/** Targets are looked at by the clock, as their measurements are, and when their size has changed. */
function wakes(change: ObjectChange, ports: ControllerPorts): readonly string[] {
  if (!isOf(change, resources.horizontalPodAutoscalers)) return ofResized(change, ports);
  if (change.type === 'delete') return [];
  return stableText(change.object.spec) === stableText(change.previous?.spec) ? [] : [keyOf(change.object)];
}

function ofResized({ type, object, previous }: ObjectChange, ports: ControllerPorts): readonly string[] {
  if (type === 'delete' || previous === undefined || (object as Sized).status?.replicas === (previous as Sized).status?.replicas) return [];
  const { kind, metadata: { namespace, name } } = object;
  const isTarget = ({ spec: { scaleTargetRef: target } }: PodAutoscaler): boolean => target.kind === kind && target.name === name;
  return ports.view.list<PodAutoscaler>(resources.horizontalPodAutoscalers, namespace).filter(isTarget).map(keyOf);
}

function infoOf(autoscaler: PodAutoscaler): ResourceInfo | undefined {
  const { apiVersion = 'apps/v1', kind } = autoscaler.spec.scaleTargetRef;
  const [group = '', version = group] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  return findKind(group, version, kind);
}

async function reconcile(key: string, ports: ControllerPorts): Promise<ReconcileResult | undefined> {
  const { namespace, name } = splitKey(key);
  const autoscaler = ports.view.get<PodAutoscaler>(resources.horizontalPodAutoscalers, namespace, name);
  if (autoscaler === undefined || autoscaler.metadata.deletionTimestamp !== undefined) return undefined;
  const info = infoOf(autoscaler);
  const { kind, name: targetName } = autoscaler.spec.scaleTargetRef;
  const ref = info === undefined ? undefined : { group: info.group, resource: info.resource, version: info.version, namespace, name: targetName };
  const scale = ref === undefined ? undefined : await readScale(ref, ports);
  const target: Target = scale instanceof StatusError || scale === undefined
    ? { type: 'missing', message: scale?.message ?? `no matches for kind "${kind}" in group "${autoscaler.spec.scaleTargetRef.apiVersion ?? ''}"` }
    : { type: 'scale', wished: scale.spec?.replicas ?? 0, current: scale.status?.replicas ?? 0 };
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
