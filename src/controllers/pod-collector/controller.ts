import type { ObjectChange, ObjectFacts } from '../../resources/index.ts';
import { withMetaCondition } from '../conditions.ts';
import {
  type Controller,
  type ControllerPorts,
  isOf,
  type ReconcileResult,
  refOf,
  settle,
  unlessGone,
} from '../runtime/index.ts';
import { isFinished } from '../workload/index.ts';
import { type Pod, resources, timeOf } from '../objects.ts';

export interface PodCollectorOptions {
  /** Ended pods that are kept in all; the oldest beyond go. */
  readonly endedPodsMax: number;
  /** A node must be missing for this long before its pods are given up. */
  readonly quarantineMs: number;
}

const sweepMs = 20_000;
const key = 'cluster';

/**
 * Deletes pods that nobody else will: of nodes that are gone, ended ones beyond a number, and terminating ones without
 * a node.
 */
export function podCollector(options: PodCollectorOptions): Controller {
  const missingSince = new Map<string, number>();
  return {
    name: 'pod-garbage-collector',
    resource: resources.pods,
    watches: [resources.nodes, resources.pods],
    reset: () => {
      missingSince.clear();
    },
    initialKeys: () => [key],
    keysFor: (change) => (matters(change) ? [key] : []),
    reconcile: (_key, ports) => sweep(ports, { options, missingSince }),
  };
}

function matters(change: ObjectChange): boolean {
  if (isOf(change, resources.nodes)) return change.type === 'delete';
  if (!isOf(change, resources.pods) || change.type === 'delete') return false;
  const pod = change.object as Pod;
  return pod.metadata.deletionTimestamp !== undefined && (pod.spec.nodeName ?? '') === '';
}

async function sweep(
  ports: ControllerPorts,
  memory: { readonly options: PodCollectorOptions; readonly missingSince: Map<string, number> },
): Promise<ReconcileResult> {
  const pods = ports.view.facts<Pod>(resources.pods);
  const lost = lostPods(pods, ports, memory);
  const unplaced = pods
    .filter((pod) => nodeOf(pod) === '' && pod.mentions('"deletionTimestamp"'))
    .map((pod) => pod.object())
    .filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
  const ended = pods
    .filter((pod) => endedPhases.has(pod.index.fields['status.phase'] ?? ''))
    .map((pod) => pod.object())
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .sort((a, b) => (timeOf(a.metadata.creationTimestamp) ?? 0) - (timeOf(b.metadata.creationTimestamp) ?? 0));
  await settle([
    ...lost.map((pod) => giveUp(pod, ports)),
    ...unplaced.map((pod) => remove(pod, ports)),
    ...ended.slice(0, Math.max(0, ended.length - memory.options.endedPodsMax)).map((pod) => remove(pod, ports)),
  ]);
  return { requeueAfterMs: sweepMs };
}

const nodeOf = (pod: ObjectFacts): string => pod.index.fields['spec.nodeName'] ?? '';
const endedPhases: ReadonlySet<string> = new Set(['Succeeded', 'Failed']);

function lostPods(
  pods: readonly ObjectFacts<Pod>[],
  ports: ControllerPorts,
  memory: { readonly options: PodCollectorOptions; readonly missingSince: Map<string, number> },
): readonly Pod[] {
  const now = ports.clock.monotonic();
  const missing = new Set(
    [...new Set(pods.map(nodeOf))].filter(
      (node) => node !== '' && ports.view.get(resources.nodes, undefined, node) === undefined,
    ),
  );
  for (const node of memory.missingSince.keys()) if (!missing.has(node)) memory.missingSince.delete(node);
  for (const node of missing) if (!memory.missingSince.has(node)) memory.missingSince.set(node, now);
  const given = new Set(
    [...memory.missingSince].filter(([, since]) => now - since >= memory.options.quarantineMs).map(([node]) => node),
  );
  return pods.filter((pod) => given.has(nodeOf(pod))).map((pod) => pod.object());
}

async function giveUp(pod: Pod, ports: ControllerPorts): Promise<void> {
  if (!isFinished(pod)) {
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'DeletionByPodGC',
      message: 'PodGC: node no longer exists',
    };
    const conditions = withMetaCondition(pod.status?.conditions ?? [], condition, ports.clock.now()).filter(
      (entry) => entry.type === condition.type,
    );
    await unlessGone(
      ports.client.patch(
        refOf(resources.pods, pod),
        { type: 'strategic', body: { metadata: { uid: pod.metadata.uid }, status: { phase: 'Failed', conditions } } },
        { subresource: 'status' },
      ),
    );
  }
  await remove(pod, ports);
}

async function remove(pod: Pod, ports: ControllerPorts): Promise<void> {
  await unlessGone(ports.client.delete(refOf(resources.pods, pod), { uid: pod.metadata.uid, gracePeriodSeconds: 0 }));
}
