import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { AdmissionConfiguration } from '../../resources/index.ts';
import { defaultsFile, loadSettings, StartProblem } from '../process/index.ts';
import { admissionConfiguration } from './admission.ts';

const folder = mkdtempSync(join(tmpdir(), 'troupe-admission-'));
const kubeconfig = (server: string): string =>
  `apiVersion: v1\nkind: Config\nclusters:\n- {name: c, cluster: {server: '${server}'}}\n`;
writeFileSync(join(folder, 'images.kubeconfig'), kubeconfig('https://images.example.com/review'));
writeFileSync(join(folder, 'plain.kubeconfig'), kubeconfig('http://images.example.com/review'));

let files = 0;
function withFile(plugins: string, settings: object = {}): AdmissionConfiguration {
  const name = `admission-${String(files++)}.yaml`;
  const head = 'apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\nplugins:\n';
  writeFileSync(join(folder, name), head + plugins);
  const all = loadSettings(defaultsFile(), '/nowhere/config.yaml', { ...settings, admissionConfigFile: name } as never);
  return admissionConfiguration(all, folder);
}

const events = (limit: string): string =>
  '- name: EventRateLimit\n  configuration:\n    apiVersion: eventratelimit.admission.k8s.io/v1alpha1\n' +
  `    kind: Configuration\n    limits: [${limit}]\n`;
const podSecurity = (parts: string): string =>
  '- name: PodSecurity\n  configuration:\n    apiVersion: pod-security.admission.config.k8s.io/v1\n' +
  `    kind: PodSecurityConfiguration\n    ${parts}\n`;
const images = (parts: string): string => `- name: ImagePolicyWebhook\n  configuration:\n    imagePolicy: {${parts}}\n`;
const latest = (level: string): object => ({ level, minor: 'latest' });

test('without a file Events are limited generously, and namespaces without labels allow everything', (t) => {
  const {
    eventLimits,
    podSecurity: pods,
    imagePolicy,
  } = admissionConfiguration(loadSettings(defaultsFile(), '/nowhere/config.yaml'), folder);
  t.deepEqual(
    eventLimits.map(({ type }) => type),
    ['Server', 'SourceAndObject'],
  );
  t.like(pods.policy, { enforce: latest('privileged') });
  t.is(imagePolicy, undefined);
});

test('the profile hardened enforces restricted, but not on pods of the system', (t) => {
  const settings = loadSettings(defaultsFile(), '/nowhere/config.yaml', { profile: 'hardened' });
  const { podSecurity: pods, eventLimits } = admissionConfiguration(settings, folder);
  t.like(pods.policy, { enforce: latest('restricted'), audit: latest('restricted'), warn: latest('restricted') });
  t.true(pods.exemptions.namespaces.has('kube-system'));
  t.true(eventLimits.some(({ type }) => type === 'Namespace'));
});

test('limits of Events are read with the defaults of Kubernetes', (t) => {
  t.deepEqual(withFile(events('{type: User, qps: 5, burst: 9}')).eventLimits, [
    { type: 'User', qps: 5, burst: 9, cacheSize: 4096 },
  ]);
});

test('levels, versions and exemptions are read', (t) => {
  const { policy, exemptions } = withFile(
    podSecurity(
      'defaults: {enforce: baseline, enforce-version: v1.29}\n    exemptions: {usernames: [ci], namespaces: [a]}',
    ),
  ).podSecurity;
  t.deepEqual(policy.enforce, { level: 'baseline', minor: 29 });
  t.deepEqual([...exemptions.usernames, ...exemptions.namespaces], ['ci', 'a']);
});

test('the image service is read with its times', (t) => {
  const text = 'kubeConfigFile: images.kubeconfig, allowTTL: 50, denyTTL: -1, defaultAllow: true';
  t.like(withFile(images(text)).imagePolicy, { allowMs: 50_000, denyMs: 0, retryMs: 500, defaultAllow: true });
});

test('a plug-in may have a file of its own', (t) => {
  writeFileSync(
    join(folder, 'limits.yaml'),
    'apiVersion: eventratelimit.admission.k8s.io/v1alpha1\nkind: Configuration\n' +
      'limits: [{type: Server, qps: 1, burst: 1}]\n',
  );
  t.is(withFile('- {name: EventRateLimit, path: limits.yaml}\n').eventLimits.length, 1);
});

const refused: readonly (readonly [what: string, plugins: string, message: RegExp])[] = [
  [
    'a plug-in without settings',
    '- {name: LimitRanger, path: x}\n',
    /the plug-in "LimitRanger" takes no configuration/,
  ],
  ['a missing file', '- {name: EventRateLimit, path: none.yaml}\n', /cannot read .*none\.yaml/],
  ['no limits', events(''), /EventRateLimit cannot be used: limits: expected at least one/],
  ['an odd type', events('{type: Pod, qps: 1, burst: 1}'), /limits\[0\]\.type: expected one of Server, Namespace/],
  ['no rate', events('{type: Server, qps: 0, burst: 1}'), /limits\[0\]\.qps: expected a whole number of at least 1/],
  ['an odd level', podSecurity('defaults: {enforce: strict}'), /defaults: enforce: must be one of privileged/],
  ['an odd version', podSecurity('defaults: {warn-version: "1"}'), /defaults: warn-version: must be "latest" or/],
  ['an unknown default', podSecurity('defaults: {deny: baseline}'), /defaults\.deny: unknown/],
  ['an odd exemption', podSecurity('exemptions: {namespaces: [A_B]}'), /exemptions\.namespaces: "A_B" is not a name/],
  ['an exemption twice', podSecurity('exemptions: {usernames: [a, a]}'), /usernames: a name stands there twice/],
  ['a service without TLS', images('kubeConfigFile: plain.kubeconfig'), /must begin with https:\/\//],
  ['a time out of range', images('kubeConfigFile: images.kubeconfig, allowTTL: 9999'), /allowTTL: expected 1 to 1800/],
];
for (const [what, plugins, message] of refused) {
  test(`a configuration with ${what} is refused with the file and what is wanted`, (t) => {
    t.throws(() => withFile(plugins), { instanceOf: StartProblem, message });
  });
}

test('ImagePolicyWebhook is not switched on without somebody to ask', (t) => {
  const settings = loadSettings(defaultsFile(), '/nowhere/config.yaml', {
    admissionPlugins: { ImagePolicyWebhook: true },
  });
  t.throws(() => admissionConfiguration(settings, folder), { instanceOf: StartProblem, message: /whom to ask/ });
});
