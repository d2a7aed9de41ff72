/** What a newer look at a tree changed. */
import type { ActorNode } from '../actors/index.ts';
import type { ActorCounts, ActorRow } from './frame.ts';

interface Known {
  readonly row: ActorRow;
  counts: ActorCounts;
  /** The look at the tree that saw it last. */
  seen: number;
}

export interface Difference {
  readonly put: readonly ActorRow[];
  readonly gone: readonly string[];
  readonly counts: readonly ActorCounts[];
}

/** Remembers a tree as rows and tells what a newer look at it changed. */
export class TreeDifference {
  readonly #known = new Map<string, Known>();
  #look = 0;

  get size(): number {
    return this.#known.size;
  }

  /** What `tree` has that the tree of the last call had not, and the other way round. */
  next(tree: ActorNode): Difference {
    const put: ActorRow[] = [];
    const counts: ActorCounts[] = [];
    this.#look += 1;
    for (const child of tree.children) this.#visit(child, undefined, { put, counts });
    const gone: string[] = [];
    for (const [address, known] of this.#known) {
      if (known.seen === this.#look) continue;
      gone.push(address);
      this.#known.delete(address);
    }
    return { put, gone, counts };
  }

  /** Everything, as a difference from nothing. */
  all(): Difference {
    const known = [...this.#known.values()];
    return {
      put: known.map(({ row }) => row),
      gone: [],
      counts: known.filter(({ counts }) => counts[1] + counts[3] > 0).map(({ counts }) => counts),
    };
  }

  #visit(
    node: ActorNode,
    parent: string | undefined,
    out: { readonly put: ActorRow[]; readonly counts: ActorCounts[] },
  ): void {
    let known = this.#known.get(node.address);
    if (known === undefined || !sameRow(known.row, node)) {
      known = { row: rowOf(node, parent), counts: known?.counts ?? [node.address, 0, 0, 0], seen: 0 };
      this.#known.set(node.address, known);
      out.put.push(known.row);
    }
    known.seen = this.#look;
    const oldestMs = node.oldestMs;
    const [, mailbox, age, handled] = known.counts;
    if (mailbox !== node.mailbox || age !== oldestMs || handled !== node.handled) {
      known.counts = [node.address, node.mailbox, oldestMs, node.handled];
      out.counts.push(known.counts);
    }
    for (const child of node.children) this.#visit(child, node.address, out);
  }
}

function sameRow(row: ActorRow, node: ActorNode): boolean {
  return (
    (row.state ?? 'running') === node.state &&
    (row.restarts ?? 0) === node.restarts &&
    row.lastCrash?.at === node.lastCrash?.at &&
    row.lastCrash?.count === node.lastCrash?.count
  );
}

function rowOf(node: ActorNode, parent: string | undefined): ActorRow {
  const row: { -readonly [K in keyof ActorRow]: ActorRow[K] } = { address: node.address };
  if (parent !== undefined) row.parent = parent;
  if (node.state !== 'running') row.state = node.state;
  if (node.restarts !== 0) row.restarts = node.restarts;
  if (node.lastCrash !== undefined) row.lastCrash = node.lastCrash;
  return row;
}
