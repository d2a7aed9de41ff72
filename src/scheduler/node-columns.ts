/** What is asked of thousands of nodes for each pod, side by side in arrays. */
import { LabelColumn, type LabelDomains } from './label-column.ts';
import type { NodeState } from './node-state.ts';

/** What a filter or score has to look at the node itself for; most nodes have none of it. */
export const marks = { unschedulable: 1, hardTaints: 2, nominated: 4, softTaints: 8, images: 16 } as const;

/** Where the figures of a node stand in its row: what is free, what there is, and what counts as taken for scores. */
export const figure = {
  freeCpu: 0,
  freeMemory: 1,
  freeStorage: 2,
  freePods: 3,
  cpu: 4,
  memory: 5,
  assumedCpu: 6,
  assumedMemory: 7,
} as const;
/** Figures of a node: as many as a line of a processor's cache holds. */
export const rowLength = 8;

const slotsMin = 64;
/** Labels that are kept; the one that was made first is forgotten for one more. */
const labelsMax = 64;

/**
 * A copy of what decisions ask of every node. A NodeState with its pods is spread over the heap, and a look at it costs
 * several misses of the processor's cache; a row here costs one, or none in a walk. A node keeps its slot for as long
 * as it is there. Invariant: the row and marks of a slot say what its node says, after `write`.
 */
export class NodeColumns {
  /** By slot, `rowLength` figures each. */
  rows = new Float64Array(slotsMin * rowLength);
  /** By slot: the sum of the marks that the node has. */
  marks = new Uint8Array(slotsMin);
  /** By slot: the node; undefined where none is. */
  readonly nodes: (NodeState | undefined)[] = [];
  readonly #free: number[] = [];
  readonly #labels = new Map<string, LabelColumn>();

  /** Gives a new node its slot. */
  add(node: NodeState): void {
    node.slot = this.#free.pop() ?? this.nodes.length;
    this.nodes[node.slot] = node;
    if (node.slot >= this.marks.length) this.#grow(this.marks.length * 2);
    for (const column of this.#labels.values()) column.put(node.slot, node.labels);
    this.write(node);
  }

  remove(node: NodeState): void {
    for (const column of this.#labels.values()) column.remove(node.slot);
    this.nodes[node.slot] = undefined;
    this.#free.push(node.slot);
  }

  /** The node has other labels now. No pod may be counted on it meanwhile. */
  relabel(node: NodeState): void {
    for (const column of this.#labels.values()) column.put(node.slot, node.labels);
  }

  /** Takes over the figures and marks of a node. */
  write(node: NodeState): void {
    const { rows } = this;
    const { allocatable, requested } = node;
    const at = node.slot * rowLength;
    rows[at + figure.freeCpu] = allocatable.cpuMilli - requested.cpuMilli;
    rows[at + figure.freeMemory] = allocatable.memory - requested.memory;
    rows[at + figure.freeStorage] = allocatable.ephemeralStorage - requested.ephemeralStorage;
    rows[at + figure.freePods] = node.podsMax - node.pods.size;
    rows[at + figure.cpu] = allocatable.cpuMilli;
    rows[at + figure.memory] = allocatable.memory;
    rows[at + figure.assumedCpu] = node.assumedCpuMilli;
    rows[at + figure.assumedMemory] = node.assumedMemory;
    this.marks[node.slot] =
      (node.unschedulable ? marks.unschedulable : 0) +
      (node.hardTaints.length > 0 ? marks.hardTaints : 0) +
      (node.nominated.size > 0 ? marks.nominated : 0) +
      (node.softTaints.length > 0 ? marks.softTaints : 0) +
      (node.images.size > 0 ? marks.images : 0);
  }

  /** The domains of a label: made from all nodes at the first question, then kept up to date. */
  label(key: string): LabelDomains {
    const known = this.#labels.get(key);
    if (known !== undefined) return known;
    const column = new LabelColumn(key, this.marks.length);
    for (const node of this.nodes) if (node !== undefined) column.put(node.slot, node.labels);
    const [first] = this.#labels.keys();
    if (first !== undefined && this.#labels.size >= labelsMax) this.#labels.delete(first);
    this.#labels.set(key, column);
    return column;
  }

  /** Whether one of these nodes has the mark. */
  some(nodes: readonly NodeState[], mark: number): boolean {
    for (let i = 0; i < nodes.length; i++)
      if (((this.marks[(nodes[i] as NodeState).slot] ?? 0) & mark) !== 0) return true;
    return false;
  }

  #grow(slots: number): void {
    const rows = new Float64Array(slots * rowLength);
    rows.set(this.rows);
    this.rows = rows;
    const wider = new Uint8Array(slots);
    wider.set(this.marks);
    this.marks = wider;
    for (const column of this.#labels.values()) column.grow(slots);
  }
}
