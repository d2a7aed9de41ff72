import test from 'ava';
import { ensureBusyboxImage } from '../../scripts/example-image.ts';
import { eventually } from './cluster.ts';
import { ipv6Problem, type Machine, Machines, machinesProblem } from './machines.ts';

/** A cluster whose members, nodes, pods and Services have addresses of IPv6 only. */
const image = 'troupe.local/hello:1';
const problem = machinesProblem() ?? ipv6Problem();
let machines: Machines;
let machine: Machine;

test.before(async (t) => {
  if (problem !== undefined) {
    t.log(`skipped: ${problem}`);
    return;
  }
  ensureBusyboxImage(image);
  machines = await Machines.start(1, { subnet: 41, ipv6: true });
  machine = machines.at(1);
  machine.load(image);
  machine.configure([
    'network:',
    '  podCidr: fd00:246::/48',
    '  serviceCidr: fd00:98::/112',
    'node:',
    `  dockerSocket: ${machine.socket}`,
  ]);
  const started = machine.troupe('init', '--address', machine.address6, '--cluster', 'six');
  if (started.status !== 0) throw new Error(started.stderr);
});
test.after.always(async () => {
  await machines?.stop();
});

(problem === undefined ? test : test.skip)(
  `a Service of IPv6 answers by its name (${problem ?? 'IPv6 only'})`,
  async (t) => {
    machine.apply(`
apiVersion: v1
kind: Pod
metadata: { name: web, labels: { app: web } }
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: main
    image: "${image}"
    command: [sh, -c, "mkdir /tmp/w; echo hello > /tmp/w/index.html; exec httpd -f -p 8080 -h /tmp/w"]
    ports: [{ containerPort: 8080, hostPort: 8090 }]
    readinessProbe: { httpGet: { port: 8080, path: / }, periodSeconds: 1 }
---
apiVersion: v1
kind: Pod
metadata: { name: client }
spec:
  terminationGracePeriodSeconds: 1
  containers: [{ name: main, image: "${image}", command: [sleep, "1000"] }]
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { type: LoadBalancer, selector: { app: web }, ports: [{ port: 8088, targetPort: 8080 }] }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web }
spec: { defaultBackend: { service: { name: web, port: { number: 8088 } } } }
`);
    machine.must('wait', '--for=condition=Ready', 'pod/web', 'pod/client', '--timeout=60s');
    t.regex(machine.must('get', 'service', 'kubernetes', '-o', 'jsonpath={.spec.clusterIP}'), /^fd00:98::1$/);
    t.is(machine.must('get', 'nodes', '-o', 'jsonpath={.items[0].status.addresses[0].address}'), machine.address6);
    t.regex(machine.must('get', 'pod', 'web', '-o', 'jsonpath={.status.podIP}'), /^fd00:246:/);
    const ask = (pod: string, url: string): string =>
      machine.kubectl('exec', pod, '--', 'wget', '-q', '-T', '3', '-O', '-', url).stdout.trim();
    await eventually('the Service to answer', () => ask('client', 'http://web:8088/') === 'hello');
    const address = machine.must('get', 'service', 'web', '-o', 'jsonpath={.spec.clusterIP}');
    t.is(ask('web', `http://[${address}]:8088/`), 'hello', 'a pod reaches itself through its Service');
    for (const port of [8088, 80, 8090])
      await eventually(
        `port ${port} of the machine to answer`,
        () => ask('client', `http://[${machine.address6}]:${port}/`) === 'hello',
      );
    const answer = machine.kubectl('get', '--raw', '/api/v1/namespaces/default/pods/web:8080/proxy/');
    t.is(answer.stdout.trim(), 'hello', `the API reaches the pod for a client: ${answer.stderr}`);
  },
);
