import test from 'ava';
import { plantedBugs } from './planted-bugs.ts';
import { findPlanted } from './planted.suite.ts';

const half = plantedBugs.filter((_bug, i) => i % 2 === 1);
findPlanted(test, half);
