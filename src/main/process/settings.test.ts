import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { defaultsFile } from './installation.ts';
import { bindAddress, defaultFamily, networkRanges } from './network-ranges.ts';
import { proxyPlaces } from './proxy-places.ts';
import { loadSettings, reservedPorts, SettingsError } from './settings.ts';

function withFile(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'troupe-settings-')), 'config.yaml');
  writeFileSync(file, text);
  return file;
}

test('defaults hold where neither the home nor the command line says otherwise', (t) => {
  const settings = loadSettings(defaultsFile(), '/nowhere/config.yaml', { apiPort: undefined });
  t.like(settings, { cluster: 'local', apiPort: 6443, node: { runtime: 'docker' } });
});

test("the command line goes before the home's file, and that before the defaults", (t) => {
  const file = withFile('apiPort: 7000\ncluster: mine\n');
  t.like(loadSettings(defaultsFile(), file, { apiPort: 7001 }), {
    apiPort: 7001,
    cluster: 'mine',
    network: { serviceCidr: '10.96.0.0/16' },
  });
});

test("a profile goes before the defaults, and the home's file before the profile", (t) => {
  const file = withFile('profile: hardened\naudit: { logDaysMax: 7 }\nadmissionPlugins: { AlwaysPullImages: false }\n');
  const settings = loadSettings(defaultsFile(), file);
  t.like(settings.admissionPlugins, { DenyServiceExternalIPs: true, AlwaysPullImages: false });
  t.is(settings.audit.logDaysMax, 7);
  t.true(existsSync(settings.audit.policyFile));
  t.is(settings.authentication.kubeconfig, 'token');
  const plain = loadSettings(defaultsFile(), '/nowhere/config.yaml');
  t.is(plain.admissionPlugins?.DenyServiceExternalIPs, false);
  t.is(plain.authentication.kubeconfig, 'certificate');
});

test('a cluster with IPv6 listens at the addresses of both families, and the first is its own', (t) => {
  const ranges = { podCidr: 'fd00:244::/48,10.244.0.0/16', serviceCidr: 'fd00:96::/112,10.96.0.0/16', dnsAddress: '' };
  t.is(bindAddress('0.0.0.0', ranges), '::');
  t.is(bindAddress('127.0.0.1', ranges), '127.0.0.1');
  t.is(bindAddress('0.0.0.0', { ...ranges, podCidr: '10.244.0.0/16' }), '0.0.0.0');
  t.is(defaultFamily(ranges), 'IPv6');
});

test("nodes have kube-proxy's ports where settings say nothing else", (t) => {
  const settings = (text: string) => loadSettings(defaultsFile(), withFile(`network: ${text}\n`));
  const places = (text: string) => proxyPlaces(settings(text).network);
  const metrics = { host: '127.0.0.1', port: 10_249 };
  t.deepEqual(places('{}'), { healthz: { host: '0.0.0.0', port: 10_256 }, metrics });
  t.deepEqual(places('{ podCidr: "fd00:244::/48", serviceCidr: "fd00:96::/112" }').healthz, {
    host: '::',
    port: 10_256,
  });
  t.deepEqual(places('{ healthzBindAddress: "", metricsBindAddress: "[::1]:9000" }'), {
    healthz: undefined,
    metrics: { host: '::1', port: 9_000 },
  });
  t.true(reservedPorts(settings('{}')).includes(10_256), 'no Service takes it');
  for (const wrong of ['10256', '10.0.0.1', 'localhost:80', '10.0.0.1:0', '10.0.0.1:70000'])
    t.throws(() => places(`{ healthzBindAddress: "${wrong}" }`), {
      instanceOf: SettingsError,
      message: /network\.healthzBindAddress must be an address and a port/,
    });
});

test("a kubelet's names and values mean the same", (t) => {
  const node = (text: string) => loadSettings(defaultsFile(), withFile(`node: ${text}\n`)).node;
  t.like(node('{ maxPods: 30, podPidsLimit: -1, systemReserved: { cpu: 500m } }'), {
    podsMax: 30,
    podPidsLimit: 0,
    systemReserved: { cpu: '500m', memory: '' },
  });
  t.throws(() => node('{ maxPods: 30, podsMax: 40 }'), {
    instanceOf: SettingsError,
    message: /node\.podsMax is there twice, once by a kubelet's name/,
  });
  t.throws(() => node('{ kubeReserved: { memory: much } }'), {
    message: /node\.kubeReserved\.memory must be an amount/,
  });
});

test('processors of their own need some that stay with the system', (t) => {
  const node = (text: string) => loadSettings(defaultsFile(), withFile(`node: ${text}\n`)).node;
  t.like(node('{ cpuManagerPolicy: static, reservedSystemCPUs: "0-1" }'), { reservedSystemCPUs: '0-1' });
  t.like(node('{ cpuManagerPolicy: static, kubeReserved: { cpu: 500m } }'), { cpuManagerPolicy: 'static' });
  t.throws(() => node('{ cpuManagerPolicy: static }'), { message: /node\.cpuManagerPolicy must be none unless CPU/ });
  t.throws(() => node('{ reservedSystemCPUs: many }'), { message: /node\.reservedSystemCPUs must be a list/ });
});

test('periods of a shutdown by priority are a list of groups, and nothing else', (t) => {
  const text = 'node: { shutdownGracePeriodByPodPriority: [{ priority: 5, shutdownGracePeriodSeconds: 60 }] }\n';
  const { node } = loadSettings(defaultsFile(), withFile(text));
  t.deepEqual(node.shutdownGracePeriodByPodPriority, [{ priority: 5, shutdownGracePeriodSeconds: 60 }]);
  for (const wrong of ['[soon]', '[{ priority: 5 }]'])
    t.throws(() => loadSettings(defaultsFile(), withFile(`node: { shutdownGracePeriodByPodPriority: ${wrong} }\n`)), {
      instanceOf: SettingsError,
      message: /node\.shutdownGracePeriodByPodPriority must be a list/,
    });
});

test('ranges are one or two, and cluster DNS has the tenth address of each unless it is named', (t) => {
  const rangesOf = (text: string) =>
    networkRanges(loadSettings(defaultsFile(), withFile(`network: ${text}\n`)).network);
  t.deepEqual(rangesOf('{}'), {
    podCidrs: ['10.244.0.0/16'],
    serviceCidrs: ['10.96.0.0/16'],
    dnsAddresses: ['10.96.0.10'],
  });
  t.deepEqual(rangesOf('{ podCidr: "fd00:244::/48, 10.1.0.0/16", serviceCidr: "fd00:96::/112,10.2.0.0/16" }'), {
    podCidrs: ['fd00:244::/48', '10.1.0.0/16'],
    serviceCidrs: ['fd00:96::/112', '10.2.0.0/16'],
    dnsAddresses: ['fd00:96::a', '10.2.0.10'],
  });
  t.deepEqual(rangesOf('{ dnsAddress: 10.96.0.53 }').dnsAddresses, ['10.96.0.53']);
});

for (const [what, text, message] of [
  ['a profile that there is not', 'profile: strict\n', /profile must be hardened or empty, not "strict"/],
  ['an unknown setting', 'speed: 9\n', /there is no setting speed/],
  ['an unknown setting inside a group', 'network: { mtu: 9 }\n', /there is no setting network\.mtu/],
  ['a value of the wrong type', 'apiPort: "many"\n', /apiPort must be a number, not "many"/],
  ['a value where a group is', 'network: 5\n', /network is a group of settings/],
  ['a port that cannot be', 'apiPort: 70000\n', /apiPort must be a port from 1 to 65535/],
  [
    'a credential that a kubeconfig cannot have',
    'authentication: { kubeconfig: password }\n',
    /authentication\.kubeconfig must be certificate or token, not "password"/,
  ],
  ['a name that cannot be', 'cluster: My_Cluster\n', /cluster must be a lower-case name/],
  [
    'a value where a list is',
    'authentication: { modules: here.mjs }\n',
    /authentication\.modules must be a list of strings, not "here\.mjs"/,
  ],
  [
    'a range that is none',
    'network: { podCidr: 10.244.0.0 }\n',
    /network\.podCidr must be a range, or one of each address family, such as .*, not "10\.244\.0\.0"/,
  ],
  [
    'a second range of the same family',
    'network: { serviceCidr: "10.96.0.0/16,10.97.0.0/16" }\n',
    /network\.serviceCidr must be a range, or one of each address family/,
  ],
  [
    'Services of a family that pods do not have',
    'network: { podCidr: "10.244.0.0/16", serviceCidr: "10.96.0.0/16,fd00:96::/112" }\n',
    /network\.serviceCidr must be of the address families of network\.podCidr \(IPv4\)/,
  ],
  ['an address of DNS that is none', 'network: { dnsAddress: dns }\n', /network\.dnsAddress must be an address/],
  ['something that is not YAML', 'a: [1\n', /is not valid YAML/],
  [
    'a period that is too short',
    'resourceMetrics: { periodMs: 10 }\n',
    /resourceMetrics\.periodMs must be a number of ms from 1000 to 3600000, not 10/,
  ],
  [
    'a threshold of eviction that is no amount',
    'node: { evictionHard: { memory.available: lots } }\n',
    /node\.evictionHard\.memory\.available must be an amount above 0 such as 500Mi/,
  ],
  ['something that is not a map', '- 1\n', /must be a map of settings/],
] as const) {
  test(`${what} is refused by name, with the file and what is wanted`, (t) => {
    const file = withFile(text);
    const error = t.throws(() => loadSettings(defaultsFile(), file), { instanceOf: SettingsError, message });
    t.true(error?.message.includes(file));
  });
}
