import test from 'ava';
import { seededRandom } from '../../src/base/index.ts';
import { checkLinearisable, type KeyAction, keyModel, type Operation } from '../../src/histories/index.ts';
import type { LedgerChange } from './ledger.ts';
import { misplacedByRevision } from './revision-order.ts';

const prefix = '/g0/';
const put = (key: string, value: string): LedgerChange => ({
  type: 'put',
  key: prefix + key,
  value,
  previousRevision: 0,
  createRevision: 0,
});
const gone = (key: string): LedgerChange => ({
  type: 'delete',
  key: prefix + key,
  value: '',
  previousRevision: 0,
  createRevision: 0,
});
const changesOf = (...changes: readonly LedgerChange[]): ReadonlyMap<number, readonly LedgerChange[]> =>
  new Map(changes.map((change, i) => [i + 2, [change]]));
const wrote = (key: string, value: string | undefined, revision: number): KeyAction => ({
  type: 'write',
  conditions: [],
  changes: [{ key: prefix + key, ...(value === undefined ? {} : { value }) }],
  committed: true,
  revision,
});
const read = (key: string, value?: string): KeyAction => ({
  type: 'read',
  key: prefix + key,
  found: value === undefined ? undefined : { value, revision: 0 },
});
const refused = (key: string, revision: number): KeyAction => ({
  type: 'write',
  conditions: [{ key: prefix + key, revision }],
  changes: [{ key: prefix + key, value: 'never' }],
  committed: false,
});
const list = (...held: readonly (readonly [string, string])[]): KeyAction => ({
  type: 'list',
  found: new Map(held.map(([key, value]) => [prefix + key, { value, revision: 0 }])),
});
const during = (calledAt: number, returnedAt: number, action: KeyAction): Operation<KeyAction> => ({
  calledAt,
  returnedAt,
  action,
});

test('reads, lists and refusals must fit a revision no older than what was done before they were called', (t) => {
  const changes = changesOf(put('x', 'one'), put('x', 'two'), gone('x'));
  const writes = [
    during(0, 1, wrote('x', 'one', 2)),
    during(2, 9, wrote('x', 'two', 3)),
    during(10, 19, wrote('x', undefined, 4)),
  ];
  const found = (...operations: Operation<KeyAction>[]): number | undefined =>
    misplacedByRevision([...writes, ...operations], changes, prefix);
  t.is(found(during(3, 4, read('x', 'one')), during(5, 6, read('x', 'two'))), undefined);
  t.is(found(during(3, 4, read('x', 'two')), during(5, 6, read('x', 'one'))), 4);
  t.is(found(during(10, 11, read('x', 'one'))), 3);
  t.is(found(during(20, 21, read('x'))), undefined);
  t.is(found(during(20, 21, read('x', 'two'))), 3);
  t.is(found(during(20, 21, list(['x', 'two']))), 3);
  t.is(found(during(11, 12, list(['x', 'two'])), during(13, 14, list())), undefined);
  t.is(found(during(3, 4, refused('x', 3))), undefined);
  t.is(
    misplacedByRevision(
      [...writes.slice(0, 2), during(9.5, 9.6, refused('x', 3)), during(10, 19, wrote('x', 'three', 4))],
      changesOf(put('x', 'one'), put('x', 'two'), put('x', 'three')),
      prefix,
    ),
    3,
    'it held until then',
  );
  t.is(
    misplacedByRevision([during(0, 1, wrote('x', 'two', 3)), during(2, 3, wrote('x', 'one', 2))], changes, prefix),
    1,
  );
});

test('on histories of a true store, some with one false read, it agrees with the search', (t) => {
  let refuted = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const random = seededRandom(seed);
    const changes = new Map<number, readonly LedgerChange[]>();
    const history: Operation<KeyAction>[] = [];
    const values = new Map<string, string>();
    for (let i = 0; i < 60; i++) {
      const key = 'ab'[random.below(2)] as string;
      const [calledAt, returnedAt] = [i * 10 - random.below(30), i * 10 + random.below(30) + 1];
      const dice = random.below(10);
      if (dice < 5) {
        const revision = changes.size + 2;
        values.set(key, `v${i}`);
        changes.set(revision, [put(key, `v${i}`)]);
        history.push(during(calledAt, returnedAt, wrote(key, `v${i}`, revision)));
      } else if (dice < 8) history.push(during(calledAt, returnedAt, read(key, values.get(key))));
      else history.push(during(calledAt, returnedAt, list(...[...values])));
    }
    if (seed % 2 === 0) history.push(during(300, 301, read('a', `v${random.below(60)}`)));
    const placed = misplacedByRevision(history, changes, prefix) === undefined;
    t.is(placed, checkLinearisable(keyModel, history).linearisable === true, `seed ${seed}`);
    if (!placed) refuted += 1;
  }
  t.true(refuted > 10);
});
