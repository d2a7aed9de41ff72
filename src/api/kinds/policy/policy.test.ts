import test from 'ava';
import type { JsonObject } from '../../object.ts';
import { object, type Refusal } from '../objects.fixture.ts';
import { created, updated } from '../testing/checked.ts';

const budget = (selector: object): ReturnType<typeof object> =>
  object('policy/v1', 'PodDisruptionBudget', { spec: { minAvailable: 1, selector } });
const terms = (count: number, values: number): readonly object[] =>
  Array.from({ length: count }, (_, index) => ({
    key: `k${index}`,
    operator: 'NotIn',
    values: Array.from({ length: values }, (_value, at) => `v${at}`),
  }));

const refusals: readonly Refusal[] = [
  [
    'a budget that holds each pod to very many terms',
    budget({ matchExpressions: terms(257, 1) }),
    ['spec.selector.matchExpressions: Too many: 257: must have at most 256 items'],
  ],
  [
    'a budget that holds each pod to very many values',
    budget({ matchExpressions: terms(201, 10) }),
    ['spec.selector.matchExpressions.values: Too many: 2010: must have at most 2000 items'],
  ],
  [
    'a budget that holds each pod to very many labels',
    budget({ matchLabels: Object.fromEntries(Array.from({ length: 257 }, (_, index) => [`k${index}`, 'v'])) }),
    ['spec.selector.matchLabels: Too many: 257: must have at most 256 items'],
  ],
  [
    'a budget of more than all',
    object('policy/v1', 'PodDisruptionBudget', { spec: { maxUnavailable: '101%' } }),
    [
      'spec.maxUnavailable: Invalid value: intstr.IntOrString{Type:1, IntVal:0, StrVal:"101%"}: must not be ' +
        'greater than 100%',
    ],
  ],
];

for (const [what, body, expected] of refusals) {
  test(`${what} is refused`, (t) => {
    t.deepEqual(created(body).errors, [...expected].sort());
  });
}

test('conditions of a budget are whole, and one of each type', (t) => {
  const old = created(object('policy/v1', 'PodDisruptionBudget', { spec: {} })).object;
  const errors = (...conditions: JsonObject[]): readonly string[] =>
    updated(
      old,
      (next) => {
        next['status'] = { conditions, currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 };
      },
      'status',
    ).errors;
  const good = { type: 'A', status: 'True', reason: 'R', message: '', lastTransitionTime: '2024-01-01T00:00:00Z' };
  t.deepEqual(errors(good), []);
  t.deepEqual(errors(good, { type: 'A', status: 'Yes', reason: '', message: '' }), [
    'status.conditions[1].lastTransitionTime: Required value: must be set',
    'status.conditions[1].reason: Required value: must be set',
    'status.conditions[1].status: Unsupported value: "Yes": supported values: "False", "True", "Unknown"',
    'status.conditions[1].type: Duplicate value: "A"',
  ]);
  t.regex(errors({ ...good, reason: 'not so' })[0] ?? '', /a condition reason must start with alphabetic character/);
});
