import test from 'ava';
import type { KubeObject } from '../../../api/index.ts';
import { silentLogger } from '../../../base/index.ts';
import { bodyJson, startDoor } from '../../testing/index.ts';
import { noteTokenUse } from './token-use.ts';

const secret = (
  labels: Readonly<Record<string, string>> = {},
  type = 'kubernetes.io/service-account-token',
): KubeObject =>
  ({
    kind: 'Secret',
    apiVersion: 'v1',
    metadata: { name: 's', namespace: 'n', uid: 'su', labels },
    type,
  }) as KubeObject;

test('the use of a token that lies in a Secret is noted there once a day', async (t) => {
  const patches: unknown[] = [];
  let now = Date.parse('2026-01-01T23:00:00Z');
  const note = noteTokenUse({
    client: {
      patch: async (ref, patch) => {
        patches.push([ref.name, patch.body]);
        throw new Error('busy');
      },
    },
    clock: { now: () => now, monotonic: () => now },
    log: silentLogger,
  });
  note(secret());
  note(secret());
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  note(secret({ 'kubernetes.io/legacy-token-last-used': '2026-01-01' }));
  const noted = (day: string): unknown => [
    's',
    { metadata: { uid: 'su', labels: { 'kubernetes.io/legacy-token-last-used': day } } },
  ];
  t.deepEqual(patches, [noted('2026-01-01')]);
  now += 3_600_000;
  note(secret({ 'kubernetes.io/legacy-token-last-used': '2026-01-01' }));
  t.deepEqual(patches, [noted('2026-01-01'), noted('2026-01-02')]);
});

test('such a token names no credential, and holds no more once it is marked', async (t) => {
  const { ask, view, credentials, time } = startDoor();
  view.put('', 'serviceaccounts', {
    kind: 'ServiceAccount',
    apiVersion: 'v1',
    metadata: { name: 'sa', namespace: 'n', uid: 'au' },
  });
  view.put('', 'secrets', secret());
  const token = await credentials.issueSecretToken({
    namespace: 'n',
    account: { name: 'sa', uid: 'au' },
    secret: { name: 's', uid: 'su' },
  });
  const review = async (): Promise<object> =>
    bodyJson(await ask('POST', '/apis/authentication.k8s.io/v1/tokenreviews', { body: { spec: { token } } }))[
      'status'
    ] as object;
  t.deepEqual(((await review()) as { readonly user: object }).user, {
    username: 'system:serviceaccount:n:sa',
    uid: 'au',
    groups: ['system:serviceaccounts', 'system:serviceaccounts:n', 'system:authenticated'],
  });
  view.put('', 'secrets', secret({}, 'Opaque'));
  t.regex(JSON.stringify(await review()), /credential-id/);
  time.pass(11_000);
  view.put('', 'secrets', secret({ 'kubernetes.io/legacy-token-invalid-since': '2026-01-01' }));
  t.regex(JSON.stringify(await review()), /the token in secret n\/s for service account n\/sa has been marked invalid/);
});
