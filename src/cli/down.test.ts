import test from 'ava';
import { endingOrder } from './down.ts';

const names = ['member-1', 'node-1', 'node-2'];
const here = { name: 'member-1' };
const there = { name: 'member-2', elsewhere: true } as const;

test('agents outlive the member of their machine where pods run on and other machines have members', (t) => {
  t.deepEqual(endingOrder(names, [here, there], { keepContainers: true }), [['member-1'], ['node-1', 'node-2']]);
});

test('else all processes end together', (t) => {
  t.deepEqual(endingOrder(names, [here, there], { keepContainers: false }), [names]);
  t.deepEqual(endingOrder(names, [here, { name: 'member-2' }], { keepContainers: true }), [names]);
  t.deepEqual(endingOrder(names, [], { keepContainers: true }), [names], 'a single member has no plan');
});
