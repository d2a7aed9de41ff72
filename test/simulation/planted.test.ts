import test from 'ava';
import { plantedBugs } from './planted-bugs.ts';
import { findPlanted } from './planted.suite.ts';

const half = plantedBugs.filter((_bug, i) => i % 2 === 0);
findPlanted(test, half);

test.serial('there are at least sixty planted bugs, and no two share a name', (t) => {
  t.true(plantedBugs.length >= 60);
  t.is(new Set(plantedBugs.map(({ name }) => name)).size, plantedBugs.length);
});
