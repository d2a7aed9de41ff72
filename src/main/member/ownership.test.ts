import test from 'ava';
import type { ProcessFigures } from '../../supervision/index.ts';
import { LatestFigures } from './ownership.ts';

test('figures are measured by supervision alone; reading the latest starts no new period', (t) => {
  let measured = 0;
  const figures = new LatestFigures(() => {
    measured += 1;
    return { residentBytes: measured, heapBytes: 0, cpuSeconds: 0, loopLagMs: 0 } satisfies ProcessFigures;
  });
  t.is(figures.latest, undefined);
  t.is(figures.measure().residentBytes, 1);
  t.is(figures.latest?.residentBytes, 1);
  t.is(figures.latest?.residentBytes, 1);
  t.is(measured, 1);
});
