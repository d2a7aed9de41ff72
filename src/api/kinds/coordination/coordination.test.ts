import test from 'ava';
import { object, type Refusal } from '../objects.fixture.ts';
import { created } from '../testing/checked.ts';

const refusals: readonly Refusal[] = [
  [
    'a lease of no duration',
    object('coordination.k8s.io/v1', 'Lease', { spec: { leaseDurationSeconds: 0 } }),
    ['spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0'],
  ],
];

for (const [what, body, expected] of refusals) {
  test(`${what} is refused`, (t) => {
    t.deepEqual(created(body).errors, [...expected].sort());
  });
}
