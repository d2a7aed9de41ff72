import test from 'ava';
import fc from 'fast-check';
import {
  type Behavior,
  begunHistory,
  type Bounds,
  type ScaleHistory,
  type ScalingRules,
  stabilized,
  withResize,
} from './stabilization.ts';

const now = 10_000_000;
const up: ScalingRules = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
};
const down: ScalingRules = { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] };
const behavior = (
  rules: { readonly up?: Partial<ScalingRules>; readonly down?: Partial<ScalingRules> } = {},
): Behavior => ({ scaleUp: { ...up, ...rules.up }, scaleDown: { ...down, ...rules.down } });
const empty: ScaleHistory = { recommendations: [], resizes: [] };
const decide = (proposed: number, bounds: Partial<Bounds>, history: ScaleHistory = empty): string => {
  const { replicas, able, limited } = stabilized(history, proposed, {
    current: 5,
    min: 1,
    max: 20,
    behavior: undefined,
    now,
    ...bounds,
  });
  return `${replicas} ${able.reason ?? ''} ${limited.status} ${limited.reason ?? ''}`;
};
const recommended = (...entries: readonly (readonly [replicas: number, secondsAgo: number])[]): ScaleHistory => ({
  recommendations: entries.map(([replicas, ago]) => ({ replicas, at: now - ago * 1000 })),
  resizes: [],
});

const cases: readonly (readonly [string, string, string])[] = [
  ['without a behavior a size at most doubles', decide(15, {}), '10 ReadyForNewScale True ScaleUpLimit'],
  ['and a small one may reach four', decide(9, { current: 1 }), '4 ReadyForNewScale True ScaleUpLimit'],
  ['the greatest size is kept', decide(15, { max: 7 }), '7 ReadyForNewScale True TooManyReplicas'],
  ['the least size is kept', decide(1, { min: 3 }), '3 ReadyForNewScale True TooFewReplicas'],
  [
    'without a behavior a higher proposal of five minutes holds',
    decide(2, {}, recommended([4, 299], [9, 301])),
    '4 ScaleDownStabilized False DesiredWithinRange',
  ],
  [
    'a behavior limits growth by its widest policy',
    decide(20, { behavior: behavior() }),
    '10 ReadyForNewScale True ScaleUpLimit',
  ],
  [
    'or by its narrowest',
    decide(20, { behavior: behavior({ up: { selectPolicy: 'Min' } }) }),
    '9 ReadyForNewScale True ScaleUpLimit',
  ],
  [
    'what was added within the period counts',
    decide(20, { behavior: behavior() }, withResize(empty, 4, now - 14_000)),
    '5 ReadyForNewScale True ScaleUpLimit',
  ],
  [
    'what was taken away within the period counts against it',
    decide(20, { behavior: behavior() }, withResize(empty, -2, now - 14_000)),
    '14 ReadyForNewScale True ScaleUpLimit',
  ],
  [
    'a disabled direction stays',
    decide(2, { behavior: behavior({ down: { selectPolicy: 'Disabled', stabilizationWindowSeconds: 0 } }) }),
    '5 ReadyForNewScale True ScaleDownLimit',
  ],
  [
    'a tenth of a small size grows by one',
    decide(9, { behavior: behavior({ up: { policies: [{ type: 'Percent', value: 10, periodSeconds: 60 }] } }) }),
    '6 ReadyForNewScale True ScaleUpLimit',
  ],
  [
    'a policy limits shrinking',
    decide(1, {
      behavior: behavior({
        down: { stabilizationWindowSeconds: 0, policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] },
      }),
    }),
    '4 ReadyForNewScale True ScaleDownLimit',
  ],
  [
    'growing waits for its window',
    decide(9, { behavior: behavior({ up: { stabilizationWindowSeconds: 60 } }) }, recommended([6, 30])),
    '6 ScaleUpStabilized False DesiredWithinRange',
  ],
  [
    'shrinking waits five minutes unless the behavior says another',
    decide(2, { behavior: behavior() }, recommended([4, 200])),
    '4 ScaleDownStabilized False DesiredWithinRange',
  ],
  [
    'a window of zero waits for nothing',
    decide(2, { behavior: behavior({ down: { stabilizationWindowSeconds: 0 } }) }, recommended([9, 1])),
    '2 ReadyForNewScale False DesiredWithinRange',
  ],
];

for (const [title, seen, wanted] of cases)
  test(title, (t) => {
    t.is(seen, wanted);
  });

test('the first proposal is the size that was found', (t) => {
  t.deepEqual(begunHistory(undefined, 5, now).recommendations, [{ replicas: 5, at: now }]);
  t.is(begunHistory(empty, 5, now), empty);
});

test('a decision lies within the bounds and moves towards the proposal only, and its memory is bounded', (t) => {
  const rules = fc.record({
    stabilizationWindowSeconds: fc.nat(3600),
    selectPolicy: fc.constantFrom('Max' as const, 'Min' as const, 'Disabled' as const),
    policies: fc.array(
      fc.record({
        type: fc.constantFrom('Pods' as const, 'Percent' as const),
        value: fc.integer({ min: 1, max: 100 }),
        periodSeconds: fc.integer({ min: 1, max: 1800 }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  });
  fc.assert(
    fc.property(
      fc.option(fc.record({ scaleUp: rules, scaleDown: rules }), { nil: undefined }),
      fc.array(fc.nat(40), { minLength: 1, maxLength: 300 }),
      (rule, proposals) => {
        let history = begunHistory(undefined, 5, 0);
        let current = 5;
        for (const [i, proposed] of proposals.entries()) {
          const at = i * 15_000;
          const result = stabilized(history, proposed, { current, min: 1, max: 30, behavior: rule, now: at });
          t.true(result.replicas >= 1 && result.replicas <= 30);
          t.true(
            proposed >= current
              ? result.replicas >= Math.min(current, proposed)
              : result.replicas <= Math.max(current, ...history.recommendations.map(({ replicas }) => replicas)),
          );
          history =
            result.replicas === current ? result.history : withResize(result.history, result.replicas - current, at);
          current = result.replicas;
          t.true(history.recommendations.length <= 242 && history.resizes.length <= 242);
        }
      },
    ),
    { numRuns: 50 },
  );
});
