import fc from 'fast-check';
import test from 'ava';
import { networksOverlap, networkText, parseCidr } from '../../api/index.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import { nodeRangesNear, putNodeRange } from './node-ranges.ts';

/** Counts what is read of the store; `store.range` is the only reader of more than one key. */
function storeWith(ranges: readonly string[]): { readonly store: MemoryStore; readonly read: () => number } {
  const store = new MemoryStore();
  store.apply(
    [],
    ranges.map((range) => putNodeRange(range, range)),
  );
  let read = 0;
  const { range } = store;
  Object.assign(store, {
    range: (query: Parameters<typeof range>[0]) => {
      const answer = range.call(store, query);
      read += answer.records.length;
      return answer;
    },
  });
  return { store, read: () => read };
}

/** Few distinct parts, so that ranges meet. */
const part = fc.constantFrom(0, 1, 10, 100, 255);
const ipv4 = fc
  .tuple(part, part, part, part, fc.integer({ min: 0, max: 32 }))
  .map(([a, b, c, d, prefix]) => `${a}.${b}.${c}.${d}/${prefix}`);
const group = fc.constantFrom('0', '1', 'fd00', 'ab');
const ipv6 = fc
  .tuple(fc.array(group, { minLength: 8, maxLength: 8 }), fc.integer({ min: 0, max: 128 }))
  .map(([groups, prefix]) => `${groups.join(':')}/${prefix}`);
const cidr = fc.oneof(ipv4, ipv6);

test('the ranges near one are all that share addresses with it, whatever their texts', (t) => {
  fc.assert(
    fc.property(fc.uniqueArray(cidr, { maxLength: 12 }), cidr, (taken, asked) => {
      const range = parseCidr(asked);
      if (range === undefined) return;
      const overlapping = (texts: readonly string[]): string[] =>
        [
          ...new Set(
            texts.flatMap((text) => {
              const other = parseCidr(text);
              return other !== undefined && networksOverlap(range, other) ? [networkText(other)] : [];
            }),
          ),
        ].sort();
      t.deepEqual(overlapping(nodeRangesNear(storeWith(taken).store, range)), overlapping(taken));
    }),
    { numRuns: 300 },
  );
});

for (const [family, rangeOf] of [
  ['IPv4', (i: number) => `10.${128 + (i >> 8)}.${i & 255}.0/24`],
  ['IPv6', (i: number) => `fd00:10:128:${(i + 1).toString(16)}::/64`],
] as const)
  test(`a node's range of ${family} is compared with as few others among 5,000 as among 100`, (t) => {
    for (const nodes of [100, 5_000]) {
      const { store, read } = storeWith(Array.from({ length: nodes }, (_, i) => rangeOf(i)));
      const fresh = parseCidr(rangeOf(nodes + 1));
      t.deepEqual(fresh === undefined ? undefined : nodeRangesNear(store, fresh), []);
      t.is(read(), 0, `${nodes} nodes`);
    }
  });
