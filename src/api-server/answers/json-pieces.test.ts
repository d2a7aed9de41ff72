import test from 'ava';
import { atOnce } from '../../base/index.ts';
import { jsonPieces } from './json-pieces.ts';

const text = (value: object, pretty: boolean): string => {
  const made = atOnce(jsonPieces(value, pretty));
  return Buffer.concat(Array.isArray(made) ? made : [made]).toString();
};
const items = Array.from({ length: 120 }, (_, index) => ({
  name: `n${index}\n"items":[`,
  nested: [{ index }, [], {}],
}));

for (const count of [0, 1, 15, 16, 50, 51, 100, 120])
  for (const [name, value] of [
    ['a list', { kind: 'List', metadata: { continue: '"items":[]' }, items: items.slice(0, count) }],
    ['a table', { kind: 'Table', columnDefinitions: [{ items: [] }], rows: items.slice(0, count), end: [] }],
  ] as const)
    test(`${name} of ${count} is the JSON that it would be in one piece`, (t) => {
      t.is(text(value, false), JSON.stringify(value));
      t.is(text(value, true), `${JSON.stringify(value, null, 2)}\n`);
    });

test('a list of large items is left after each', (t) => {
  const large = { items: Array.from({ length: 20 }, () => ({ data: 'x'.repeat(40_000) })) };
  const steps = jsonPieces(large, false);
  let count = 0;
  while (steps.next().done !== true) count += 1;
  t.is(count, 19);
});
