import test from 'ava';
import { setOwn } from './set-own.ts';

test('every name is a member, also one that would change the prototype', (t) => {
  const target: Record<string, number> = {};
  for (const name of ['a', '__proto__', 'constructor']) setOwn(target, name, 1);
  t.deepEqual(Object.keys(target).sort(), ['__proto__', 'a', 'constructor']);
  t.is(Object.getPrototypeOf(target), Object.prototype);
});
