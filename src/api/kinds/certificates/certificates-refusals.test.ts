import test from 'ava';
import { object, type Refusal } from '../objects.fixture.ts';
import { created } from '../testing/checked.ts';

const refusals: readonly Refusal[] = [
  [
    'a certificate for no use',
    object('certificates.k8s.io/v1', 'CertificateSigningRequest', { spec: { request: 'AA==', signerName: 'a.b/c' } }),
    [
      'spec.request: Invalid value: []byte{AA==}: PEM block type must be CERTIFICATE REQUEST',
      'spec.usages: Required value',
    ],
  ],
];

for (const [what, body, expected] of refusals) {
  test(`${what} is refused`, (t) => {
    t.deepEqual(created(body).errors, [...expected].sort());
  });
}
