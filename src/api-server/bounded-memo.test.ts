import test from 'ava';
import { BoundedMemo } from './bounded-memo.ts';

test('a value is made once for a short key', (t) => {
  const memo = new BoundedMemo<object>(1024 * 1024);
  const made = memo.of('pods', () => ({}));
  t.is(
    memo.of('pods', () => ({})),
    made,
  );
});

test('long keys are not remembered, however many there are', (t) => {
  const memo = new BoundedMemo<number>(1024 * 1024);
  for (let i = 0; i < 100; i++)
    t.is(
      memo.of(`${String(i)}${'a'.repeat(900_000)}`, () => i),
      i,
    );
  t.is(memo.bytes, 0);
});

test('short keys stay within the bound in bytes', (t) => {
  const memo = new BoundedMemo<number>(64 * 1024);
  for (let i = 0; i < 10_000; i++) memo.of(`/api/v1/namespaces/n${String(i)}`, () => i);
  t.true(memo.bytes <= 64 * 1024);
  t.true(memo.bytes > 0);
});

test('a failure is not remembered', (t) => {
  const memo = new BoundedMemo<number>(1024);
  t.throws(() =>
    memo.of('a', () => {
      throw new Error('no');
    }),
  );
  t.is(
    memo.of('a', () => 1),
    1,
  );
});
