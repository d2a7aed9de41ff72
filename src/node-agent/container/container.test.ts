import test from 'ava';
import type { Container, New, Pod, PodSpec, Service } from '../../api/index.ts';
import {
  ConfigError,
  containerPlan,
  cgroupResources,
  containerUser,
  environmentOf,
  expand,
  hostnameOf,
  type PodFacts,
  raiseBackOff,
  sandboxPlan,
} from './index.ts';
import { stored } from '../objects.fixture.ts';

const container = (more: New<Container> = {}): Container =>
  stored<Container>({ name: 'main', image: 'web:1', ...more });
const pod = (spec: New<PodSpec> = {}): Pod =>
  stored<Pod>({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'web',
      namespace: 'shop',
      uid: '11112222-3333',
      labels: { app: 'web', a: 'b' },
      annotations: { note: 'x"y' },
    },
    spec: { nodeName: 'node-1', serviceAccountName: 'seller', containers: [container()], ...spec },
  });
const facts = (spec: New<PodSpec> = {}): PodFacts => ({
  pod: pod(spec),
  podIps: ['10.244.0.7'],
  hostIps: ['192.0.2.2'],
  allocatable: { cpu: '2', memory: '1Gi' },
});
const machine = { memoryBytes: 2 ** 30, oomScoreMin: 0, ipv6: true };
const none = { services: [], sources: { configMaps: new Map(), secrets: new Map() } };
const variables = (
  spec: Partial<Container>,
  given: Parameters<typeof environmentOf>[2] = none,
  of = facts(),
): Record<string, string> => Object.fromEntries(environmentOf(of, container(spec), given));

test('expansion replaces known names, keeps unknown ones, and a doubled dollar starts nothing', (t) => {
  const lookup = (name: string): string | undefined => ({ A: '1', B: '2' })[name];
  t.deepEqual(
    ['$(A)-$(B)', '$(C)', '$$(A)', '$A', '$(A', 'x$', '$$$(A)'].map((text) => expand(text, lookup)),
    ['1-2', '$(C)', '$(A)', '$A', '$(A', 'x$', '$1'],
  );
});

test('a variable may refer to those before it and to services, not to later ones', (t) => {
  t.deepEqual(
    variables({
      env: [
        { name: 'A', value: '1' },
        { name: 'B', value: '$(A)$(C)' },
        { name: 'C', value: '3' },
      ],
    }),
    { A: '1', B: '1$(C)', C: '3' },
  );
});

test("field and resource references give the pod's facts", (t) => {
  const field = (fieldPath: string): object => ({ valueFrom: { fieldRef: { fieldPath } } });
  const resource = (of: string, divisor?: string): object => ({
    valueFrom: { resourceFieldRef: { resource: of, ...(divisor === undefined ? {} : { divisor }) } },
  });
  const env = [
    { name: 'NAME', ...field('metadata.name') },
    { name: 'IP', ...field('status.podIP') },
    { name: 'HOST', ...field('status.hostIP') },
    { name: 'APP', ...field("metadata.labels['app']") },
    { name: 'CPU', ...resource('limits.cpu', '1m') },
    { name: 'MEMORY', ...resource('requests.memory', '1Mi') },
    { name: 'ALL', ...resource('limits.memory') },
  ];
  t.deepEqual(variables({ env, resources: { limits: { cpu: '250m' }, requests: { memory: '65Mi' } } }), {
    NAME: 'web',
    IP: '10.244.0.7',
    HOST: '192.0.2.2',
    APP: 'web',
    CPU: '250',
    MEMORY: '65',
    ALL: String(2 ** 30),
  });
});

test("a missing source of a variable is an error with the kubelet's text, unless it is optional", (t) => {
  const from = (reference: object): Partial<Container> => ({ env: [{ name: 'A', valueFrom: reference }] });
  const sources = {
    configMaps: new Map([
      ['settings', { k: 'v' }],
      ['gone', undefined],
    ]),
    secrets: new Map([['gone', undefined]]),
  };
  const given = { services: [], sources };
  t.deepEqual(variables(from({ configMapKeyRef: { name: 'settings', key: 'k' } }), given), { A: 'v' });
  t.deepEqual(variables(from({ configMapKeyRef: { name: 'gone', key: 'k', optional: true } }), given), {});
  t.throws(() => variables(from({ configMapKeyRef: { name: 'gone', key: 'k' } }), given), {
    instanceOf: ConfigError,
    message: 'configmap "gone" not found',
  });
  t.throws(() => variables(from({ secretKeyRef: { name: 'gone', key: 'k' } }), given), {
    message: 'secret "gone" not found',
  });
  t.throws(() => variables(from({ configMapKeyRef: { name: 'settings', key: 'x' } }), given), {
    message: "couldn't find key x in ConfigMap shop/settings",
  });
  t.deepEqual(variables({ envFrom: [{ prefix: 'P_', configMapRef: { name: 'settings' } }] }, given), { P_k: 'v' });
});

test('services of the namespace and the API become variables; without links only the API does', (t) => {
  const service = (name: string, namespace: string, clusterIP: string): Service =>
    stored<Service>({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace },
      spec: { clusterIP, ports: [{ name: 'http', port: 80, protocol: 'TCP' }] },
    });
  const given = {
    ...none,
    services: [
      service('my-db', 'shop', '10.96.0.5'),
      service('other', 'else', '10.96.0.6'),
      service('kubernetes', 'default', '10.96.0.1'),
      service('headless', 'shop', 'None'),
    ],
  };
  const linked = variables({}, given);
  t.like(linked, {
    MY_DB_SERVICE_HOST: '10.96.0.5',
    MY_DB_SERVICE_PORT: '80',
    MY_DB_SERVICE_PORT_HTTP: '80',
    MY_DB_PORT: 'tcp://10.96.0.5:80',
    MY_DB_PORT_80_TCP_ADDR: '10.96.0.5',
    KUBERNETES_SERVICE_HOST: '10.96.0.1',
  });
  t.false('OTHER_SERVICE_HOST' in linked || 'HEADLESS_SERVICE_HOST' in linked);
  t.false('MY_DB_SERVICE_HOST' in variables({}, given, facts({ enableServiceLinks: false })));
});

test('amounts become shares, quota and bytes; a machine that may not lower the oom score keeps it at zero', (t) => {
  const limited = container({
    resources: { limits: { cpu: '500m', memory: '64Mi' }, requests: { cpu: '500m', memory: '64Mi' } },
  });
  const own = pod({ containers: [limited] });
  t.deepEqual(cgroupResources(own, limited, { memoryBytes: 2 ** 30, oomScoreMin: -1000, ipv6: true }), {
    cpuShares: 512,
    cpuPeriodUs: 100_000,
    cpuQuotaUs: 50_000,
    memoryBytes: 64 * 2 ** 20,
    oomScoreAdjustment: -997,
  });
  t.is(cgroupResources(own, limited, machine).oomScoreAdjustment, 0);
  t.deepEqual(cgroupResources(pod(), container(), { memoryBytes: 2 ** 30, oomScoreMin: -1000, ipv6: true }), {
    cpuShares: 2,
    oomScoreAdjustment: 1000,
  });
});

test("the user is the container's, else the pod's, else the image's; runAsNonRoot is held", (t) => {
  const user = (spec: Partial<Pod['spec']>, own: Container['securityContext'], imageUser = ''): string | undefined =>
    containerUser(pod(spec), container(own === undefined ? {} : { securityContext: own }), imageUser);
  t.is(user({}, undefined), undefined);
  t.is(user({ securityContext: { runAsUser: 5, runAsGroup: 6 } }, { runAsUser: 7 }), '7:6');
  t.is(user({}, { runAsGroup: 6 }, 'web'), 'web:6');
  t.throws(() => user({}, { runAsNonRoot: true }), {
    message: 'container has runAsNonRoot and image will run as root (pod: "web_shop(11112222-3333)", container: main)',
  });
  t.throws(() => user({}, { runAsNonRoot: true }, 'web'), { message: /non-numeric user \(web\)/ });
  t.throws(() => user({}, { runAsNonRoot: true, runAsUser: 0 }), { message: /runAsUser breaks non-root policy/ });
});

test('a container joins its sandbox and carries the labels by which it is found again', (t) => {
  const input = {
    identity: { cluster: 'local', node: 'node-1' },
    facts: facts(),
    container: container({ command: ['run', '$(A)'], args: ['x'] }),
    attempt: 2,
    sandboxId: 'box',
    sandboxAttempt: 1,
    image: { id: 'sha256:1', user: '' },
    environment: new Map([['A', '1']]),
    mounts: [],
    terminationLog: '/log',
    machine,
    confinement: { seccompDefault: true, appArmor: false, seLinux: false, userNamespaces: false },
  };
  const plan = containerPlan(input);
  t.is(plan.name, 'troupe-local-web-shop-11112222-main-2');
  t.like(plan, {
    entrypoint: ['run', '1'],
    arguments: ['x'],
    environment: ['A=1'],
    network: { type: 'container', id: 'box' },
    ipc: { container: 'box' },
    pid: { mode: 'own' },
  });
  t.like(plan.labels, {
    'troupe.cluster': 'local',
    'troupe.node': 'node-1',
    'troupe.pod.uid': '11112222-3333',
    'troupe.container': 'main',
    'troupe.attempt': '2',
  });
  t.deepEqual(containerPlan({ ...input, facts: facts({ shareProcessNamespace: true }) }).pid, { container: 'box' });
  t.deepEqual(containerPlan({ ...input, facts: facts({ hostNetwork: true }) }).network, { type: 'host' });
});

test("a sandbox has the pod's address, hostname and host ports", (t) => {
  const plan = sandboxPlan({
    identity: { cluster: 'local', node: 'n' },
    pod: pod({ hostname: 'front', containers: [container({ ports: [{ containerPort: 80, hostPort: 8080 }] })] }),
    image: 'sandbox',
    attempt: 0,
    addresses: ['10.244.0.7'],
    clusterDomain: 'cluster.local',
    machine,
  });
  t.deepEqual(plan.network, { type: 'own', hostname: 'front' });
  t.is(plan.labels['troupe.address'], '10.244.0.7');
  t.is(plan.labels['troupe.host-ports'], 'TCP//8080/80');
  t.is(
    hostnameOf(pod({ hostname: 'a', subdomain: 's', setHostnameAsFQDN: true }), 'cluster.local'),
    'a.s.shop.svc.cluster.local',
  );
  t.is(hostnameOf(pod({ hostname: 'a', setHostnameAsFQDN: true }), 'cluster.local'), 'a');
  t.is(hostnameOf(pod({ hostname: 'a', subdomain: '', setHostnameAsFQDN: true }), 'cluster.local'), 'a');
  const long = pod({ hostname: 'a'.repeat(50), subdomain: 's', setHostnameAsFQDN: true });
  t.throws(() => hostnameOf(long, 'cluster.local'), { message: /64 characters is the max, 75 characters requested/ });
});

test('a sandbox has no IPv6 addresses, whatever the pod asks for, and its containers are in its group', (t) => {
  const sandbox = (spec: Partial<Pod['spec']>, ipv6 = true): ReturnType<typeof sandboxPlan> =>
    sandboxPlan({
      identity: { cluster: 'local', node: 'n' },
      pod: pod(spec),
      image: 'sandbox',
      attempt: 1,
      addresses: ['10.244.0.7'],
      clusterDomain: 'cluster.local',
      machine: { ...machine, ipv6 },
    });
  const asked = {
    securityContext: {
      sysctls: [
        { name: 'net.ipv6.conf.default.disable_ipv6', value: '0' },
        { name: 'net.core.somaxconn', value: '9' },
      ],
    },
  };
  t.deepEqual(sandbox(asked).sysctls, { 'net.ipv6.conf.default.disable_ipv6': '1', 'net.core.somaxconn': '9' });
  const slashed = [
    { name: 'net/ipv6/conf/default/disable_ipv6', value: '0' },
    { name: 'net/ipv4/conf/eth0.100/rp_filter', value: '2' },
    { name: 'kernel/shm_rmid_forced', value: '1' },
  ];
  t.deepEqual(sandbox({ securityContext: { sysctls: slashed } }).sysctls, {
    'net.ipv6.conf.default.disable_ipv6': '1',
    'net.ipv4.conf.eth0/100.rp_filter': '2',
    'kernel.shm_rmid_forced': '1',
  });
  t.is(sandbox({}, false).sysctls, undefined);
  const host = sandbox({ hostNetwork: true });
  t.is(host.sysctls, undefined);
  t.deepEqual(host.network, { type: 'host' });
  t.is(host.labels['troupe.link'], undefined);
  const joining = containerPlan({
    identity: { cluster: 'local', node: 'n' },
    facts: facts(),
    container: container(),
    attempt: 0,
    sandboxId: 'box',
    sandboxAttempt: 1,
    image: { id: 'sha256:1', user: '' },
    environment: new Map(),
    mounts: [],
    terminationLog: '/log',
    machine,
    confinement: { seccompDefault: true, appArmor: false, seLinux: false, userNamespaces: false },
  });
  t.is(joining.group, sandbox({}).group);
});

test('the back-off doubles up to its longest, and is forgotten after quiet time', (t) => {
  let backOff = raiseBackOff(0, undefined);
  const delays = [backOff.delayMs];
  for (let i = 1; i < 7; i++) {
    backOff = raiseBackOff(i * 1000, backOff);
    delays.push(backOff.delayMs);
  }
  t.deepEqual(delays, [10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
  t.is(raiseBackOff(700_000, backOff).delayMs, 10_000);
});
