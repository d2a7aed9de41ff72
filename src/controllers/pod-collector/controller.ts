/**
 * Deletes pods that nobody else will (Kubernetes' pod garbage collector): of nodes that are gone, ended ones beyond a
 * number, and terminating ones without a node or of one that is out of service.
 */
import { isFinished, type Node, type Pod, resources } from '../../api/index.ts';
import { restMsAfter } from '../../base/index.ts';
import type { ObjectChange, ResourceView } from '../../resources/index.ts';
import {
  type Controller,
  type ControllerPorts,
  isOf,
  type ReconcileResult,
  refOf,
  performAll,
  unlessGone,
} from '../runtime/index.ts';
import { isOutOfService, lostConditions, missingSince, nodeOf, outOfServiceTaint, planSweep } from './reconcile.ts';

interface PodCollectorOptions {
  /** Ended pods that are kept in all; the oldest beyond go. Default 12,500. */
  readonly endedPodsMax?: number | undefined;
}

const endedPodsMaxDefault = 12_500;
/** A node must be missing for this long before its pods are given up. */
const quarantineMs = 40_000;
const sweepMs = 20_000;
/** Most pods and nodes are not parsed: so many of them take as long as one that is. */
const factsPerObject = 5;
/** One actor looks at all pods. */
const key = 'cluster';

/** Since when nodes are missing, in monotonic ms. */
interface Memory {
  missing: ReadonlyMap<string, number>;
}

export function podCollector({ endedPodsMax = endedPodsMaxDefault }: PodCollectorOptions = {}): Controller {
  const memory: Memory = { missing: new Map() };
  return {
    name: 'pod-garbage-collector',
    resource: resources.pods,
    watches: [resources.nodes, resources.pods],
    reset: () => {
      memory.missing = new Map();
    },
    initialKeys: () => [key],
    keysFor: (change, { view }) => (matters(change, view) ? [key] : []),
    reconcile: (_key, ports) => sweep(ports, endedPodsMax, memory),
  };
}

function matters(change: ObjectChange, view: ResourceView): boolean {
  if (isOf(change, resources.nodes))
    return change.type === 'delete' || isOutOfService(change.object as Node) !== wasOutOfService(change);
  if (!isOf(change, resources.pods) || change.type === 'delete') return false;
  const pod = change.object as Pod;
  // One that has ended and is there still is held by somebody: the next sweep is soon enough.
  if (pod.metadata.deletionTimestamp === undefined || isFinished(pod)) return false;
  const nodeName = pod.spec.nodeName ?? '';
  const node = nodeName === '' ? undefined : view.get<Node>(resources.nodes, undefined, nodeName);
  return nodeName === '' || (node !== undefined && isOutOfService(node));
}

function wasOutOfService({ previous }: ObjectChange): boolean {
  return previous !== undefined && isOutOfService(previous as Node);
}

async function sweep(ports: ControllerPorts, endedPodsMax: number, memory: Memory): Promise<ReconcileResult> {
  const pods = ports.view.facts<Pod>(resources.pods);
  const now = ports.clock.monotonic();
  const nodes = ports.view.facts<Node>(resources.nodes);
  const known = new Set(nodes.map(({ index }) => index.fields['metadata.name']));
  const isMissing = (node: string): boolean => node !== '' && !known.has(node);
  memory.missing = missingSince(memory.missing, new Set([...new Set(pods.map(nodeOf))].filter(isMissing)), now);
  const lostNodes = new Set([...memory.missing].filter(([, at]) => now - at >= quarantineMs).map(([node]) => node));
  const deadNodes = new Set(
    nodes
      .filter((node) => node.mentions(outOfServiceTaint) && isOutOfService(node.object()))
      .map((node) => node.index.fields['metadata.name'] ?? ''),
  );
  const plan = planSweep({ pods, lostNodes, deadNodes, endedPodsMax });
  await performAll([
    ...plan.lost.map((pod) => giveUp(pod, { conditions: lostConditions(pod, ports.clock.now()) }, ports)),
    ...plan.stuck.map((pod) => giveUp(pod, {}, ports)),
    ...plan.remove.map((pod) => remove(pod, ports)),
  ]);
  return { requeueAfterMs: sweepMs, restMs: restMsAfter((pods.length + nodes.length) / factsPerObject) };
}

/** It has failed, unless it has ended by itself. */
async function giveUp(pod: Pod, status: Pick<Pod['status'], 'conditions'>, ports: ControllerPorts): Promise<void> {
  if (!isFinished(pod)) {
    const body = { metadata: { uid: pod.metadata.uid }, status: { phase: 'Failed', ...status } };
    await unlessGone(
      ports.client.patch(refOf(resources.pods, pod), { type: 'strategic', body }, { subresource: 'status' }),
    );
  }
  await remove(pod, ports);
}

async function remove(pod: Pod, ports: ControllerPorts): Promise<void> {
  await unlessGone(ports.client.delete(refOf(resources.pods, pod), { uid: pod.metadata.uid, gracePeriodSeconds: 0 }));
}
