import test from 'ava';
import fc from 'fast-check';
import { InvariantError } from './assert.ts';
import { BoundedQueue } from './queue.ts';

test('any pushes and shifts give what a plain list gives, up to the bound', (t) => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.nat() },
    fc.constant('shift' as const),
    fc.constant('clear' as const),
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.array(step), (max, steps) => {
      const queue = new BoundedQueue<number>(max);
      let list: number[] = [];
      for (const each of steps) {
        if (each === 'shift') t.is(queue.shift(), list.shift());
        else if (each === 'clear') {
          queue.clear();
          list = [];
        } else {
          const room = list.length < max;
          t.is(queue.push(each), room);
          if (room) list.push(each);
        }
        t.deepEqual(queue.items(), list);
        t.is(queue.length, list.length);
        t.is(queue.full, list.length === max);
        t.is(queue.first, list[0]);
      }
    }),
  );
});

test('a queue without room for anything is a mistake', (t) => {
  t.throws(() => new BoundedQueue(0), { instanceOf: InvariantError });
});
