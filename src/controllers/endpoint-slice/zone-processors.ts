/** The part of the processors that each zone has, kept up to date node by node. */
import { isNodeReady, type Node, parseQuantity, quantityMilli, resources, zoneLabel, zoneOf } from '../../api/index.ts';
import type { ResourceView } from '../../resources/index.ts';
import { isOf } from '../runtime/index.ts';

/** Nodes of the control plane send little traffic to Services: they do not count. */
const excludedLabels = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'] as const;

const counts = (node: Node): boolean =>
  isNodeReady(node) && !excludedLabels.some((label) => label in (node.metadata.labels ?? {}));

/** What of a node the hints of Services depend on, as one text. */
export const zoneFacts = (node: Node): string =>
  [zoneOf(node) ?? '', counts(node), node.status?.allocatable?.['cpu'] ?? ''].join(' ');

/** By zone, of 1; in words, why that is unknown. */
export type ZoneShares = ReadonlyMap<string, number> | string;

interface Counted {
  /** Undefined: the node says no zone, or no processors. */
  readonly zone: string | undefined;
  readonly milli: number;
}

/** Sums of all nodes that count. A change of one node costs the same among few and among thousands. */
export class ZoneProcessors {
  readonly #nodes = new Map<string, Counted>();
  readonly #milli = new Map<string, number>();
  /** Names of nodes without a zone or processors. */
  readonly #lacking = new Set<string>();

  constructor(nodes: readonly Node[]) {
    for (const node of nodes) this.note(node);
  }

  get size(): number {
    return this.#nodes.size;
  }

  /** Takes a node as it is now in the place of what it was. */
  note(node: Node): void {
    this.forget(node);
    if (!counts(node)) return;
    const cpu = parseQuantity(node.status?.allocatable?.['cpu'] ?? '');
    const milli = cpu === undefined ? 0 : quantityMilli(cpu);
    const zone = milli === 0 ? undefined : zoneOf(node);
    const { name = '' } = node.metadata;
    this.#nodes.set(name, { zone, milli });
    if (zone === undefined) this.#lacking.add(name);
    else this.#add(zone, milli);
  }

  forget({ metadata: { name = '' } }: Node): void {
    const counted = this.#nodes.get(name);
    if (counted === undefined) return;
    this.#nodes.delete(name);
    if (counted.zone === undefined) this.#lacking.delete(name);
    else this.#add(counted.zone, -counted.milli);
  }

  #add(zone: string, milli: number): void {
    const sum = (this.#milli.get(zone) ?? 0) + milli;
    if (sum === 0) this.#milli.delete(zone);
    else this.#milli.set(zone, sum);
  }

  shares(): ZoneShares {
    for (const name of this.#lacking) return `Node ${name} has no label ${zoneLabel}, or no allocatable cpu`;
    if (this.#milli.size < 2) return 'Insufficient number of zones: nodes of at least two are needed';
    const sum = [...this.#milli.values()].reduce((all, milli) => all + milli, 0);
    return new Map([...this.#milli].map(([zone, milli]) => [zone, milli / sum]));
  }
}

const known = new WeakMap<ResourceView, ZoneProcessors>();

/** Those of the nodes that a view shows; all nodes are looked at when they are first asked for. */
export function zoneProcessorsOf(view: ResourceView): ZoneProcessors {
  const found = known.get(view);
  if (found !== undefined) return found;
  const made = new ZoneProcessors(view.list<Node>(resources.nodes));
  view.onChange(
    (change) => {
      if (!isOf(change, resources.nodes)) return;
      if (change.type === 'delete') made.forget(change.object as Node);
      else made.note(change.object as Node);
    },
    [resources.nodes],
  );
  known.set(view, made);
  return made;
}
