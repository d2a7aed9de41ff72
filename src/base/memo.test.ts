import test from 'ava';
import { Memo } from './index.ts';

test('a value is made once for a key', (t) => {
  const asked: string[] = [];
  const lengths = new Memo<string, number>({ entriesMax: 10 });
  const lengthOf = (key: string): number =>
    lengths.of(key, (text) => {
      asked.push(text);
      return text.length;
    });
  t.deepEqual([lengthOf('ab'), lengthOf('abc'), lengthOf('ab')], [2, 3, 2]);
  t.deepEqual(asked, ['ab', 'abc']);
});

test('no more entries are kept than the bound, and a failure is not kept', (t) => {
  let made = 0;
  const memo = new Memo<number, number>({ entriesMax: 2 });
  const valueOf = (key: number): number =>
    memo.of(key, () => {
      made += 1;
      if (key < 0) throw new RangeError('negative');
      return key;
    });
  for (const key of [1, 2, 3, 3, 1]) valueOf(key);
  t.is(made, 4);
  t.throws(() => valueOf(-1), { instanceOf: RangeError });
  t.throws(() => valueOf(-1), { instanceOf: RangeError });
  t.is(made, 6);
});

test('with a bound in bytes long keys are not kept, however many there are', (t) => {
  const memo = new Memo<string, number>({ bytesMax: 1024 * 1024 });
  for (let i = 0; i < 100; i++)
    t.is(
      memo.of(`${String(i)}${'a'.repeat(900_000)}`, () => i),
      i,
    );
  t.is(memo.weight, 0);
});

test('short keys stay within the bound in bytes', (t) => {
  const memo = new Memo<string, number>({ bytesMax: 64 * 1024 });
  for (let i = 0; i < 10_000; i++) memo.of(`/api/v1/namespaces/n${String(i)}`, () => i);
  t.true(memo.weight <= 64 * 1024);
  t.true(memo.weight > 0);
});
