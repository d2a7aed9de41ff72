import test from 'ava';
import { assertLimits, limits } from './limits.ts';
import { metricTable } from './metric-table.ts';

test('the limits fit each other', (t) => {
  t.notThrows(() => {
    assertLimits();
  });
  for (const [name, value] of Object.entries(limits)) t.true(typeof value === 'number' && value > 0, name);
});

test('every metric has one row, a unit that its name ends with, and help in a sentence', (t) => {
  const names = metricTable.map(({ name }) => name);
  t.is(new Set(names).size, names.length);
  for (const { name, unit, help, type } of metricTable) {
    if (unit !== undefined) t.regex(name, new RegExp(`_${unit}(_total)?$`), name);
    if (type === 'counter') t.true(name.endsWith('_total'), name);
    t.true(help.endsWith('.'), name);
  }
});
