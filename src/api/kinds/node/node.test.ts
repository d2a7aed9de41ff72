import test from 'ava';
import { type Change, label, object, type Refusal } from '../objects.fixture.ts';
import { created, updated } from '../testing/checked.ts';

const runtimeClass = object('node.k8s.io/v1', 'RuntimeClass', { handler: 'h' });

const refusals: readonly Refusal[] = [
  [
    'a runtime class that tolerates twice and costs nothing known',
    object('node.k8s.io/v1', 'RuntimeClass', {
      handler: 'h',
      overhead: { podFixed: { cpu: '-1' } },
      scheduling: {
        tolerations: [
          { key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 1 },
          { key: 'a', operator: 'Exists', effect: 'NoExecute' },
        ],
      },
    }),
    [
      'overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0',
      'scheduling.tolerations[1]: Duplicate value: {"key":"a","operator":"Exists","effect":"NoExecute"}',
    ],
  ],
];

for (const [what, body, expected] of refusals) {
  test(`${what} is refused`, (t) => {
    t.deepEqual(created(body).errors, [...expected].sort());
  });
}

/** Upstream checks some kinds more than once at an update, and so says the same more than once. */
const changes: readonly Change[] = [
  [
    'a handler for a bad one',
    runtimeClass,
    { handler: 'H' },
    [`handler: Invalid value: "H": ${label}`, 'handler: Invalid value: "H": field is immutable'],
  ],
];

for (const [what, body, fields, expected] of changes) {
  test(`changed, ${what}`, (t) => {
    const { errors } = updated(created(body).object, (next) => {
      Object.assign(next, fields);
    });
    t.deepEqual([...errors].sort(), [...expected].sort());
  });
}
