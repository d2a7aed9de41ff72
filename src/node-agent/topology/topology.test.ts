import test from 'ava';
import fc from 'fast-check';
import { hintsFor, type PlacedUnit, type ResourceHints, type TopologyHint } from './hints.ts';
import { mergeHints, type Placement, type TopologyPolicy } from './merge-hints.ts';
import { isNarrower, maskOf, nodeCount, setsOf } from './numa-mask.ts';
import { checkNumaNodes, topologyChoice } from './topology-settings.ts';

const near = (...numaNodes: readonly number[]): PlacedUnit => ({ numaNodes });
const times = (count: number, unit: PlacedUnit): readonly PlacedUnit[] => Array.from({ length: count }, () => unit);
const hint = (nodes: readonly number[] | undefined, preferred: boolean): TopologyHint => ({
  affinity: nodes === undefined ? undefined : maskOf(nodes),
  preferred,
});
const merged = (policy: TopologyPolicy, ...resources: readonly ResourceHints[]): Placement =>
  mergeHints(policy, [0, 1], resources);

test('sets of nodes begin with the smallest, and of those with the lowest nodes', (t) => {
  t.deepEqual(setsOf([0, 1, 3]), [[0], [1], [3], [0, 1], [0, 3], [1, 3], [0, 1, 3]].map(maskOf));
  t.true(isNarrower(maskOf([1, 2]), maskOf([0, 3])));
  t.is(nodeCount(maskOf([0, 5, 7])), 3);
});

test('hints name each set of nodes that has enough left, and prefer those that no smaller one could replace', (t) => {
  const all = [...times(4, near(0)), ...times(4, near(1))];
  const supply = { nodes: [0, 1], all, free: all, inherited: [] };
  t.deepEqual(hintsFor(supply, 2), [hint([0], true), hint([1], true), hint([0, 1], false)]);
  t.deepEqual(hintsFor(supply, 5), [hint([0, 1], true)]);
  const free = [...times(1, near(0)), ...times(2, near(1))];
  t.deepEqual(hintsFor({ ...supply, free }, 2), [hint([1], true), hint([0, 1], false)]);
  t.deepEqual(hintsFor({ ...supply, free }, 3), [hint([0, 1], false)], 'an empty node could give three');
  t.deepEqual(hintsFor({ ...supply, free }, 4), []);
  t.deepEqual(
    hintsFor({ ...supply, free: times(3, near(0)), inherited: [near(1)] }, 2),
    [hint([0, 1], false)],
    'what is taken over is on node 1, which has no other',
  );
  t.deepEqual(hintsFor({ ...supply, free: times(3, near(0)), inherited: [near()] }, 2).length, 2, 'it is anywhere');
});

test('what agrees on a node is preferred there; what cannot is refused as the policy says', (t) => {
  const either = [hint([0], true), hint([1], true), hint([0, 1], false)];
  const second = [hint([1], true), hint([0, 1], false)];
  const both = [hint([0, 1], true)];
  for (const policy of ['best-effort', 'restricted', 'single-numa-node'] as const)
    t.deepEqual(merged(policy, either, second), { hint: hint([1], true), admitted: true });
  t.deepEqual(merged('restricted', both), { hint: hint([0, 1], true), admitted: true });
  t.deepEqual(merged('single-numa-node', both), { hint: hint(undefined, false), admitted: false });
  t.deepEqual(merged('best-effort', second, [hint([0], true)]), { hint: hint([0], false), admitted: true });
  t.false(merged('restricted', second, [hint([0], true)]).admitted);
  t.deepEqual(merged('best-effort', second, [hint([0], true), hint([0, 1], false)]).hint, hint([0], false));
  t.false(merged('restricted', either, []).admitted, 'there is not enough of one');
  t.true(merged('best-effort', either, []).admitted);
  for (const policy of ['restricted', 'single-numa-node'] as const) {
    t.true(merged(policy).admitted, 'nothing is asked for');
    t.true(merged(policy, undefined).admitted, 'nobody has an opinion');
  }
  t.deepEqual(merged('none', []), { hint: hint(undefined, false), admitted: true });
});

test('where nothing is preferred, as many nodes are taken as the neediest resource must have', (t) => {
  const wide = [hint([0, 1], false), hint([0, 2], false), hint([0, 1, 2], false)];
  const narrow = [hint([0], false), hint([0, 1], false), hint([0, 2], false), hint([0, 1, 2], false)];
  t.deepEqual(mergeHints('best-effort', [0, 1, 2], [wide, narrow]).hint, hint([0, 1], false));
});

const subsets = fc.subarray([0, 1, 2], { minLength: 1 }).map(maskOf);
const someHints = fc.array(fc.record({ affinity: subsets, preferred: fc.boolean() }), { minLength: 1, maxLength: 5 });

test('the policies agree with each other, and a placement is within what each resource offered', (t) => {
  t.notThrows(() => {
    fc.assert(
      fc.property(fc.array(someHints, { maxLength: 3 }), (resources) => {
        const of = (policy: TopologyPolicy): Placement => mergeHints(policy, [0, 1, 2], resources);
        const [best, restricted, single] = [of('best-effort'), of('restricted'), of('single-numa-node')];
        const agreed = (affinity: number): boolean =>
          resources.every((hints) => hints.some((each) => each.preferred && each.affinity === affinity));
        const all = maskOf([0, 1, 2]);
        return (
          best.admitted &&
          restricted.admitted === setsOf([0, 1, 2]).some(agreed) &&
          single.admitted === (resources.length === 0 || [1, 2, 4].some(agreed)) &&
          (!restricted.admitted || agreed(best.hint.affinity ?? all))
        );
      }),
    );
  });
});

test('settings that make no sense are refused, and so is a machine with too many nodes', (t) => {
  t.deepEqual(topologyChoice({}), { policy: 'none', scope: 'container' });
  t.deepEqual(topologyChoice({ topologyManagerPolicy: 'restricted', topologyManagerScope: 'pod' }), {
    policy: 'restricted',
    scope: 'pod',
  });
  t.throws(() => topologyChoice({ topologyManagerPolicy: 'strict' }), { message: /none, best-effort, restricted/ });
  t.throws(() => topologyChoice({ topologyManagerScope: 'node' }), { message: /container or pod/ });
  const many = Array.from({ length: 9 }, (_, node) => node);
  t.notThrows(() => {
    checkNumaNodes('none', many);
  });
  t.throws(
    () => {
      checkNumaNodes('restricted', many);
    },
    { message: /9 NUMA nodes/ },
  );
});
