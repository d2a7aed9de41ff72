/** The check that a history is linearisable (Wing and Gong, Lowe). */
import { seededRandom } from '../base/index.ts';

/**
 * A sequential object: what an operation makes of a state, or undefined when its result cannot come from that state.
 */
export interface Model<State, Action> {
  readonly initial: State;
  step(state: State, action: Action): State | undefined;
  /** Equal for equal states. */
  fingerprint(state: State): string;
}

/** One operation of a concurrent history. Moments are whole numbers that order all calls and returns. */
export interface Operation<Action> {
  readonly calledAt: number;
  /** Absent when the outcome never became known: it may have happened at any time after the call, or not at all. */
  readonly returnedAt?: number;
  readonly action: Action;
}

type Verdict =
  | { readonly linearisable: true }
  /** `stuck`: the first operation whose result no order of the others explains; positions of the history. */
  | { readonly linearisable: false; readonly stuck: number }
  /** The search was given up: neither proven nor disproven. */
  | { readonly linearisable: 'undecided' };

interface Node {
  readonly position: number;
  readonly type: 'call' | 'return';
  readonly match: Node | undefined;
  previous: Node | undefined;
  next: Node | undefined;
}

/** Calls and returns in the order of their moments, as a list that nodes can be lifted from and put back into. */
function listOf(history: readonly Operation<unknown>[]): Node {
  const moments: { readonly at: number; readonly node: Node }[] = [];
  for (const [position, { calledAt, returnedAt }] of history.entries()) {
    const ending: Node | undefined =
      returnedAt === undefined
        ? undefined
        : { position, type: 'return', match: undefined, previous: undefined, next: undefined };
    moments.push({
      at: calledAt,
      node: { position, type: 'call', match: ending, previous: undefined, next: undefined },
    });
    if (ending !== undefined && returnedAt !== undefined) moments.push({ at: returnedAt, node: ending });
  }
  moments.sort((a, b) => a.at - b.at);
  const head: Node = { position: -1, type: 'call', match: undefined, previous: undefined, next: undefined };
  let last = head;
  for (const { node } of moments) {
    last.next = node;
    node.previous = last;
    last = node;
  }
  return head;
}

function unlink(node: Node | undefined): void {
  if (node === undefined) return;
  if (node.previous !== undefined) node.previous.next = node.next;
  if (node.next !== undefined) node.next.previous = node.previous;
}

function relink(node: Node | undefined): void {
  if (node === undefined) return;
  if (node.previous !== undefined) node.previous.next = node;
  if (node.next !== undefined) node.next.previous = node;
}

/** Random words of the operations: their combination stands for a set of them (Zobrist). */
function wordsOf(count: number): readonly (readonly [number, number])[] {
  const random = seededRandom(count);
  return Array.from({ length: count }, () => [random.below(2 ** 32), random.below(2 ** 32)] as const);
}

/**
 * Whether some order of the operations explains every result and keeps to real time: an operation that returned before
 * another was called comes first. The search is Wing and Gong's with Lowe's memory of configurations (the set of
 * operations already placed, and the state they lead to), after Testing for Linearizability, 2016.
 */
export function checkLinearisable<State, Action>(
  model: Model<State, Action>,
  history: readonly Operation<Action>[],
  stepsMax = 2_000_000,
): Verdict {
  const head = listOf(history);
  const words = wordsOf(history.length);
  const seen = new Set<string>();
  const placed: { readonly node: Node; readonly state: State }[] = [];
  let returnsLeft = history.filter(({ returnedAt }) => returnedAt !== undefined).length;
  let state = model.initial;
  let [high, low] = [0, 0];
  let stuck = { depth: -1, position: 0 };
  const toggle = (position: number): void => {
    const [one, two] = words[position] as readonly [number, number];
    high = (high ^ one) >>> 0;
    low = (low ^ two) >>> 0;
  };
  let node = head.next;
  for (let steps = 0; returnsLeft > 0; steps++) {
    if (steps > stepsMax) return { linearisable: 'undecided' };
    if (node?.type === 'call') {
      const after = model.step(state, (history[node.position] as Operation<Action>).action);
      if (after !== undefined) {
        toggle(node.position);
        const configuration = `${high}.${low}.${model.fingerprint(after)}`;
        if (!seen.has(configuration)) {
          seen.add(configuration);
          placed.push({ node, state });
          state = after;
          if (node.match !== undefined) returnsLeft -= 1;
          unlink(node);
          unlink(node.match);
          node = head.next;
          continue;
        }
        toggle(node.position);
      }
      node = node.next;
      continue;
    }
    if (node !== undefined && placed.length > stuck.depth) stuck = { depth: placed.length, position: node.position };
    const last = placed.pop();
    if (last === undefined) return { linearisable: false, stuck: stuck.position };
    toggle(last.node.position);
    state = last.state;
    if (last.node.match !== undefined) returnsLeft += 1;
    relink(last.node.match);
    relink(last.node);
    node = last.node.next;
  }
  return { linearisable: true };
}
