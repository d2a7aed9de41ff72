import test from 'ava';
import { findCondition, isConditionTrue, setCondition, withoutCondition } from './conditions.ts';

test('a condition keeps its place, and its time while its status stays', (t) => {
  const before = [
    { type: 'A', status: 'True', reason: 'Old', lastTransitionTime: 'then' },
    { type: 'B', status: 'False', reason: 'Old', lastTransitionTime: 'then' },
  ];
  t.deepEqual(setCondition(before, { type: 'A', status: 'True', reason: 'New' }, 'now')[0], {
    type: 'A',
    status: 'True',
    reason: 'New',
    lastTransitionTime: 'then',
  });
  t.is(setCondition(before, { type: 'A', status: 'False', reason: 'New' }, 'now')[0]?.lastTransitionTime, 'now');
  t.deepEqual(
    setCondition(before, { type: 'C', status: 'True', reason: 'New' }, 'now').map(({ type }) => type),
    ['A', 'B', 'C'],
  );
  t.deepEqual(findCondition(before, 'B')?.status, 'False');
  t.true(isConditionTrue(before, 'A'));
  t.false(isConditionTrue(undefined, 'A'));
  t.deepEqual(withoutCondition(before, 'A'), before.slice(1));
  t.is(withoutCondition(before, 'C'), before);
});
