import test from 'ava';
import { Memo } from './index.ts';

test('a value is made once for a key', (t) => {
  const asked: string[] = [];
  const lengths = new Memo<string, number>(10, (text) => {
    asked.push(text);
    return text.length;
  });
  t.deepEqual([lengths.of('ab'), lengths.of('abc'), lengths.of('ab')], [2, 3, 2]);
  t.deepEqual(asked, ['ab', 'abc']);
});

test('no more entries are kept than the bound, and a failure is not kept', (t) => {
  let made = 0;
  const memo = new Memo<number, number>(2, (key) => {
    made += 1;
    if (key < 0) throw new RangeError('negative');
    return key;
  });
  for (const key of [1, 2, 3, 3, 1]) memo.of(key);
  t.is(made, 4);
  t.throws(() => memo.of(-1), { instanceOf: RangeError });
  t.throws(() => memo.of(-1), { instanceOf: RangeError });
  t.is(made, 6);
});
