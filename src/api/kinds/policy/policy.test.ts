import test from 'ava';
import type { JsonObject } from '../../object.ts';
import { object, type Refusal } from '../objects.fixture.ts';
import { created, updated } from '../testing/checked.ts';

const refusals: readonly Refusal[] = [
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
