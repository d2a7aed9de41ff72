import test from 'ava';
import type { Revision } from '../base/index.ts';
import { Slabs } from './slabs.ts';

const textOf = ({
  block,
  start,
  size,
}: {
  readonly block: Buffer;
  readonly start: number;
  readonly size: number;
}): string => block.toString('utf8', start, start + size);

test('small values share blocks and none overwrites another; a large one has a block to itself', (t) => {
  const slabs = new Slabs(64);
  const places = Array.from({ length: 40 }, (_, i) => ({
    ...{ block: slabs.put(Buffer.from(`value ${i}`)).block, start: slabs.start, size: slabs.size },
  }));
  for (const [i, place] of places.entries()) t.is(textOf(place), `value ${i}`);
  t.true(new Set(places.map(({ block }) => block)).size < 10);
  t.true(slabs.shares(16));
  t.false(slabs.shares(17));
  const large = slabs.put(Buffer.alloc(17, 'x'));
  t.deepEqual([large.block.length, large.start], [17, 0]);
});

test('values of about one size fill their blocks nearly to the end', (t) => {
  const slabs = new Slabs(16_384);
  const sizes = Array.from({ length: 600 }, (_, i) => 2_440 + (i % 12));
  const blocks = new Set(sizes.map((size) => slabs.put(Buffer.alloc(size)).block));
  const [held, used] = [
    [...blocks].reduce((sum, { length }) => sum + length, 0),
    sizes.reduce((sum, size) => sum + size, 0),
  ];
  t.true(held < used * 1.02, `${held} bytes for ${used}`);
});

test('the digits of a revision are put in at the beginning, within and at the end, in place of older ones', (t) => {
  const slabs = new Slabs(1024);
  const revision = 1234 as Revision;
  t.is(textOf(slabs.putWithRevision(Buffer.from('abc'), revision, { at: 0, replaced: 0 })), '1234abc');
  t.is(textOf(slabs.putWithRevision(Buffer.from('a99c'), revision, { at: 1, replaced: 2 })), 'a1234c');
  t.is(textOf(slabs.putWithRevision(Buffer.from('abc'), revision, { at: 3, replaced: 0 })), 'abc1234');
  t.is(textOf(slabs.putWithRevision(Buffer.from('abc'), revision, { at: -1, replaced: 0 })), 'abc');
  t.is(textOf(slabs.putWithRevision(Buffer.from(''), revision, { at: 0, replaced: 0 })), '1234');
});
