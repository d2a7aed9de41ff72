import test from 'ava';
import { Availability } from './availability.ts';
import { counterFaults } from './counter.ts';
import { DoubleActors } from './owners.ts';
import type { PodView } from './pod-view.ts';

const pod = (name: string, more: Partial<PodView> = {}): PodView => ({
  name,
  uid: name,
  version: '1',
  available: true,
  ending: false,
  succeeded: false,
  gone: false,
  disruption: '',
  labels: {},
  ...more,
});
const ending = (name: string): PodView => pod(name, { available: false, ending: true });
const sick = (name: string): PodView => pod(name, { available: false });

function four(): Availability {
  const availability = new Availability(3);
  for (const name of ['a', 'b', 'c', 'd']) availability.change(pod(name), 0);
  availability.settled();
  return availability;
}

test('a pod may be taken away while enough are left', (t) => {
  const availability = four();
  availability.change(ending('a'), 10_000);
  t.deepEqual(availability.evidence(), []);
  t.is(availability.fewest, 3);
});

test('a pod that is taken away while too few are left is told, with how many', (t) => {
  const availability = four();
  availability.change(sick('a'), 10_000);
  availability.change(ending('b'), 20_000);
  t.deepEqual(availability.evidence(), [
    { atMs: 20_000, who: 'b', what: 'was deleted when it had been available for 20 s; 2 were left, and 3 must be' },
  ]);
});

test('a controller may not know yet what happened within five seconds, and the operator may do anything', (t) => {
  const availability = four();
  availability.change(sick('a'), 10_000);
  availability.change(ending('b'), 14_900);
  t.deepEqual(availability.evidence(), []);
  availability.excuse('c');
  availability.change(ending('c'), 30_000);
  t.deepEqual(availability.evidence(), []);
  availability.change(ending('d'), 40_000);
  t.is(availability.evidence().length, 1);
});

test('a controller may not know yet that a pod got well', (t) => {
  const availability = four();
  for (const name of ['a', 'b']) availability.change(sick(name), 10_000);
  availability.change(pod('b'), 20_000);
  availability.change(ending('b'), 24_000);
  t.deepEqual(availability.evidence(), []);
  availability.change(pod('a'), 30_000);
  availability.change(ending('a'), 36_000);
  t.regex(availability.evidence()[0]?.what ?? '', /available for 6 s; 2 were left/);
});

test('what takes a pod from a sick node is bounded by nothing', (t) => {
  const availability = four();
  availability.change(sick('a'), 10_000);
  availability.change({ ...ending('b'), disruption: 'DeletionByTaintManager' }, 20_000);
  availability.change({ ...ending('c'), disruption: 'EvictionByEvictionAPI' }, 30_000);
  t.deepEqual(
    availability.evidence().map(({ who }) => who),
    ['c'],
  );
});

test('a pod that was not available may go at any time', (t) => {
  const availability = four();
  for (const name of ['a', 'b', 'c', 'd']) availability.change(sick(name), 10_000);
  availability.change(ending('a'), 20_000);
  availability.change(pod('b', { gone: true, available: false }), 21_000);
  t.deepEqual(availability.evidence(), []);
});

const step = (uid: string, value: number): { uid: string; value: number } => ({ uid, value });

test('a counter grows, also from one pod to the next', (t) => {
  t.deepEqual(counterFaults([step('x', 1), step('x', 2), step('y', 4), step('y', 5)]), { back: [], twoAlive: [] });
});

test('a counter that goes back, and a pod that writes after another took over, are told', (t) => {
  t.deepEqual(counterFaults([step('x', 5), step('y', 5)]).back, ['y wrote 5 after x had written 5']);
  t.deepEqual(counterFaults([step('x', 1), step('y', 2), step('x', 3)]).twoAlive, ['x wrote 3 after y had taken over']);
});

test('an actor that is in two processes for ten seconds is told; one that moves is not', (t) => {
  const doubles = new DoubleActors();
  const at = (process: string, name: string): { address: string; process: string } => ({
    process,
    address: `deployment-controller/3/default/${name}`,
  });
  const root = { process: 'member-1', address: 'deployment-controller' };
  for (let second = 0; second <= 10; second++) {
    const moving = at(second < 5 ? 'member-1' : 'member-2', 'moves');
    const brief = second < 4 ? [at('member-1', 'brief'), at('member-2', 'brief')] : [];
    const both = [at('member-1', 'two'), at('member-2', 'two'), root, { ...root, process: 'member-2' }];
    doubles.see([moving, ...brief, ...both], second * 1_000);
  }
  t.deepEqual(doubles.evidence(), [
    { atMs: 0, who: 'deployment-controller/3/default/two', what: 'acts in member-1 and member-2 at once, for 10 s' },
  ]);
});
