import test from 'ava';
import { object, type Refusal } from '../objects.fixture.ts';
import { created } from '../testing/checked.ts';

const refusals: readonly Refusal[] = [
  [
    'a class that claims to be the system',
    object('scheduling.k8s.io/v1', 'PriorityClass', { metadata: { name: 'system-mine' }, value: 1 }),
    [
      "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. " +
        'error: system-mine is not a known system priority class',
    ],
  ],
];

for (const [what, body, expected] of refusals) {
  test(`${what} is refused`, (t) => {
    t.deepEqual(created(body).errors, [...expected].sort());
  });
}
