import test from 'ava';
import { ensureBusyboxImage } from '../../scripts/example-image.ts';
import { eventually } from './cluster.ts';
import { ipv6Problem, type Machine, Machines, machinesProblem } from './machines.ts';

/** A cluster of two machines whose pods and Services have addresses of both families. */
const image = 'troupe.local/hello:1';
const problem = machinesProblem() ?? ipv6Problem();
let machines: Machines;
let first: Machine;
let second: Machine;

test.before(async (t) => {
  if (problem !== undefined) {
    t.log(`skipped: ${problem}`);
    return;
  }
  ensureBusyboxImage(image);
  machines = await Machines.start(2, { subnet: 40, ipv6: true });
  [first, second] = [machines.at(1), machines.at(2)];
  for (const machine of machines.all) machine.load(image);
  first.configure([
    'network:',
    '  podCidr: 10.246.0.0/16,fd00:246::/48',
    '  serviceCidr: 10.98.0.0/16,fd00:98::/112',
    'node:',
    `  dockerSocket: ${first.socket}`,
  ]);
  const started = first.troupe('init', '--address', first.address, '--cluster', 'families');
  if (started.status !== 0) throw new Error(started.stderr);
  const [, , address = '', , token = '', , caHash = ''] = first.troupe('token', 'create').stdout.trim().split(' ');
  const ready = ['--token', token, '--ca-hash', caHash, '--name', 'second', '--docker-socket', second.socket];
  const joined = second.troupe('join', address, ...ready);
  if (joined.status !== 0) throw new Error(joined.stderr);
  first.apply(await manifest());
  first.must('wait', '--for=condition=Ready', 'pod', '--all', '--timeout=60s');
});
test.after.always(async () => {
  await machines?.stop();
});

const needsMachines = problem === undefined ? test.serial : test.serial.skip;
if (problem !== undefined)
  test('machines with IPv6 are needed', (t) => {
    t.log(`skipped: ${problem}`);
    t.pass();
  });

const nodes = (): readonly string[] => first.must('get', 'nodes', '-o', 'name').trim().split('\n');

/** A web server on the second machine, a client on the first, and a Service of both families. */
async function manifest(): Promise<string> {
  await eventually('two nodes', () => nodes().length === 2);
  const own =
    nodes()
      .find((name) => name !== 'node/second')
      ?.slice('node/'.length) ?? '';
  const pod = (name: string, node: string, command: string, ports = '[]'): string => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, labels: { app: ${name} } }
spec:
  nodeName: ${node}
  terminationGracePeriodSeconds: 1
  containers:
  - name: main
    image: "${image}"
    command: [sh, -c, "${command}"]
    ports: ${ports}
    env:
    - { name: POD_IPS, valueFrom: { fieldRef: { fieldPath: status.podIPs } } }
    - { name: HOST_IPS, valueFrom: { fieldRef: { fieldPath: status.hostIPs } } }
---`;
  const pages = 'mkdir /tmp/w; echo hello > /tmp/w/index.html; httpd -p [::1]:8081 -h /tmp/w';
  const ports = '[{ containerPort: 8080, hostPort: 8090 }]';
  return `${pod('web', 'second', `${pages}; exec httpd -f -p 8080 -h /tmp/w`, ports)}
${pod('client', own, 'exec sleep 10000')}
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  type: NodePort
  ipFamilyPolicy: RequireDualStack
  selector: { app: web }
  ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }]
---
apiVersion: v1
kind: Service
metadata: { name: six }
spec: { ipFamilies: [IPv6], selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }] }
---
apiVersion: v1
kind: Service
metadata: { name: balanced }
spec:
  type: LoadBalancer
  ipFamilyPolicy: RequireDualStack
  selector: { app: web }
  ports: [{ port: 8088, targetPort: 8080 }]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web }
spec: { defaultBackend: { service: { name: web, port: { number: 80 } } } }
`;
}

const listOf = (...args: readonly string[]): readonly string[] =>
  first
    .must('get', ...args)
    .trim()
    .split(' ');
const client = (...command: readonly string[]): { readonly status: number; readonly stdout: string } =>
  first.kubectl('exec', 'client', '--', ...command);
const fetched = (url: string): string => client('wget', '-q', '-T', '3', '-O', '-', url).stdout.trim();
const urlOf = (address: string, port: number): string =>
  `http://${address.includes(':') ? `[${address}]` : address}:${port}/`;
const isSix = (address: string): boolean => address.includes(':');

needsMachines('nodes and pods have addresses of both families, and pods know them', (t) => {
  const ranges = listOf('node', 'second', '-o', 'jsonpath={.spec.podCIDRs[*]}');
  t.deepEqual(ranges.map(isSix), [false, true]);
  const own = listOf('node', 'second', '-o', 'jsonpath={.status.addresses[?(@.type=="InternalIP")].address}');
  t.deepEqual(own, [second.address, second.address6]);
  const pod = listOf('pod', 'client', '-o', 'jsonpath={.status.podIPs[*].ip}');
  t.deepEqual(pod.map(isSix), [false, true]);
  t.is(client('sh', '-c', 'echo $POD_IPS $HOST_IPS').stdout.trim(), `${pod.join()} ${first.address},${first.address6}`);
  t.true(client('cat', '/etc/hosts').stdout.includes(`${pod[1]}\tclient`));
});

needsMachines('a pod reaches a pod of the other machine by both of its addresses', async (t) => {
  for (const address of listOf('pod', 'web', '-o', 'jsonpath={.status.podIPs[*].ip}'))
    await eventually(`${address} to answer`, () => fetched(urlOf(address, 8080)) === 'hello');
  t.pass();
});

needsMachines('a Service answers at both of its addresses, to pods and to machines', async (t) => {
  const addresses = listOf('service', 'web', '-o', 'jsonpath={.spec.clusterIPs[*]}');
  t.deepEqual(addresses.map(isSix), [false, true]);
  for (const address of addresses) {
    await eventually(`${address} to answer a pod`, () => fetched(urlOf(address, 80)) === 'hello');
    const { stdout } = first.run('busybox', ['wget', '-q', '-T', '3', '-O', '-', urlOf(address, 80)]);
    t.is(stdout.trim(), 'hello', address);
  }
  const slices = listOf(
    'endpointslices',
    '-l',
    'kubernetes.io/service-name=web',
    '-o',
    'jsonpath={.items[*].addressType}',
  );
  t.deepEqual([...slices].sort(), ['IPv4', 'IPv6']);
});

needsMachines('load balancers and scrapers ask a machine where kube-proxy answers', (t) => {
  const ask = (url: string): string => second.run('busybox', ['wget', '-q', '-T', '3', '-O', '-', url]).stdout;
  for (const address of [first.address, second.address, second.address6 ?? ''])
    t.like(JSON.parse(ask(`${urlOf(address, 10_256)}healthz`)), { nodeEligible: true }, address);
  t.is(ask(`${urlOf('127.0.0.1', 10_249)}proxyMode`), 'nftables');
  t.true(ask(`${urlOf('127.0.0.1', 10_249)}metrics`).includes('kubeproxy_sync_proxy_rules_last_timestamp_seconds'));
  const taint = 'ToBeDeletedByClusterAutoscaler=1:NoSchedule';
  first.must('taint', 'node', 'second', taint);
  const status = (): string =>
    second.run('busybox', ['wget', '-S', '-T', '3', '-O', '-', `${urlOf(second.address, 10_256)}healthz`]).stderr;
  return eventually('no new traffic for a node that goes', () => status().includes('503')).finally(() => {
    first.must('taint', 'node', 'second', `${taint}-`);
  });
});

needsMachines('cluster DNS tells addresses of IPv6, and is asked over both families', (t) => {
  const [address = ''] = listOf('service', 'six', '-o', 'jsonpath={.spec.clusterIP}');
  t.true(isSix(address));
  t.is(fetched('http://six/'), 'hello');
  for (const server of ['10.98.0.10', 'fd00:98::a']) {
    const { stdout } = client('nslookup', '-type=AAAA', 'six.default.svc.cluster.local', server);
    t.true(stdout.includes(address), `${server}: ${stdout}`);
  }
});

needsMachines('node ports, load balancers, Ingresses and host ports answer in both families', async (t) => {
  const balanced = listOf('service', 'balanced', '-o', 'jsonpath={.status.loadBalancer.ingress[*].ip}');
  t.deepEqual([...balanced].sort(), machines.all.flatMap((machine) => [machine.address, machine.address6]).sort());
  const urls = [
    ...[first.address, first.address6].flatMap((address) => [30_080, 8088, 80].map((port) => urlOf(address, port))),
    urlOf(second.address, 8090),
    urlOf(second.address6, 8090),
  ];
  for (const url of urls) {
    const asking = url.includes(first.address) || url.includes(first.address6) ? second : first;
    await eventually(
      `${url} to answer`,
      () => asking.run('busybox', ['wget', '-q', '-T', '3', '-O', '-', url]).stdout.trim() === 'hello',
    );
  }
  t.pass();
});

needsMachines("port-forward reaches a server that listens at the pod's own address of IPv6 alone", (t) => {
  const forward = `kubectl --kubeconfig ${first.home}/kubeconfig port-forward pod/web 18081:8081`;
  const ask = 'busybox wget -q -T 3 -O - http://127.0.0.1:18081/';
  const script = `${forward} >/dev/null & until ${ask}; do sleep 0.1; done; kill $!`;
  t.is(first.run('sh', ['-c', script], { timeoutMs: 10_000 }).stdout.trim(), 'hello');
});

needsMachines('a policy that lets IPv4 through keeps IPv6 out, and the other way round', async (t) => {
  const [four = '', six = ''] = listOf('pod', 'web', '-o', 'jsonpath={.status.podIPs[*].ip}');
  for (const [cidr, open, closed] of [
    ['10.246.0.0/16', four, six],
    ['fd00:246::/48', six, four],
  ] as const) {
    first.apply(`
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web }
spec:
  podSelector: { matchLabels: { app: web } }
  ingress: [{ from: [{ ipBlock: { cidr: "${cidr}" } }] }]
`);
    await eventually(`${closed} to be closed`, () => fetched(urlOf(closed, 8080)) === '');
    t.is(fetched(urlOf(open, 8080)), 'hello', cidr);
  }
  first.must('delete', 'networkpolicy', 'web');
});
