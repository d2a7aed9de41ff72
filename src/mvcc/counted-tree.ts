/** A B+ tree that can also say how many keys lie before one. */
import {
  fanOut,
  findIn,
  type Leaf,
  liveOf,
  lowerBound,
  newLeaf,
  pack,
  rankIn,
  sizeOf,
  unpack,
  walkLeaf,
} from './leaf.ts';
import type { ObjectCache, Version } from './version.ts';

interface Inner {
  readonly leaf: false;
  /** No key below a child is smaller than its own here, unless it is the first child. */
  readonly keys: string[];
  readonly children: Node[];
  live: number;
}

type Node = Leaf | Inner;

const fillOf = (node: Node): number => (node.leaf ? sizeOf(node) : node.children.length);

/** The child that holds `key`, or would. */
function childAt(node: Inner, key: string): number {
  const position = lowerBound(node.keys, key);
  return node.keys[position] === key ? position : Math.max(0, position - 1);
}

/** The upper part of a node, from `middle` on, as a new node with its smallest key. */
function upperPart(node: Node, middle: number): { readonly key: string; readonly upper: Node } {
  if (node.leaf) {
    const upper = newLeaf();
    upper.keys = node.keys.splice(middle);
    upper.heads = node.heads.splice(middle);
    upper.live = upper.heads.reduce((sum, head) => sum + liveOf(head), 0);
    node.live -= upper.live;
    return { key: upper.keys[0] as string, upper };
  }
  const keys = node.keys.splice(middle);
  const children = node.children.splice(middle);
  const live = children.reduce((sum, child) => sum + child.live, 0);
  node.live -= live;
  return { key: keys[0] as string, upper: { leaf: false, keys, children, live } };
}

/** Removes a key that is not packed. */
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
  if (fillOf(child) === 0) {
    node.keys.splice(position, 1);
    node.children.splice(position, 1);
  } else mergeThin(node, Math.min(position, node.children.length - 2));
  return change;
}

/** Joins a child with its right neighbour when both together are half full: thin nodes would waste memory and time. */
function mergeThin(parent: Inner, position: number): void {
  const left = parent.children[position];
  const right = parent.children[position + 1];
  if (left === undefined || right === undefined || fillOf(left) + fillOf(right) > fanOut / 2) return;
  if (left.leaf && right.leaf) {
    unpack(left);
    unpack(right);
    left.keys.push(...right.keys);
    left.heads.push(...right.heads);
    left.outlived += right.outlived;
  } else if (!left.leaf && !right.leaf) {
    // The first child of the right node may hold keys down to what the parent says.
    left.keys.push(parent.keys[position + 1] as string, ...right.keys.slice(1));
    left.children.push(...right.children);
  }
  left.live += right.live;
  parent.keys.splice(position + 1, 1);
  parent.children.splice(position + 1, 1);
}

/** False ends the walk. */
function walk(node: Node, from: string, visit: (head: Version) => boolean): boolean {
  if (node.leaf) return walkLeaf(node, from, visit);
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
  #root: Node = newLeaf();
  /**
   * Where the last `locate` went: inner nodes from the root on, the child taken of each, the leaf, and the place in it,
   * or among what is packed.
   */
  readonly #path: Inner[] = [];
  readonly #positions: number[] = [];
  #depth = 0;
  #leaf: Leaf = newLeaf();
  #position = 0;
  #packedAt = -1;

  /** Live keys. */
  get live(): number {
    return this.#root.live;
  }

  /** The newest version of a key, deletions included. */
  get(key: string): Version | undefined {
    return findIn(this.#leafOf(key), key);
  }

  /** As `get`, and remembers the place for the `place` that follows. */
  locate(key: string): Version | undefined {
    let node = this.#root;
    this.#depth = 0;
    while (!node.leaf) {
      const position = childAt(node, key);
      this.#path[this.#depth] = node;
      this.#positions[this.#depth] = position;
      this.#depth += 1;
      node = node.children[position] as Node;
    }
    this.#leaf = node;
    this.#packedAt = -1;
    this.#position = lowerBound(node.keys, key);
    if (node.keys[this.#position] === key) return node.heads[this.#position];
    this.#packedAt = node.packed?.find(key) ?? -1;
    return this.#packedAt < 0 ? undefined : node.packed?.at(this.#packedAt, key);
  }

  /** Puts the newest version of the key that was located last; nothing may have come between. */
  place(head: Version): void {
    const [leaf, position, packedAt] = [this.#leaf, this.#position, this.#packedAt];
    const replaced = leaf.keys[position] === head.key;
    const change = liveOf(head) - (packedAt >= 0 ? 1 : replaced ? liveOf(leaf.heads[position]) : 0);
    if (packedAt >= 0) leaf.packed?.drop(packedAt);
    if (replaced) leaf.heads[position] = head;
    else if (position === leaf.keys.length) {
      leaf.keys.push(head.key);
      leaf.heads.push(head);
    } else {
      leaf.keys.splice(position, 0, head.key);
      leaf.heads.splice(position, 0, head);
    }
    leaf.live += change;
    for (let level = 0; level < this.#depth; level++) (this.#path[level] as Inner).live += change;
    if (sizeOf(leaf) > fanOut) this.#split(head.key);
  }

  /** Removes a key whose newest version is a deletion. */
  delete(key: string): void {
    remove(this.#root, key);
    while (!this.#root.leaf && this.#root.children.length <= 1) {
      this.#root = this.#root.children[0] ?? newLeaf();
    }
  }

  /**
   * The newest version of a key has outlived the history, which ends at `floor`. True when its neighbours were packed
   * with it.
   */
  pack(key: string, floor: number, cache: ObjectCache): boolean {
    return pack(this.#leafOf(key), floor, cache);
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
    return rank + rankIn(node, key);
  }

  /** Visits the heads with key >= `from` in order, deletions included, until `visit` returns false. */
  scan(from: string, visit: (head: Version) => boolean): void {
    walk(this.#root, from, visit);
  }

  #leafOf(key: string): Leaf {
    let node = this.#root;
    while (!node.leaf) node = node.children[childAt(node, key)] as Node;
    return node;
  }

  /**
   * Splits the nodes of the path that are too large, from the leaf up. Where keys come in order, the lower node stays
   * full.
   */
  #split(added: string): void {
    unpack(this.#leaf);
    const inOrder = this.#leaf.keys.at(-1) === added;
    let node: Node = this.#leaf;
    for (let level = this.#depth - 1; fillOf(node) > fanOut; level--) {
      const { key, upper } = upperPart(node, inOrder ? fanOut : fillOf(node) >>> 1);
      const parent = this.#path[level];
      if (level < 0 || parent === undefined) {
        // What is smaller than every key here belongs to the first child.
        this.#root = { leaf: false, keys: ['', key], children: [node, upper], live: node.live + upper.live };
        return;
      }
      const position = (this.#positions[level] as number) + 1;
      parent.keys.splice(position, 0, key);
      parent.children.splice(position, 0, upper);
      node = parent;
    }
  }
}
