import test from 'ava';
import { Stillness } from './stillness.ts';

/** Whether the watcher ends the process, at each of its turns. */
const judged = (turnsMax: number, turns: readonly (readonly [beats: number, excused?: boolean])[]): string => {
  const stillness = new Stillness(turnsMax);
  return turns.map(([beats, excused = false]) => (stillness.turn(beats, excused) ? 'x' : '.')).join('');
};

test('a loop that beats is left alone, however unevenly it does', (t) => {
  t.is(judged(3, [[1], [2], [2], [2], [3], [9], [9], [9], [10]]), '.........');
});

test('a loop that misses as many turns as are allowed stands still', (t) => {
  t.is(judged(3, [[1], [1], [1], [1]]), '...x');
});

test('a loop that a debugger may hold is never judged, and gets its full time after that', (t) => {
  t.is(judged(2, [[1], [1], [1, true], [1, true], [1, true], [1], [1]]), '......x');
});

test('a loop that has not begun gets the same time', (t) => {
  t.is(judged(2, [[0], [0], [0]]), '..x');
});
