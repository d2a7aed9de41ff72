import { join } from 'node:path';
import test from 'ava';
import { ensureBusyboxImage } from '../../scripts/example-image.ts';
import { Cluster, eventually, run } from './cluster.ts';

/** What nodes and pods use, as kubectl and autoscalers see it, on real Docker. */
const image = 'troupe.local/hello:1';
const api = 'v1beta1.metrics.k8s.io';
const waitMs = 90_000;
let cluster: Cluster;

const load = `apiVersion: apps/v1
kind: Deployment
metadata: { name: load }
spec:
  replicas: 1
  selector: { matchLabels: { app: load } }
  template:
    metadata: { labels: { app: load } }
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - name: main
          image: "${image}"
          command: [sh, -c, "while :; do if [ ! -e /go ]; then sleep 0.2; fi; done"]
          resources: { requests: { cpu: 100m }, limits: { cpu: 200m } }
        - { name: side, image: "${image}", command: [sleep, "1000"], resources: { requests: { cpu: 1m } } }
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: load }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: load }
  minReplicas: 1
  maxReplicas: 3
  metrics:
    - type: ContainerResource
      containerResource: { name: cpu, container: main, target: { type: Utilization, averageUtilization: 50 } }
  behavior: { scaleDown: { stabilizationWindowSeconds: 0 } }
`;

test.before('a cluster of three members and a node, with a pod', async () => {
  ensureBusyboxImage(image);
  cluster = await Cluster.create(
    'usage',
    ['--members', '3', '--nodes', '1'],
    ['resourceMetrics: { periodMs: 2000 }', 'ingress: { enabled: false }'],
  );
  cluster.apply(load);
});
test.after.always('removed with everything that it made', () => {
  if (cluster !== undefined) cluster.destroy();
});

const get = (kind: string, path: string): string => cluster.must('get', kind, '-o', `jsonpath=${path}`);
/** The cells of a table without its head. */
const rows = (...args: readonly string[]): readonly (readonly string[])[] =>
  cluster
    .must(...args, '--no-headers')
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/ +/));

test.serial('kubectl top shows nodes, pods and containers once a node has reported', async (t) => {
  await eventually(
    'the API to be offered',
    () => cluster.kubectl('wait', `apiservice/${api}`, '--for=condition=Available', '--timeout=5s').status === 0,
    waitMs,
  );
  t.deepEqual(
    rows('get', 'apiservice', api).map((cells) => cells.slice(1, 3)),
    [['Local', 'True']],
  );
  await eventually('the pod to be measured', () => cluster.kubectl('top', 'pods').stdout.includes('load-'), waitMs);
  const [[node = '', cpu = '', cpuShare = '', memory = '', memoryShare = ''] = []] = rows('top', 'nodes');
  t.is(node, get('nodes', '{.items[0].metadata.name}'));
  t.regex([cpu, cpuShare, memory, memoryShare].join(' '), /^\d+m \d+% [1-9]\d*Mi [1-9]\d*%$/);
  t.regex(rows('top', 'pods', '-l', 'app=load')[0]?.join(' ') ?? '', /^load-\S+ \d+m \d+Mi$/);
  t.regex(cluster.must('top', 'pods', '-l', 'app=none'), /^$/);
  t.deepEqual(
    rows('top', 'pods', '-A', '--containers', '--sort-by=cpu')
      .map(([namespace = '', , name = '']) => `${namespace} ${name}`)
      .toSorted(),
    ['default main', 'default side'],
  );
  const { items } = JSON.parse(
    cluster.must('get', '--raw', '/apis/metrics.k8s.io/v1beta1/namespaces/default/pods'),
  ) as { items: { window: string; containers: { name: string; usage: { memory: string } }[] }[] };
  t.deepEqual(
    items[0]?.containers.map(({ name }) => name),
    ['main', 'side'],
  );
  for (const { usage } of items[0]?.containers ?? []) t.regex(usage.memory, /^[1-9]\d*(Ki|Mi)$/);
});

test.serial('every member tells it from its own memory', (t) => {
  for (const member of ['member-1', 'member-2', 'member-3']) {
    const { status, stdout, stderr } = run('kubectl', [
      '--kubeconfig',
      join(cluster.home, 'kubeconfig-all'),
      '--context',
      `troupe-usage-${member}`,
      'top',
      'pods',
      '--containers',
      '--no-headers',
    ]);
    t.is(status, 0, stderr);
    t.is(stdout.trim().split('\n').length, 2, member);
  }
});

test.serial('who may view a namespace may see its use, and others may not', (t) => {
  cluster.must('create', 'serviceaccount', 'viewer');
  cluster.must('create', 'rolebinding', 'viewer', '--clusterrole=view', '--serviceaccount=default:viewer');
  const may = (user: string): string =>
    cluster
      .kubectl('auth', 'can-i', 'list', 'pods.metrics.k8s.io', '--as', `system:serviceaccount:default:${user}`)
      .stdout.trim();
  t.deepEqual([may('viewer'), may('default')], ['yes', 'no']);
});

test.serial('a busy pod makes its deployment grow, and shrink when the work is done', async (t) => {
  const replicas = (): string => get('deployment/load', '{.spec.replicas}');
  const condition = (): string => get('hpa/load', '{.status.conditions[?(@.type=="ScalingActive")].reason}');
  await eventually('the autoscaler to be measured', () => condition() === 'ValidMetricFound', waitMs);
  t.is(replicas(), '1');
  const [pod = ''] = get('pods', '{.items[*].metadata.name}').split(' ');
  cluster.must('exec', pod, '-c', 'main', '--', 'touch', '/go');
  await eventually('the deployment to grow', () => replicas() === '3', waitMs);
  // The size is written first, then what is told of it.
  const events = (): string =>
    cluster.must('get', 'events', '--field-selector', 'reason=SuccessfulRescale', '-o', 'jsonpath={.items[*].message}');
  await eventually(
    'the status to say how busy it is',
    () => Number(get('hpa/load', '{.status.currentMetrics[0].containerResource.current.averageUtilization}')) > 55,
  );
  await eventually(
    'the status to say that it may not grow further',
    () => get('hpa/load', '{.status.conditions[?(@.type=="ScalingLimited")].reason}') === 'TooManyReplicas',
  );
  await eventually('the Event of growing', () =>
    events().includes('New size: 3; reason: cpu container resource utilization (percentage of request) above target'),
  );
  cluster.must('exec', pod, '-c', 'main', '--', 'rm', '/go');
  await eventually('the deployment to shrink', () => replicas() === '1', waitMs);
  await eventually('the Event of shrinking', () => events().includes('New size: 1; reason: All metrics below target'));
});

test.serial("a metrics server of one's own takes the API over, and it comes back when that one is gone", async (t) => {
  cluster.apply(`apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: { name: ${api} }
spec:
  group: metrics.k8s.io
  version: v1beta1
  groupPriorityMinimum: 100
  versionPriority: 100
  insecureSkipTLSVerify: true
  service: { name: metrics-server, namespace: kube-system }
`);
  await eventually(
    'it to be asked for',
    () => get(`apiservice/${api}`, '{.status.conditions[0].reason}') === 'ServiceNotFound',
  );
  t.not(cluster.kubectl('top', 'pods').status, 0);
  cluster.must('delete', 'apiservice', api);
  await eventually('the pods to be measured here again', () => cluster.kubectl('top', 'pods').status === 0);
});
