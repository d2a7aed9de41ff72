import test from 'ava';
import { connect } from 'node:net';
import { callFailureText } from './call-failure.ts';

const failure = (code: string, more: object = {}): Parameters<typeof callFailureText>[0] => ({
  name: 'Error',
  message: 'as it is',
  code,
  ...more,
});

const table: readonly (readonly [failure: Parameters<typeof callFailureText>[0], text: string])[] = [
  [failure('ECONNREFUSED', { address: '10.0.0.1', port: 443 }), 'dial tcp 10.0.0.1:443: connect: connection refused'],
  [
    failure('', { errors: [failure('EHOSTUNREACH', { address: 'fd00::1', port: 443 }), failure('ECONNREFUSED')] }),
    'dial tcp [fd00::1]:443: connect: no route to host',
  ],
  [failure('ENOTFOUND', { hostname: 'nowhere.example.com' }), 'dial tcp: lookup nowhere.example.com: no such host'],
  [
    failure('DEPTH_ZERO_SELF_SIGNED_CERT'),
    'tls: failed to verify certificate: x509: certificate signed by unknown authority',
  ],
  [
    failure('ERR_TLS_CERT_ALTNAME_INVALID', {
      host: 'a.b.svc',
      cert: { subjectaltname: 'DNS:c, IP Address:10.0.0.1' },
    }),
    'tls: failed to verify certificate: x509: certificate is valid for c, 10.0.0.1, not a.b.svc',
  ],
  [{ name: 'TimeoutError', message: 'The operation was aborted due to timeout' }, 'context deadline exceeded'],
  [failure('ABORT_ERR'), 'context deadline exceeded'],
  [failure('ODD'), 'as it is'],
];

for (const [given, text] of table) {
  test(`a call that failed with ${given.code ?? given.name} tells: ${text}`, (t) => {
    t.is(callFailureText(given), text);
  });
}

test('a port that nobody listens at', async (t) => {
  const error = await new Promise<Error>((resolve) => {
    connect(1, '127.0.0.1').on('error', resolve);
  });
  t.is(callFailureText(error), 'dial tcp 127.0.0.1:1: connect: connection refused');
});
