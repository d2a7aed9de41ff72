import test from 'ava';
import { policyOfLabels } from '../../../api/index.ts';
import { type Harness, startHarness, statusLine } from '../../testing/harness.ts';
import { defaultAdmissionConfiguration, type PodSecurityDefaults } from '../configuration.ts';

const pods = '/api/v1/namespaces/default/pods';
const pod = (name: string, spec: object = {}): object => ({
  metadata: { name },
  spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
});
const hostile = { hostNetwork: true };
const refusal = '403 Forbidden: pods "p" is forbidden: violates PodSecurity "baseline:latest": host namespaces';

interface Exempt {
  readonly usernames?: readonly string[];
  readonly runtimeClasses?: readonly string[];
  readonly namespaces?: readonly string[];
}

/** A cluster whose namespaces enforce baseline and warn of restricted unless they say otherwise. */
function configured({ usernames = [], runtimeClasses = [], namespaces = [] }: Exempt = {}): Promise<Harness> {
  const { policy } = policyOfLabels({
    'pod-security.kubernetes.io/enforce': 'baseline',
    'pod-security.kubernetes.io/warn': 'restricted',
  });
  const podSecurity: PodSecurityDefaults = {
    policy,
    exemptions: {
      usernames: new Set(usernames),
      runtimeClasses: new Set(runtimeClasses),
      namespaces: new Set(namespaces),
    },
  };
  return startHarness({ settings: { admission: { ...defaultAdmissionConfiguration, podSecurity } } });
}

test('namespaces without labels have the configured levels', async (t) => {
  const h = await configured();
  t.true(statusLine(await h.post(pods, pod('p', hostile))).startsWith(refusal));
  t.is((await h.post(pods, pod('p'))).kind, 'Pod');
  t.true(h.warnings.some((text) => text.startsWith('would violate PodSecurity "restricted:latest"')));
});

test('labels of a namespace go before the configuration', async (t) => {
  const h = await configured();
  const labels = { 'pod-security.kubernetes.io/enforce': 'privileged' };
  await h.patch('/api/v1/namespaces/default', 'merge', { metadata: { labels } });
  t.is((await h.post(pods, pod('p', hostile))).kind, 'Pod');
});

const exemptions: readonly (readonly [what: string, exempt: Exempt, spec: object])[] = [
  ['user', { usernames: ['admin'] }, hostile],
  ['namespace', { namespaces: ['default'] }, hostile],
  ['runtimeClass', { runtimeClasses: ['sandboxed'] }, { ...hostile, runtimeClassName: 'sandboxed' }],
];
for (const [what, exempt, spec] of exemptions) {
  test(`an exempt ${what} is not held against a level, and the trail says so`, async (t) => {
    const h = await configured(exempt);
    await h.post('/apis/node.k8s.io/v1/runtimeclasses', { metadata: { name: 'sandboxed' }, handler: 'runc' });
    const notes: string[] = [];
    const annotate = (key: string, value: string): void => void notes.push(`${key}=${value}`);
    t.is((await h.post(pods, pod('p', spec), { annotate })).kind, 'Pod');
    t.true(notes.includes(`pod-security.kubernetes.io/exempt=${what}`));
    t.deepEqual(h.warnings, []);
  });
}

test('labels of an exempt namespace are warned about, since they change nothing', async (t) => {
  const h = await configured({ namespaces: ['free'] });
  await h.post('/api/v1/namespaces', { metadata: { name: 'free' } });
  t.deepEqual(h.warnings, []);
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  await h.patch('/api/v1/namespaces/free', 'merge', { metadata: { labels } });
  t.deepEqual(h.warnings, [
    'namespace "free" is exempt from Pod Security, and the policy (enforce=restricted:latest, ' +
      'warn=restricted:latest) will be ignored',
  ]);
});
