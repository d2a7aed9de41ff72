import test from 'ava';
import { plantedBugs } from './planted-bugs.ts';
import { planted } from './planted.ts';
import { documentedRows, wordsOf } from './planted-table.ts';

test('every planted bug fits the source as it is', (t) => {
  for (const bug of plantedBugs) for (const { file } of bug.edits) t.true(planted(bug, file).length > 0, bug.name);
});

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
