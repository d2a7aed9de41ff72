import test from 'ava';
import fc from 'fast-check';
import { assignShards, shardOf, shardsCount } from './index.ts';

const members = fc.uniqueArray(fc.constantFrom<string>('a', 'b', 'c', 'd', 'e'), { minLength: 1, maxLength: 5 });
const owners = fc.array(fc.option(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'gone'), { nil: undefined }), {
  minLength: shardsCount,
  maxLength: shardsCount,
});
const countsOf = (map: readonly (string | undefined)[], names: readonly string[]): number[] =>
  names.map((name) => map.filter((owner) => owner === name).length);
const movesOf = (before: readonly (string | undefined)[], after: readonly (string | undefined)[]): number =>
  before.filter((owner, shard) => owner !== after[shard]).length;

test('every shard gets a member that is there, and no member more than one shard above another', (t) => {
  fc.assert(
    fc.property(owners, members, (before, names) => {
      const after = assignShards(before, names);
      const counts = countsOf(after, names);
      return (
        after.length === before.length &&
        after.every((owner) => owner !== undefined && names.includes(owner)) &&
        Math.max(...counts) - Math.min(...counts) <= 1
      );
    }),
  );
  t.pass();
});

test("no balanced map is nearer: what moves was nobody's, or too much", (t) => {
  fc.assert(
    fc.property(owners, members, (before, names) => {
      const counts = countsOf(before, names).sort((a, b) => b - a);
      const least = Math.floor(shardsCount / names.length);
      const larger = shardsCount % names.length;
      const kept = counts.reduce((sum, count, place) => sum + Math.min(count, least + (place < larger ? 1 : 0)), 0);
      return movesOf(before, assignShards(before, names)) === shardsCount - kept;
    }),
  );
  t.pass();
});

test('a balanced map stays as it is, and so does any without members', (t) => {
  fc.assert(
    fc.property(owners, members, (before, names) => {
      const after = assignShards(before, names);
      return movesOf(after, assignShards(after, names)) === 0 && movesOf(before, assignShards(before, [])) === 0;
    }),
  );
  t.pass();
});

test('the keys of one controller spread over all shards', (t) => {
  const used = new Set(Array.from({ length: 1_000 }, (_, i) => shardOf('deployment', `default/web-${i}`)));
  t.is(used.size, shardsCount);
});
