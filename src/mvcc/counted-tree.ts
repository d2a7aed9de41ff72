import type { Version } from './version.ts';

/** Entries of a leaf and children of an inner node, at most. */
const fanOut = 64;

interface Leaf {
  readonly leaf: true;
  readonly keys: string[];
  readonly heads: Version[];
  /** Heads that are not deletions. */
  live: number;
}

interface Inner {
  readonly leaf: false;
  /** The smallest key below each child. */
  readonly keys: string[];
  readonly children: Node[];
  live: number;
}

type Node = Leaf | Inner;

const liveOf = (version: Version | undefined): number => (version === undefined || version.deleted ? 0 : 1);

/** The first position whose key is >= `key`. */
function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The child that holds `key`, or would. */
function childAt(node: Inner, key: string): number {
  const position = lowerBound(node.keys, key);
  return node.keys[position] === key ? position : Math.max(0, position - 1);
}

function put(node: Node, key: string, head: Version): number {
  if (node.leaf) {
    const position = lowerBound(node.keys, key);
    const replaced = node.keys[position] === key;
    const change = liveOf(head) - (replaced ? liveOf(node.heads[position]) : 0);
    node.heads.splice(position, replaced ? 1 : 0, head);
    if (!replaced) node.keys.splice(position, 0, key);
    node.live += change;
    return change;
  }
  const position = childAt(node, key);
  const child = node.children[position] as Node;
  const change = put(child, key, head);
  node.keys[position] = child.keys[0] as string;
  node.live += change;
  if (child.keys.length > fanOut) split(node, position);
  return change;
}

function upperHalf(node: Node): Node {
  const middle = node.keys.length >>> 1;
  const keys = node.keys.splice(middle);
  if (node.leaf) {
    const heads = node.heads.splice(middle);
    const live = heads.reduce((sum, head) => sum + liveOf(head), 0);
    node.live -= live;
    return { leaf: true, keys, heads, live };
  }
  const children = node.children.splice(middle);
  const live = children.reduce((sum, child) => sum + child.live, 0);
  node.live -= live;
  return { leaf: false, keys, children, live };
}

function split(parent: Inner, position: number): void {
  const upper = upperHalf(parent.children[position] as Node);
  parent.keys.splice(position + 1, 0, upper.keys[0] as string);
  parent.children.splice(position + 1, 0, upper);
}

function remove(node: Node, key: string): number {
  if (node.leaf) {
    const position = lowerBound(node.keys, key);
    if (node.keys[position] !== key) return 0;
    const change = liveOf(node.heads[position]);
    node.keys.splice(position, 1);
    node.heads.splice(position, 1);
    node.live -= change;
    return change;
  }
  const position = childAt(node, key);
  const child = node.children[position] as Node;
  const change = remove(child, key);
  node.live -= change;
  if (child.keys.length === 0) {
    node.keys.splice(position, 1);
    node.children.splice(position, 1);
  } else {
    node.keys[position] = child.keys[0] as string;
    mergeThin(node, Math.min(position, node.children.length - 2));
  }
  return change;
}

/** Joins a child with its right neighbour when both together are half full: thin nodes would waste memory and time. */
function mergeThin(parent: Inner, position: number): void {
  const left = parent.children[position];
  const right = parent.children[position + 1];
  if (left === undefined || right === undefined || left.keys.length + right.keys.length > fanOut / 2) return;
  left.keys.push(...right.keys);
  if (left.leaf && right.leaf) left.heads.push(...right.heads);
  else if (!left.leaf && !right.leaf) left.children.push(...right.children);
  left.live += right.live;
  parent.keys.splice(position + 1, 1);
  parent.children.splice(position + 1, 1);
}

/** False ends the walk. */
function walk(node: Node, from: string, visit: (head: Version) => boolean): boolean {
  if (node.leaf) {
    for (let position = lowerBound(node.keys, from); position < node.heads.length; position++) {
      if (!visit(node.heads[position] as Version)) return false;
    }
    return true;
  }
  const first = childAt(node, from);
  for (let position = first; position < node.children.length; position++) {
    if (!walk(node.children[position] as Node, from, visit)) return false;
  }
  return true;
}

/**
 * Keys in order with the newest version of each: a B+ tree whose nodes also count the live keys below them, so that
 * "how many keys lie before this one" costs one descent.
 */
export class CountedTree {
  #root: Node = { leaf: true, keys: [], heads: [], live: 0 };

  /** Live keys. */
  get live(): number {
    return this.#root.live;
  }

  set(key: string, head: Version): void {
    put(this.#root, key, head);
    if (this.#root.keys.length <= fanOut) return;
    const lower = this.#root;
    const upper = upperHalf(lower);
    this.#root = { leaf: false, keys: [lower.keys[0] as string, upper.keys[0] as string], children: [lower, upper], live: lower.live + upper.live };
  }

  delete(key: string): void {
    remove(this.#root, key);
    while (!this.#root.leaf && this.#root.children.length <= 1) {
      this.#root = this.#root.children[0] ?? { leaf: true, keys: [], heads: [], live: 0 };
    }
  }

  /** Live keys smaller than `key`. */
  rank(key: string): number {
    let node = this.#root;
    let rank = 0;
    while (!node.leaf) {
      const position = childAt(node, key);
      for (let before = 0; before < position; before++) rank += (node.children[before] as Node).live;
      node = node.children[position] as Node;
    }
    const end = lowerBound(node.keys, key);
    for (let position = 0; position < end; position++) rank += liveOf(node.heads[position]);
    return rank;
  }

  /** Visits the heads with key >= `from` in order, deletions included, until `visit` returns false. */
  scan(from: string, visit: (head: Version) => boolean): void {
    walk(this.#root, from, visit);
  }
}
