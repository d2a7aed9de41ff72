import test from 'ava';
import { isObject } from './index.ts';

test('an object has members by name: null, lists and plain values are none', (t) => {
  for (const value of [{}, { a: 1 }, Object.create(null)]) t.true(isObject(value));
  for (const value of [null, undefined, [], [{}], '', 'a', 0, true]) t.false(isObject(value));
});
