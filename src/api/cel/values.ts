/** Converts JSON values into the values of CEL expressions. */

import { Optional } from '@marcbachmann/cel-js';
import { Duration, UnsignedInt } from '@marcbachmann/cel-js/evaluator';

/** A JSON value as an expression sees it where no schema says more: whole numbers are ints, objects are maps. */
export function celValue(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (value === undefined || typeof value !== 'object' || value === null) return value ?? null;
  if (Array.isArray(value)) return value.map(celValue);
  const map = new Map<string, unknown>();
  for (const [key, member] of Object.entries(value)) if (member !== undefined) map.set(key, celValue(member));
  return map;
}

/** Equality of values, ints and doubles of one number being the same. */
export function celEqual(one: unknown, other: unknown): boolean {
  const [left, right] = [one, other].map((value) => (value instanceof UnsignedInt ? value.valueOf() : value));
  if (left === right) return true;
  if (
    (typeof left === 'bigint' && typeof right === 'number') ||
    (typeof left === 'number' && typeof right === 'bigint')
  )
    return Number(left) === Number(right);
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left)) return Array.isArray(right) && left.length === right.length && sameElements(left, right);
  if (hasEquals(left)) return left.equals(right);
  if (left instanceof Map)
    return (
      right instanceof Map &&
      left.size === right.size &&
      [...(left as Map<unknown, unknown>)].every(([key, value]) => right.has(key) && celEqual(value, right.get(key)))
    );
  if (left instanceof Date) return right instanceof Date && left.getTime() === right.getTime();
  if (left instanceof Uint8Array) return right instanceof Uint8Array && Buffer.compare(left, right) === 0;
  if (left instanceof Optional)
    return (
      right instanceof Optional &&
      left.hasValue() === right.hasValue() &&
      (!left.hasValue() || celEqual(left.value(), right.value()))
    );
  return (
    left instanceof Duration &&
    right instanceof Duration &&
    left.seconds === right.seconds &&
    left.nanos === right.nanos
  );
}

const hasEquals = (value: object): value is { equals(other: unknown): boolean } =>
  'equals' in value && typeof value.equals === 'function';

/** Lists whose order does not count, with the identity of an element. */
const unordered = new WeakMap<readonly unknown[], (element: unknown) => unknown>();

/** A list whose elements stand in any order. */
export function setList(list: readonly unknown[]): readonly unknown[] {
  unordered.set(list, (element) => element);
  return list;
}

/** A list of objects in any order, identified by these fields. */
export function keyedList(list: readonly unknown[], keys: readonly string[]): readonly unknown[] {
  unordered.set(list, (element) =>
    keys.map((key) => (element instanceof Map ? (element as Map<string, unknown>).get(key) : undefined)),
  );
  return list;
}

function sameElements(left: readonly unknown[], right: readonly unknown[]): boolean {
  const keyOf = unordered.get(left);
  if (keyOf === undefined) return left.every((item, index) => celEqual(item, right[index]));
  return right.every((item) => left.some((own) => celEqual(keyOf(own), keyOf(item)) && celEqual(own, item)));
}

/** Two lists as one: of a set or a keyed list with each element once, a later one in the place of the earlier. */
export function celJoin(left: readonly unknown[], right: readonly unknown[]): readonly unknown[] {
  const keyOf = unordered.get(left);
  if (keyOf === undefined) return [...left, ...right];
  const joined = [...left];
  for (const item of right) {
    const at = joined.findIndex((own) => celEqual(keyOf(own), keyOf(item)));
    if (at < 0) joined.push(item);
    else joined[at] = item;
  }
  unordered.set(joined, keyOf);
  return joined;
}

const billion = 1_000_000_000n;

/**
 * A duration of so many nanoseconds. Those below the second are never negative: the package adds them wrong otherwise.
 */
export function celDuration(nanoseconds: bigint): unknown {
  const rest = ((nanoseconds % billion) + billion) % billion;
  return new Duration((nanoseconds - rest) / billion, Number(rest));
}

/** A value that may be missing, for `optionalOldSelf`. */
export function optionalOf(value: unknown): unknown {
  return value === undefined ? Optional.none() : Optional.of(value);
}

/** A value as JSON text, for messages about values that are no text. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'bigint'
      ? Number(member)
      : member instanceof Map
        ? Object.fromEntries(member as Map<string, unknown>)
        : member,
  );
}

/**
 * Variables of a policy, each computed at its first use. A failure is remembered and thrown at every later use.
 */
export class LazyVariables extends Map<string, unknown> {
  readonly #compute: (name: string) => unknown;

  constructor(compute: (name: string) => unknown = () => undefined) {
    super();
    this.#compute = compute;
  }

  override get(name: string): unknown {
    if (!super.has(name))
      super.set(
        name,
        attempt(() => this.#compute(name)),
      );
    const outcome = super.get(name) as Outcome;
    if ('failure' in outcome) throw outcome.failure;
    return outcome.value;
  }
}

type Outcome = { readonly value: unknown } | { readonly failure: unknown };

function attempt(compute: () => unknown): Outcome {
  try {
    return { value: compute() };
  } catch (failure) {
    return { failure };
  }
}
