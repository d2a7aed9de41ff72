/** Random choices from a seed (mulberry32), so that a failing case can be made again. */
export interface Choice {
  chance(probability: number): boolean;
  below(count: number): number;
  from<T>(list: readonly T[]): T;
  /** A few of the list, in its order. */
  some<T>(list: readonly T[]): readonly T[];
  many<T>(make: () => T, max: number): T[];
  bytes(max: number): Buffer;
  /** Any JSON value, nested at most `depth` deep. */
  value(depth: number): unknown;
}

const oddValues: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  2 ** 53,
  -(2 ** 63),
  '',
  'x',
  '0',
  '1Gi',
  '-1m',
  '2026-01-01T00:00:00Z',
  '\ud800',
  '\0',
  'a'.repeat(300),
  [],
  {},
  [[]],
  { '': '' },
];

export function choiceOf(seed: number): Choice {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (count: number): number => Math.floor(next() * count);
  const from = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  const value = (depth: number): unknown => {
    // A copy: the next change goes into it.
    if (depth <= 0 || next() < 0.5) return structuredClone(from(oddValues));
    if (next() < 0.5) return Array.from({ length: below(4) }, () => value(depth - 1));
    return Object.fromEntries(
      Array.from({ length: below(4) }, () => [
        from(['name', 'spec', 'metadata', '__proto__', 'constructor', 'x', 'matchLabels', 'containers']),
        value(depth - 1),
      ]),
    );
  };
  return {
    chance: (probability) => next() < probability,
    below,
    from,
    some: (list) => list.filter(() => next() < 0.35),
    many: (make, max) => Array.from({ length: below(max + 1) }, make),
    bytes: (max) => Buffer.from(Array.from({ length: below(max) }, () => below(256))),
    value,
  };
}
