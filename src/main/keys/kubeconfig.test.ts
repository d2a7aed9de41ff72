import test from 'ava';
import { parse } from 'yaml';
import { kubeconfigText } from './kubeconfig.ts';

const servers = [
  { member: 'one', url: 'https://192.0.2.1:6443' },
  { member: 'two', url: 'https://192.0.2.2:6443' },
];
const base64 = (text: string): string => Buffer.from(text).toString('base64');

test('a kubeconfig has a context for each member, and one user with a certificate or a token', (t) => {
  const signedIn = (user: Parameters<typeof kubeconfigText>[0]['user']): Record<string, unknown> =>
    parse(kubeconfigText({ cluster: 'c', servers, ca: 'CA', user })) as Record<string, unknown>;
  const { users, contexts, ...others } = signedIn({ certificate: 'CERT', key: 'KEY' });
  t.deepEqual(users, [
    {
      name: 'troupe-c-admin',
      user: { 'client-certificate-data': base64('CERT'), 'client-key-data': base64('KEY') },
    },
  ]);
  t.like(contexts, [{ name: 'troupe-c-one', context: { user: 'troupe-c-admin' } }, { name: 'troupe-c-two' }]);
  t.is(others['current-context'], 'troupe-c-one');
  t.deepEqual(signedIn({ token: 'T' })['users'], [{ name: 'troupe-c-admin', user: { token: 'T' } }]);
  const { users: none, ...trust } = signedIn(undefined);
  t.is(none, undefined);
  t.false('current-context' in trust);
});
