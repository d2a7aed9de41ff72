import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import test from 'ava';
import { controls } from './hardening-command.ts';

const page = readFileSync(join(resolve(import.meta.dirname, '../../..'), 'docs', 'hardening.md'), 'utf8');

/** How many controls each part of the benchmark has, from 1.1 on. */
const counts: readonly (readonly [part: string, count: number])[] = [
  ['1.1', 21],
  ['1.2', 30],
  ['1.3', 7],
  ['1.4', 2],
  ['2', 7],
  ['3.1', 3],
  ['3.2', 2],
  ['4.1', 10],
  ['4.2', 14],
  ['4.3', 1],
  ['5.1', 13],
  ['5.2', 13],
  ['5.3', 2],
  ['5.4', 2],
  ['5.5', 1],
  ['5.6', 4],
];

test('every control of the benchmark is there once, in its order', (t) => {
  const expected = counts.flatMap(([part, count]) =>
    Array.from({ length: count }, (_, at) => `${part}.${String(at + 1)}`),
  );
  t.deepEqual(
    controls.map(({ id }) => id),
    expected,
  );
});

test('the page has a row for every control, with its title', (t) => {
  const rows = page
    .split('\n')
    .flatMap((line) => /^\| (\d[\d.]+) \| ([^|]+) \|/.exec(line)?.slice(1, 3).join(' ') ?? []);
  t.deepEqual(
    rows,
    controls.map(({ id, title }) => `${id} ${title}`),
  );
});
