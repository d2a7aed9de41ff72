import test from 'ava';
import { UserRanges } from './user-ranges.ts';

test('each pod has 65,536 ids of its own, the same until it is gone', (t) => {
  const ranges = new UserRanges(3);
  t.deepEqual(ranges.acquire('a'), { firstId: 65_536, length: 65_536 });
  t.deepEqual(ranges.acquire('b'), { firstId: 131_072, length: 65_536 });
  t.deepEqual(ranges.acquire('a'), { firstId: 65_536, length: 65_536 });
  t.deepEqual(ranges.heldBy('b'), { firstId: 131_072, length: 65_536 });
  t.is(ranges.heldBy('c'), undefined);
  ranges.acquire('c');
  t.is(ranges.acquire('d'), undefined, 'there is none for a fourth one');
  ranges.release('b');
  t.is(ranges.heldBy('b'), undefined);
  t.deepEqual(ranges.acquire('d'), { firstId: 131_072, length: 65_536 });
});

test("what a pod has from before is nobody else's, also where the node now takes fewer pods", (t) => {
  const ranges = new UserRanges(2);
  ranges.reserve('old', 65_536);
  ranges.reserve('far', 65_536 * 9);
  t.deepEqual(ranges.acquire('old'), { firstId: 65_536, length: 65_536 });
  t.deepEqual(ranges.acquire('far'), { firstId: 589_824, length: 65_536 });
  t.deepEqual(ranges.acquire('new'), { firstId: 131_072, length: 65_536 });
  ranges.reserve('new', 65_536 * 5);
  t.deepEqual(ranges.acquire('next'), { firstId: 131_072, length: 65_536 }, 'a pod holds one');
  for (const nonsense of [0, -65_536, 70_000, Number.NaN, 2 ** 32]) ranges.reserve('strange', nonsense);
  t.is(ranges.heldBy('strange'), undefined);
});
