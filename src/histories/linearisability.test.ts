import test from 'ava';
import { seededRandom } from '../base/index.ts';
import { type Held, type KeyAction, keyModel } from './key-model.ts';
import { checkLinearisable, type Operation } from './linearisability.ts';

const put = (key: string, value: string): KeyAction => ({
  type: 'write',
  conditions: [],
  changes: [{ key, value }],
  committed: true,
});
const swap = (key: string, from: string | undefined, to: string, committed = true): KeyAction => ({
  type: 'write',
  conditions: [{ key, value: from }],
  changes: [{ key, value: to }],
  committed,
});
const remove = (key: string): KeyAction => ({ type: 'write', conditions: [], changes: [{ key }], committed: true });
const read = (key: string, value?: string): KeyAction => ({
  type: 'read',
  key,
  found: value === undefined ? undefined : { value, revision: 0 },
});
const list = (...pairs: readonly (readonly [string, string])[]): KeyAction => ({
  type: 'list',
  found: new Map(pairs.map(([key, value]): [string, Held] => [key, { value, revision: 0 }])),
});
const during = (calledAt: number, returnedAt: number | undefined, action: KeyAction): Operation<KeyAction> =>
  returnedAt === undefined ? { calledAt, action } : { calledAt, returnedAt, action };
const verdict = (...history: Operation<KeyAction>[]): unknown => checkLinearisable(keyModel, history).linearisable;

test('a register: a read during a write may see either value, but never the old one after the new one', (t) => {
  const writes = [during(0, 1, put('x', 'old')), during(2, 20, put('x', 'new'))];
  t.true(verdict(...writes, during(3, 4, read('x', 'old')), during(5, 6, read('x', 'new'))));
  t.false(verdict(...writes, during(3, 4, read('x', 'new')), during(5, 6, read('x', 'old'))));
});

test('a register: a read after an acknowledged write never sees what was before it', (t) => {
  t.false(verdict(during(0, 1, put('x', 'one')), during(2, 3, put('x', 'two')), during(4, 5, read('x', 'one'))));
  t.false(verdict(during(0, 1, put('x', 'one')), during(2, 3, read('x'))));
  t.false(verdict(during(0, 1, read('x', 'from nowhere'))));
});

test('a write without an answer may have happened late, or never, but not twice and not before its call', (t) => {
  const unknown = during(2, undefined, put('x', 'maybe'));
  t.true(
    verdict(
      during(0, 1, put('x', 'one')),
      unknown,
      during(10, 11, read('x', 'one')),
      during(12, 13, read('x', 'maybe')),
    ),
  );
  t.true(verdict(during(0, 1, put('x', 'one')), unknown, during(10, 11, read('x', 'one'))));
  t.false(
    verdict(
      unknown,
      during(10, 11, read('x', 'maybe')),
      during(12, 13, put('x', 'two')),
      during(14, 15, read('x', 'maybe')),
    ),
  );
  t.false(verdict(during(0, 1, read('x', 'maybe')), unknown));
});

test('of two compare-and-sets from one value not both succeed, and none fails without cause', (t) => {
  const start = during(0, 1, put('x', 'a'));
  t.true(verdict(start, during(2, 10, swap('x', 'a', 'b')), during(3, 9, swap('x', 'a', 'c', false))));
  t.false(verdict(start, during(2, 10, swap('x', 'a', 'b')), during(3, 9, swap('x', 'a', 'c'))));
  t.false(verdict(start, during(2, 3, swap('x', 'a', 'b', false))));
  t.false(verdict(during(0, 5, swap('x', undefined, 'a')), during(1, 6, swap('x', undefined, 'b'))));
});

const exchange = (from: number, to: string, made?: number | 'conflict'): KeyAction => ({
  type: 'write',
  conditions: [{ key: 'x', revision: from }],
  changes: [{ key: 'x', value: to }],
  committed: made !== 'conflict',
  ...(typeof made === 'number' ? { revision: made } : {}),
});
const see = (value: string, revision: number): KeyAction => ({ type: 'read', key: 'x', found: { value, revision } });

test('a compare-and-set without an answer made a later revision, which readers tell and others collide with', (t) => {
  const start = [during(0, 1, exchange(0, 'a', 10)), during(2, undefined, exchange(10, 'b'))];
  t.true(verdict(...start, during(3, 4, exchange(10, 'c', 'conflict')), during(5, 6, see('b', 12))));
  t.true(verdict(...start, during(3, 4, exchange(12, 'c', 13)), during(5, 6, see('c', 13))));
  t.false(verdict(...start, during(3, 4, see('b', 10))), 'no later one');
  t.false(verdict(...start, during(3, 4, see('b', 12)), during(5, 6, see('b', 13))), 'two of one write');
  t.false(verdict(...start, during(3, 4, see('b', 12)), during(5, 6, exchange(12, 'c', 'conflict'))), 'no cause');
  t.false(verdict(...start, during(3, 4, see('b', 12)), during(5, 6, exchange(11, 'c', 13))), 'another one');
  t.false(verdict(...start, during(3, 4, exchange(10, 'c', 'conflict')), during(5, 6, see('a', 10))), 'lost');
});

test('a set: a list shows every element added before and none removed before', (t) => {
  const added = [during(0, 1, put('s/a', '1')), during(2, 3, put('s/b', '2'))];
  t.true(verdict(...added, during(4, 5, list(['s/a', '1'], ['s/b', '2']))));
  t.false(verdict(...added, during(4, 5, list(['s/b', '2']))));
  t.false(verdict(...added, during(4, 5, remove('s/a')), during(6, 7, list(['s/a', '1'], ['s/b', '2']))));
  t.true(
    verdict(
      ...added,
      during(4, 9, remove('s/a')),
      during(6, 7, list(['s/a', '1'], ['s/b', '2'])),
      during(8, 10, list(['s/b', '2'])),
    ),
  );
});

test('transactions: both keys change at one moment, and no write is skewed', (t) => {
  const both = (x: string, y: string): KeyAction => ({
    type: 'write',
    conditions: [],
    changes: [
      { key: 'x', value: x },
      { key: 'y', value: y },
    ],
    committed: true,
  });
  const start = during(0, 1, both('1', '1'));
  t.false(verdict(start, during(2, 9, both('2', '2')), during(3, 4, read('x', '2')), during(5, 6, read('y', '1'))));
  t.false(verdict(start, during(2, 9, both('2', '2')), during(3, 4, list(['x', '2'], ['y', '1']))));
  const skew = (written: string, other: string): KeyAction => ({
    type: 'write',
    conditions: [{ key: other, value: '1' }],
    changes: [{ key: written, value: '0' }],
    committed: true,
  });
  t.false(verdict(start, during(2, 9, skew('x', 'y')), during(3, 8, skew('y', 'x'))));
  t.true(
    verdict(start, during(2, 9, skew('x', 'y')), during(3, 8, { ...skew('y', 'x'), committed: false } as KeyAction)),
  );
});

test('revisions given to clients must follow the order of time', (t) => {
  const at = (value: string, revision: number): KeyAction => ({ ...put('x', value), revision }) as KeyAction;
  t.true(verdict(during(0, 1, at('a', 2)), during(2, 3, at('b', 3))));
  t.false(verdict(during(0, 1, at('a', 3)), during(2, 3, at('b', 2))));
});

test('histories of a true register are accepted, and the same with one read changed to a stale value are not', (t) => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = seededRandom(seed);
    let value: string | undefined;
    const history: Operation<KeyAction>[] = [];
    const stale: { readonly at: number; readonly value: string | undefined }[] = [];
    for (let i = 0; i < 60; i++) {
      const at = i * 10;
      const [calledAt, returnedAt] = [at - random.below(25), at + random.below(25) + 1];
      if (random.below(2) === 0) {
        value = `v${i}`;
        history.push(during(calledAt, returnedAt, put('x', value)));
        stale.push({ at: returnedAt, value });
      } else history.push(during(calledAt, returnedAt, read('x', value)));
    }
    t.true(verdict(...history), `seed ${seed}`);
    const [first, second] = stale;
    const late = 5_000;
    if (first !== undefined && second !== undefined)
      t.false(verdict(...history, during(late, late + 1, read('x', first.value))), `seed ${seed}, a stale read`);
  }
});
