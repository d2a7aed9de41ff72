import test from 'ava';
import { object, type Refusal } from '../objects.fixture.ts';
import { created } from '../testing/checked.ts';

const refusals: readonly Refusal[] = [
  [
    'an API service under another name',
    object('apiregistration.k8s.io/v1', 'APIService', {
      metadata: { name: 'v2.g.example' },
      spec: { group: 'g.example', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1 },
    }),
    ['metadata.name: Invalid value: "v2.g.example": must be `spec.version+"."+spec.group`: "v1.g.example"'],
  ],
  [
    'an API service of this server with a bundle',
    object('apiregistration.k8s.io/v1', 'APIService', {
      metadata: { name: 'v1.g.example' },
      spec: { group: 'g.example', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1, caBundle: 'eHg=' },
    }),
    ['spec.caBundle: Invalid value: "2 bytes": local APIServices may not have a caBundle'],
  ],
];

for (const [what, body, expected] of refusals) {
  test(`${what} is refused`, (t) => {
    t.deepEqual(created(body).errors, [...expected].sort());
  });
}
