import test from 'ava';
import { startHarness, statusLine } from '../../testing/harness.ts';

const base = '/api/v1/namespaces/default';
const container = { name: 'c', image: 'i' };
const account = (name: string, enforce: string): object => ({
  metadata: { name, annotations: { 'kubernetes.io/enforce-mountable-secrets': enforce } },
  secrets: [{ name: 'own' }],
  imagePullSecrets: [{ name: 'pull' }],
});
const variable = (name: string): object => ({ name: 'A', valueFrom: { secretKeyRef: { name, key: 'k' } } });
const pod = (spec: object, serviceAccountName = 'strict'): object => ({
  metadata: { name: 'x' },
  spec: { serviceAccountName, containers: [container], ...spec },
});
const notSecret = 'is not allowed because service account strict does not reference that secret';

const refusals: readonly (readonly [title: string, spec: object, refusal: string])[] = [
  [
    'a volume',
    { volumes: [{ name: 'v', secret: { secretName: 'other' } }] },
    `volume with secret.secretName="other" ${notSecret}`,
  ],
  [
    'a variable',
    { containers: [{ ...container, env: [variable('own'), variable('other')] }] },
    `container c with envVar A referencing secret.secretName="other" ${notSecret}`,
  ],
  [
    'a source of variables',
    { containers: [{ ...container, envFrom: [{ secretRef: { name: 'other' } }] }] },
    `container c with envFrom referencing secret.secretName="other" ${notSecret}`,
  ],
  [
    'a variable of an init container',
    { initContainers: [{ ...container, name: 'i', env: [variable('other')] }] },
    `init container i with envVar A referencing secret.secretName="other" ${notSecret}`,
  ],
  [
    'a pull secret',
    { imagePullSecrets: [{ name: 'pull' }, { name: 'other' }] },
    'imagePullSecrets[1].name="other" is not allowed because service account strict does not reference that ' +
      'imagePullSecret',
  ],
];
for (const [title, spec, refusal] of refusals) {
  test(`${title} of a secret that a strict account does not name is refused`, async (t) => {
    const h = await startHarness();
    await h.post(`${base}/serviceaccounts`, account('strict', 'true'));
    await h.post(`${base}/serviceaccounts`, account('lax', 'no'));
    t.is(statusLine(await h.post(`${base}/pods`, pod(spec))), `403 Forbidden: pods "x" is forbidden: ${refusal}`);
    t.is((await h.post(`${base}/pods`, pod(spec, 'lax'))).kind, 'Pod');
  });
}

test('a strict account holds for ephemeral containers too', async (t) => {
  const h = await startHarness();
  await h.post(`${base}/serviceaccounts`, account('strict', 'true'));
  t.is((await h.post(`${base}/pods`, pod({ volumes: [{ name: 'v', secret: { secretName: 'own' } }] }))).kind, 'Pod');
  const attach = async (secret: string): Promise<object> =>
    await h.patch(`${base}/pods/x/ephemeralcontainers`, 'strategic', {
      spec: { ephemeralContainers: [{ name: `d-${secret}`, image: 'i', env: [variable(secret)] }] },
    });
  t.is(
    statusLine((await attach('other')) as never),
    '403 Forbidden: pods "x" is forbidden: ephemeral container d-other with envVar A referencing ' +
      `secret.secretName="other" ${notSecret}`,
  );
  t.like(await attach('own'), { kind: 'Pod' });
});
