/** The filter NodeResourcesFit: room for the requests of a pod. */
import { addAmounts, type Amounts, noAmounts } from '../amounts.ts';
import { figure, marks, type NodeColumns, rowLength } from '../node-columns.ts';
import type { NodeState } from '../node-state.ts';
import type { PodInfo } from '../pod-info.ts';
import { type Filter, quick, type Rejection } from './filter.ts';

/** What of `wanted` is not free on the node, in kube-scheduler's words; undefined when all is. */
export function missingResources(wanted: Amounts, node: NodeState): readonly string[] | undefined {
  const { requested, allocatable } = node;
  const room = node.pods.size + 1 <= node.podsMax;
  const cpu = wanted.cpuMilli === 0 || wanted.cpuMilli <= allocatable.cpuMilli - requested.cpuMilli;
  const memory = wanted.memory === 0 || wanted.memory <= allocatable.memory - requested.memory;
  const storage =
    wanted.ephemeralStorage === 0 ||
    wanted.ephemeralStorage <= allocatable.ephemeralStorage - requested.ephemeralStorage;
  if (room && cpu && memory && storage && wanted.others === undefined) return undefined;
  const reasons: string[] = [];
  if (!room) reasons.push('Too many pods');
  if (!cpu) reasons.push('Insufficient cpu');
  if (!memory) reasons.push('Insufficient memory');
  if (!storage) reasons.push('Insufficient ephemeral-storage');
  for (const [name, amount] of wanted.others ?? []) {
    const free = (allocatable.others?.get(name) ?? 0) - (requested.others?.get(name) ?? 0);
    if (amount > 0 && amount > free) reasons.push(`Insufficient ${name}`);
  }
  return reasons.length === 0 ? undefined : reasons;
}

/** Whether even an empty node would be too small. */
function tooLarge(wanted: Amounts, node: NodeState): boolean {
  const { allocatable } = node;
  if (
    wanted.cpuMilli > allocatable.cpuMilli ||
    wanted.memory > allocatable.memory ||
    wanted.ephemeralStorage > allocatable.ephemeralStorage
  )
    return true;
  for (const [name, amount] of wanted.others ?? []) if (amount > (allocatable.others?.get(name) ?? 0)) return true;
  return false;
}

/** The pod's requests together with those of pods for which room is kept on the node (of its priority or more). */
function withNominated(pod: PodInfo, node: NodeState): Amounts {
  const wanted = noAmounts();
  addAmounts(wanted, pod.requests);
  for (const other of node.nominated.values())
    if (other.uid !== pod.uid && other.priority >= pod.priority) addAmounts(wanted, other.requests);
  return wanted;
}

/** `missingResources` and the pods for which room is kept, asked of the node in a slot. */
function roomIn(pod: PodInfo, columns: NodeColumns): (slot: number) => boolean {
  const { cpuMilli, memory, ephemeralStorage, others } = pod.requests;
  const missing = (slot: number): boolean => {
    const node = columns.nodes[slot];
    return node === undefined || missingResources(withNominated(pod, node), node) !== undefined;
  };
  return (slot) => {
    if (others !== undefined || ((columns.marks[slot] ?? 0) & marks.nominated) !== 0) return !missing(slot);
    const { rows } = columns;
    const at = slot * rowLength;
    return (
      (rows[at + figure.freePods] ?? 0) >= 1 &&
      (cpuMilli === 0 || cpuMilli <= (rows[at + figure.freeCpu] ?? 0)) &&
      (memory === 0 || memory <= (rows[at + figure.freeMemory] ?? 0)) &&
      (ephemeralStorage === 0 || ephemeralStorage <= (rows[at + figure.freeStorage] ?? 0))
    );
  };
}

/** Keeps the sum of requests on a node within what it can give, and the number of its pods. */
export const nodeResourcesFit: Filter = {
  name: 'NodeResourcesFit',
  prepare: (pod, { columns }) => {
    const wanted = pod.requests;
    const check = (node: NodeState): Rejection | undefined => {
      const reasons = missingResources(node.nominated.size === 0 ? wanted : withNominated(pod, node), node);
      return reasons === undefined ? undefined : { reasons, resolvable: !tooLarge(wanted, node) };
    };
    return quick(check, roomIn(pod, columns));
  },
};
