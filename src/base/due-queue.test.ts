import test from 'ava';
import fc from 'fast-check';
import { type Due, DueQueue } from './due-queue.ts';

test('keys fall due by time, then by key, and never before their time', (t) => {
  const item = fc.record({ at: fc.nat({ max: 20 }), key: fc.constantFrom('a', 'b', 'c', 'd') });
  fc.assert(
    fc.property(fc.array(item), fc.nat({ max: 20 }), (items, now) => {
      const queue = new DueQueue<Due>(() => true);
      for (const each of items) queue.push(each);
      const sorted = [...items].sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1));
      t.is(queue.nextAt, sorted[0]?.at);
      const due = sorted.filter(({ at }) => at <= now).map(({ key }) => key);
      t.deepEqual(
        queue.takeDue(now, Number.POSITIVE_INFINITY),
        due.filter((key, position) => key !== due[position - 1]),
      );
      t.is(queue.nextAt, sorted.find(({ at }) => at > now)?.at);
    }),
  );
});

test('entries that no longer count are passed over, and do not pile up', (t) => {
  const current = new Map<string, number>();
  const queue = new DueQueue<Due>(({ key, at }) => current.get(key) === at);
  for (let at = 1; at <= 10_000; at++) {
    current.set('lease', at);
    queue.push({ at, key: 'lease' });
  }
  t.true((queue.nextAt ?? 0) > 1, 'old entries were dropped on the way');
  t.deepEqual(queue.takeDue(9_999, 10), []);
  t.deepEqual(queue.takeDue(10_000, 10), ['lease']);
});

test('when the next key falls due does not tell what the queue went through', (t) => {
  const current = new Map([['lease', 9]]);
  const isCurrent = ({ key, at }: Due): boolean => current.get(key) === at;
  const [old, fresh] = [new DueQueue<Due>(isCurrent), new DueQueue<Due>(isCurrent)];
  for (const at of [1, 5, 9]) old.push({ at, key: 'lease' });
  fresh.push({ at: 9, key: 'lease' });
  t.is(old.nextAt, 9);
  t.is(fresh.nextAt, 9);
  current.clear();
  t.is(old.nextAt, undefined);
});

test('at most as many keys are taken as are asked for; the others stay due', (t) => {
  const queue = new DueQueue<Due>(() => true);
  for (const key of ['b', 'a', 'c']) queue.push({ at: 1, key });
  t.deepEqual(queue.takeDue(1, 2), ['a', 'b']);
  t.deepEqual(queue.takeDue(1, 2), ['c']);
});
