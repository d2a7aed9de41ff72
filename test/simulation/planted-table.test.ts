import test from 'ava';
import { plantedBugs } from './planted-bugs.ts';
import { documentedRows, wordsOf } from './planted-table.ts';

test('docs/store.md shows every planted bug, what it breaks, and the seed of at most a thousand that found it', (t) => {
  const rows = documentedRows();
  t.deepEqual(
    rows.map(([name, breaks]) => [name, breaks]),
    plantedBugs.map((bug) => [wordsOf(bug), bug.breaks]),
    'write the table again: npm run simulate -- --planted all --write-docs',
  );
  for (const [name, , check = '', seed, tried] of rows) {
    t.regex(check, /^(safety|liveness|crash): [a-z-]+$/, `what found ${name}`);
    t.true(Number(seed) > 0 && Number(tried) >= 1 && Number(tried) <= 1_000, `seeds of ${name}: ${seed}, ${tried}`);
  }
});
