/** The Table columns of a pod. */

import {
  type ContainerStateTerminated,
  type ContainerStatus,
  isSidecar,
  type Pod,
  type Sent,
} from '../../../objects/index.ts';
import { ageText } from '../../../machinery/index.ts';
import type { KubeObject } from '../../../object.ts';
import type { RowCondition, TableCell, TableColumn } from '../../behaviour.ts';
import { ageColumn, ageOf, column, nameColumn, textOrNone } from '../../columns.ts';

export const podColumns: readonly TableColumn[] = [
  nameColumn,
  column('Ready', 'Number of ready containers and of all containers.'),
  column('Status', 'Phase of the pod, or the reason why it is not in it.'),
  column('Restarts', 'Number of container restarts, and the time since the last one.'),
  ageColumn,
  column('IP', 'IP address of the pod.', { priority: 1 }),
  column('Node', 'Node on which the pod runs.', { priority: 1 }),
  column('Nominated Node', 'Node on which other pods were preempted to make room for the pod.', { priority: 1 }),
  column('Readiness Gates', 'Number of readiness gates that are met and of all readiness gates.', { priority: 1 }),
];

interface Counted {
  restarts: number;
  lastRestart: string | undefined;
}

function count(into: Counted, status: Sent<ContainerStatus>): void {
  into.restarts += status.restartCount ?? 0;
  const finishedAt = status.lastState?.terminated?.finishedAt;
  if (finishedAt !== undefined && finishedAt > (into.lastRestart ?? '')) into.lastRestart = finishedAt;
}

function endText(terminated: Sent<ContainerStateTerminated>): string {
  if (terminated.reason !== undefined && terminated.reason !== '') return terminated.reason;
  return (terminated.signal ?? 0) === 0 ? `ExitCode:${terminated.exitCode ?? 0}` : `Signal:${terminated.signal}`;
}

interface Initialisation {
  /** What the unfinished init container is at; undefined when all are done. */
  readonly reason: string | undefined;
  readonly readySidecars: number;
  readonly all: Counted;
  readonly sidecars: Counted;
}

function initialisation(pod: Sent<Pod>): Initialisation {
  const sidecarNames = new Set((pod.spec?.initContainers ?? []).filter(isSidecar).map((container) => container.name));
  const all: Counted = { restarts: 0, lastRestart: undefined };
  const sidecars: Counted = { restarts: 0, lastRestart: undefined };
  let readySidecars = 0;
  for (const [index, status] of (pod.status?.initContainerStatuses ?? []).entries()) {
    const sidecar = sidecarNames.has(status.name);
    count(all, status);
    if (sidecar) count(sidecars, status);
    const terminated = status.state?.terminated;
    if (terminated?.exitCode === 0) continue;
    if (sidecar && status.started === true) {
      if (status.ready === true) readySidecars++;
      continue;
    }
    const waiting = status.state?.waiting?.reason ?? '';
    const place = `${index}/${pod.spec?.initContainers?.length ?? 0}`;
    const reason =
      terminated !== undefined
        ? endText(terminated)
        : waiting !== '' && waiting !== 'PodInitializing'
          ? waiting
          : place;
    return { reason: `Init:${reason}`, readySidecars, all, sidecars };
  }
  return { reason: undefined, readySidecars, all, sidecars };
}

const hasCondition = (pod: Sent<Pod>, type: string): boolean =>
  (pod.status?.conditions ?? []).some((condition) => condition.type === type && condition.status === 'True');

interface Shown extends Counted {
  reason: string;
  ready: number;
}

function running(pod: Sent<Pod>, shown: Shown): void {
  let hasRunning = false;
  for (const status of (pod.status?.containerStatuses ?? []).toReversed()) {
    count(shown, status);
    const waiting = status.state?.waiting?.reason ?? '';
    if (waiting !== '') shown.reason = waiting;
    else if (status.state?.terminated !== undefined) shown.reason = endText(status.state.terminated);
    else if (status.ready === true && status.state?.running !== undefined) {
      hasRunning = true;
      shown.ready++;
    }
  }
  if (shown.reason === 'Completed' && hasRunning) shown.reason = hasCondition(pod, 'Ready') ? 'Running' : 'NotReady';
}

function shownOf(pod: Sent<Pod>): Shown {
  const phase = pod.status?.phase ?? '';
  const gated = (pod.status?.conditions ?? []).some(
    (condition) => condition.type === 'PodScheduled' && condition.reason === 'SchedulingGated',
  );
  const start = initialisation(pod);
  const shown: Shown = {
    reason: start.reason ?? (gated ? 'SchedulingGated' : pod.status?.reason || phase),
    ready: start.readySidecars,
    restarts: start.all.restarts,
    lastRestart: start.all.lastRestart,
  };
  if (start.reason === undefined || hasCondition(pod, 'Initialized')) {
    shown.restarts = start.sidecars.restarts;
    shown.lastRestart = start.sidecars.lastRestart;
    running(pod, shown);
  }
  if (pod.metadata?.deletionTimestamp === undefined) return shown;
  if (pod.status?.reason === 'NodeLost') shown.reason = 'Unknown';
  else if (phase !== 'Succeeded' && phase !== 'Failed') shown.reason = 'Terminating';
  return shown;
}

function gatesText(pod: Sent<Pod>): string {
  const gates = pod.spec?.readinessGates ?? [];
  return gates.length === 0
    ? '<none>'
    : `${gates.filter((gate) => hasCondition(pod, gate.conditionType ?? '')).length}/${gates.length}`;
}

const podOf = (object: object): Sent<Pod> => object as Sent<Pod>;

export function podRow(object: KubeObject, now: number): readonly TableCell[] {
  const pod = podOf(object);
  const shown = shownOf(pod);
  const total = (pod.spec?.containers?.length ?? 0) + (pod.spec?.initContainers ?? []).filter(isSidecar).length;
  const ago =
    shown.restarts === 0 || shown.lastRestart === undefined ? '' : ` (${ageText(shown.lastRestart, now)} ago)`;
  return [
    object.metadata.name ?? '',
    `${shown.ready}/${total}`,
    shown.reason,
    `${shown.restarts}${ago}`,
    ageOf(object, now),
    textOrNone(pod.status?.podIPs?.[0]?.ip),
    textOrNone(pod.spec?.nodeName),
    textOrNone(pod.status?.nominatedNodeName),
    gatesText(pod),
  ];
}

/** Pods that have ended say so. */
export function podRowConditions(object: KubeObject): readonly RowCondition[] {
  const phase = podOf(object).status?.phase;
  if (phase === 'Succeeded')
    return [{ type: 'Completed', status: 'True', reason: phase, message: 'The pod has completed successfully.' }];
  return phase === 'Failed' ? [{ type: 'Completed', status: 'True', reason: phase, message: 'The pod failed.' }] : [];
}
