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

const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with " +
  "an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is " +
  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and " +
  "end with an alphanumeric character (e.g. 'example.com', regex used for validation is " +
  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const form = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
const twoSegments = 'should be a domain with at least two segments separated by dots';
const long = `${'a'.repeat(60)}.`.repeat(5);

const signerNames: readonly (readonly [name: string, errors: readonly string[]])[] = [
  ['example.com/signer', []],
  [`example.com/${'a'.repeat(64)}.b`, []],
  ['', ['Required value']],
  ['signer', [`Invalid value: "signer": ${form}`]],
  ['example.com/a/b', [`Invalid value: "example.com/a/b": ${form}`]],
  ['example/a', [`Invalid value: "example": ${twoSegments}`]],
  ['Example.com/a', [`Invalid value: "Example.com": validating label "Example": ${label}`]],
  ['a.b_.c_/a', [`Invalid value: "a.b_.c_": validating label "b_": ${label}`]],
  ['/a', [`Invalid value: "": ${twoSegments}`, `Invalid value: "": validating label "": ${label}`]],
  ['a.b/x_.Y', [`Invalid value: "x_.Y": validating label "x_": ${subdomain}`]],
  [`${long}com/a`, ['Too long: may not be more than 253 bytes']],
  [`a.b/${long.repeat(2)}c`, ['Too long: may not be more than 571 bytes']],
];

for (const [name, errors] of signerNames) {
  const shown = name.length > 80 ? `${name.slice(0, 20)}… of ${name.length} letters` : `'${name}'`;
  test(`the signer ${shown} is checked`, (t) => {
    const request = { spec: { request: 'AA==', usages: ['any'], signerName: name } };
    const found = created(object('certificates.k8s.io/v1', 'CertificateSigningRequest', request)).errors;
    t.deepEqual(
      found.filter((error) => error.startsWith('spec.signerName')),
      errors.map((error) => `spec.signerName: ${error}`),
    );
  });
}
