/** The functions of Kubernetes' CEL library on lists and sets. */

import { type CelEnvironment, ownFunction } from './environment.ts';
import { celEqual } from './values.ts';

type Ordered = bigint | number | string | boolean;

function sorted(list: readonly Ordered[]): boolean {
  return list.every((item, index) => index === 0 || (list[index - 1] ?? item) <= item);
}

function extreme(list: readonly Ordered[], name: string, better: (left: Ordered, right: Ordered) => boolean): Ordered {
  const [first, ...rest] = list;
  if (first === undefined) throw new Error(`${name} called on empty list`);
  return rest.reduce((best, item) => (better(item, best) ? item : best), first);
}

interface Sum {
  addDuration(other: unknown): Sum;
}

function sum(list: readonly unknown[]): unknown {
  const [first] = list;
  if (typeof first === 'number') return list.reduce<number>((total, item) => total + Number(item), 0);
  if (typeof first === 'object' && first !== null && 'addDuration' in first)
    return list.slice(1).reduce<Sum>((total, item) => total.addDuration(item), first as Sum);
  return (list as readonly bigint[]).reduce<bigint>((total, item) => total + BigInt(item), 0n);
}

const has = (list: readonly unknown[], wanted: unknown): boolean => list.some((item) => celEqual(item, wanted));
const holdsAll = (list: readonly unknown[], wanted: readonly unknown[]): boolean =>
  wanted.every((item) => has(list, item));

/** Gives `sets.contains` and its kin a receiver. */
class SetFunctions {}

/** Functions of lists that Kubernetes adds, and those of sets. */
export function registerListFunctions(environment: CelEnvironment): void {
  environment
    .registerFunction('list.isSorted(): bool', sorted)
    .registerFunction('list.sum(): dyn', sum)
    .registerFunction('list.min(): dyn', (list: readonly Ordered[]) =>
      extreme(list, 'min', (left, right) => left < right),
    )
    .registerFunction('list.max(): dyn', (list: readonly Ordered[]) =>
      extreme(list, 'max', (left, right) => left > right),
    )
    .registerFunction(`list.${ownFunction('indexOf')}(dyn): int`, (list: readonly unknown[], wanted: unknown) =>
      BigInt(list.findIndex((item) => celEqual(item, wanted))),
    )
    .registerFunction(`list.${ownFunction('lastIndexOf')}(dyn): int`, (list: readonly unknown[], wanted: unknown) =>
      BigInt(list.findLastIndex((item) => celEqual(item, wanted))),
    )
    .registerType('kubernetes.Sets', SetFunctions)
    .registerConstant('sets', 'kubernetes.Sets', new SetFunctions())
    .registerFunction(
      'kubernetes.Sets.contains(list, list): bool',
      (_sets: unknown, list: readonly unknown[], other: readonly unknown[]) => holdsAll(list, other),
    )
    .registerFunction(
      'kubernetes.Sets.equivalent(list, list): bool',
      (_sets: unknown, list: readonly unknown[], other: readonly unknown[]) =>
        holdsAll(list, other) && holdsAll(other, list),
    )
    .registerFunction(
      'kubernetes.Sets.intersects(list, list): bool',
      (_sets: unknown, list: readonly unknown[], other: readonly unknown[]) => list.some((item) => has(other, item)),
    );
}
