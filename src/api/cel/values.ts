import { Optional } from '@marcbachmann/cel-js';

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
export function celEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if ((typeof left === 'bigint' && typeof right === 'number') || (typeof left === 'number' && typeof right === 'bigint')) return Number(left) === Number(right);
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left)) return Array.isArray(right) && left.length === right.length && left.every((item, index) => celEqual(item, right[index]));
  if (left instanceof Map) return right instanceof Map && left.size === right.size && [...(left as Map<unknown, unknown>)].every(([key, value]) => right.has(key) && celEqual(value, right.get(key)));
  if (left instanceof Date) return right instanceof Date && left.getTime() === right.getTime();
  return typeof (left as { equals?: unknown }).equals === 'function' && (left as { equals(other: unknown): boolean }).equals(right);
}

/** A value that may be missing, for `optionalOldSelf`. */
export function optionalOf(value: unknown): unknown {
  return value === undefined ? Optional.none() : Optional.of(value);
}

/** A value as JSON text, for messages about values that are no text. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => (typeof member === 'bigint' ? Number(member) : member instanceof Map ? Object.fromEntries(member as Map<string, unknown>) : member));
}

/** Variables of a policy, each computed when it is first asked for. A failure is remembered, and told to each who asks. */
export class LazyVariables extends Map<string, unknown> {
  readonly #compute: (name: string) => unknown;

  constructor(compute: (name: string) => unknown = () => undefined) {
    super();
    this.#compute = compute;
  }

  override get(name: string): unknown {
    if (!super.has(name)) super.set(name, attempt(() => this.#compute(name)));
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
