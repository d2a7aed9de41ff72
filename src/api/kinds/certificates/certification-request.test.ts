import test from 'ava';
import { parseCertificationRequest } from './certification-request.ts';

/** Made by openssl; the keys are thrown away. */
const certificationRequests = {
  client:
    'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIbk1JR05BZ0VBTUNzeEREQUtCZ05WQkFvTUEyUmxkakVNTUFv' +
    'R0ExVUVDZ3dEYjNCek1RMHdDd1lEVlFRRApEQVJrYjNKaE1Ga3dFd1lIS29aSXpqMENBUVlJS29aSXpqMERBUWNEUWdBRTl4bTU5' +
    'TWdyd0wvZU5RbUk2Q0g2CnZnMTFOb1RFZGpuWjJrcktGYmxYcGdCRnViRjdSQXZzRHd6YWU4ZkdMd2R6ZDcyZk12TVV1NEJyZDRB' +
    'QlJCb1YKQzZBQU1Bb0dDQ3FHU000OUJBTUNBMGtBTUVZQ0lRQzRmTTRRT0JnMCtNMzg1WTA2L3VyZHU3bGJxNmJQRG52ZgpEbCsr' +
    'WW45KzNnSWhBS0tVL0UvMW4ybzZwK2JEUWJ3OE5OYjZsZEZhNTVVMjVXNy9qc0c1dHA1TAotLS0tLUVORCBDRVJUSUZJQ0FURSBS' +
    'RVFVRVNULS0tLS0K',
  serving:
    'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlJQk56Q0IzUUlCQURBd01SVXdFd1lEVlFRS0RBeHplWE4wWlcw' +
    'NmJtOWtaWE14RnpBVkJnTlZCQU1NRG5ONQpjM1JsYlRwdWIyUmxPbTR4TUZrd0V3WUhLb1pJemowQ0FRWUlLb1pJemowREFRY0RR' +
    'Z0FFOXhtNTlNZ3J3TC9lCk5RbUk2Q0g2dmcxMU5vVEVkam5aMmtyS0ZibFhwZ0JGdWJGN1JBdnNEd3phZThmR0x3ZHpkNzJmTXZN' +
    'VXU0QnIKZDRBQlJCb1ZDNkJMTUVrR0NTcUdTSWIzRFFFSkRqRThNRG93T0FZRFZSMFJCREV3TDRJQ2JqR0hCTUFBQWdHSApFQ0FC' +
    'RGJnQUFBQUFBQUFBQUFBQUFBR0JCV0ZBWWk1amhncHpjR2xtWm1VNkx5OTRNQW9HQ0NxR1NNNDlCQU1DCkEwa0FNRVlDSVFDV3lC' +
    'dzdOQ1JuZVBoVTJzTzlkQW5hcmlnUjNnVDZZTVo4SzduQldoZHZ0Z0loQUtody9NWU4KNTh5c3ZHWUlwZWsySFdXUUFaZmE5T1VN' +
    'MWtyYnVYMnJMNUNSCi0tLS0tRU5EIENFUlRJRklDQVRFIFJFUVVFU1QtLS0tLQo=',
};
const none = { dnsNames: [], ipAddresses: [], emailAddresses: [], uris: [] };

test('a certification request says whom its certificate is for', (t) => {
  t.deepEqual(parseCertificationRequest(certificationRequests.client), {
    commonName: 'dora',
    organizations: ['dev', 'ops'],
    ...none,
  });
  t.deepEqual(parseCertificationRequest(certificationRequests.serving), {
    commonName: 'system:node:n1',
    organizations: ['system:nodes'],
    dnsNames: ['n1'],
    ipAddresses: ['192.0.2.1', '2001:db8:0:0:0:0:0:1'],
    emailAddresses: ['a@b.c'],
    uris: ['spiffe://x'],
  });
});

test('what is no certification request is told apart, however it is cut', (t) => {
  const pem = atob(certificationRequests.client);
  const cut = pem
    .split('\n')
    .filter((_line, at) => at !== 1)
    .join('\n');
  for (const text of [
    '',
    'x',
    btoa('-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----'),
    btoa(cut),
    '*',
  ])
    t.is(parseCertificationRequest(text), undefined);
});
