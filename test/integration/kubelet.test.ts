import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { ensureBusyboxImage } from '../../scripts/example-image.ts';
import { Cluster, eventually, freePort, run } from './cluster.ts';

/** What a kubelet does for pods, on real Docker: resizes, seen in control groups; static pods; what it refuses. */
const image = 'troupe.local/hello:1';
let cluster: Cluster;
/** The folder of the node's static pods. */
let manifests = '';
/** The kubelet's port. */
let port = 0;

test.before('a cluster of its own', async () => {
  ensureBusyboxImage(image);
  manifests = mkdtempSync(join(tmpdir(), 'troupe-manifests-'));
  port = await freePort();
  cluster = await Cluster.create(
    'kubelet',
    [],
    ['node:', `  staticPodPath: ${manifests}`, `  port: ${port}`, '  address: 127.0.0.1'],
  );
});
test.after.always('removed with everything that it made', () => {
  if (cluster !== undefined) cluster.destroy();
  rmSync(manifests, { recursive: true, force: true });
});

interface Sizes {
  readonly requests?: Readonly<Record<string, string>>;
  readonly limits?: Readonly<Record<string, string>>;
}

const start = async (name: string, resources: Sizes, more: object = {}): Promise<void> => {
  const container = {
    name: 'main',
    image,
    command: ['sh', '-c', 'trap exit TERM; sleep 1000 & wait'],
    resources,
    ...more,
  };
  const spec = { terminationGracePeriodSeconds: 1, containers: [container] };
  cluster.apply(JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec }));
  await eventually(`${name} to run`, () => field(name, '{.status.phase}') === 'Running');
};
const field = (pod: string, path: string): string => cluster.must('get', 'pod', pod, '-o', `jsonpath=${path}`);
const status = (pod: string, path: string): string => field(pod, `{.status.containerStatuses[0].${path}}`);
const resize = (pod: string, resources: Sizes): ReturnType<Cluster['kubectl']> =>
  cluster.kubectl(
    'patch',
    'pod',
    pod,
    '--subresource',
    'resize',
    '-p',
    JSON.stringify({ spec: { containers: [{ name: 'main', resources }] } }),
  );
const condition = (pod: string, type: string): string =>
  field(pod, `{.status.conditions[?(@.type=="${type}")]['status','reason','message']}`);

/** CPU quota and memory limit of the container's control group, whose version decides on the files. */
function controlGroup(pod: string): { readonly quota: string; readonly memory: string } {
  const id = status(pod, 'containerID').replace('docker://', '');
  const pid = run('docker', ['inspect', '-f', '{{.State.Pid}}', id]).stdout.trim();
  const script = `
    g=$(grep -E "^[0-9]+:memory:" /proc/$1/cgroup | cut -d: -f3)
    c=$(grep -E ":(cpu|cpu,cpuacct|cpuacct,cpu):" /proc/$1/cgroup | cut -d: -f3)
    if [ -n "$g" ]; then
      cat /sys/fs/cgroup/cpu/$c/cpu.cfs_quota_us /sys/fs/cgroup/memory/$g/memory.limit_in_bytes
    else
      u=/sys/fs/cgroup$(cut -d: -f3 /proc/$1/cgroup)
      cut -d" " -f1 $u/cpu.max
      cat $u/memory.max
    fi`;
  const { stdout, stderr } = run('sh', ['-c', script, 'sh', pid]);
  const [quota = stderr, memory = ''] = stdout.trim().split('\n');
  return { quota, memory };
}
const mebibytes = (count: number): string => String(count * 2 ** 20);

test.serial('a running container gets more CPU and memory without a restart', async (t) => {
  await start('grows', { requests: { cpu: '50m', memory: '16Mi' }, limits: { cpu: '100m', memory: '32Mi' } });
  t.deepEqual(controlGroup('grows'), { quota: '10000', memory: mebibytes(32) });
  const id = status('grows', 'containerID');
  const patched = resize('grows', { requests: { cpu: '80m' }, limits: { cpu: '200m', memory: '48Mi' } });
  t.is(patched.status, 0, patched.stderr);
  await eventually('the status to show it', () => status('grows', 'resources.limits.memory') === '48Mi');
  t.deepEqual(controlGroup('grows'), { quota: '20000', memory: mebibytes(48) });
  t.is(status('grows', 'allocatedResources.cpu'), '80m');
  t.is(status('grows', 'containerID'), id);
  t.is(status('grows', 'restartCount'), '0');
  await eventually('no condition to be left', () => condition('grows', 'PodResizeInProgress') === '');
});

test.serial('a container whose policy says so is restarted with its new memory', async (t) => {
  const policy = { resizePolicy: [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }] };
  await start('restarts', { requests: { memory: '16Mi' }, limits: { memory: '64Mi' } }, policy);
  const patched = resize('restarts', { limits: { memory: '32Mi' } });
  t.is(patched.status, 0, patched.stderr);
  await eventually('the new container', () => status('restarts', 'restartCount') === '1');
  await eventually('it to run', () => status('restarts', 'ready') === 'true');
  t.is(controlGroup('restarts').memory, mebibytes(32));
  t.is(status('restarts', 'resources.limits.memory'), '32Mi');
});

test.serial('a resize waits for room and is served when another pod goes; one beyond the node never is', async (t) => {
  const cores = Number.parseInt(cluster.must('get', 'nodes', '-o', 'jsonpath={.items[0].status.allocatable.cpu}'), 10);
  const most = `${cores * 1000 - 300}m`;
  await start('waits', { requests: { cpu: '100m' } });
  await start('takes', { requests: { cpu: '500m' } });
  resize('waits', { requests: { cpu: most } });
  await eventually('it to be deferred', () => condition('waits', 'PodResizePending').startsWith('True Deferred'));
  t.regex(
    condition('waits', 'PodResizePending'),
    /Node didn't have enough resource: cpu, requested: \d+, used: \d+, capacity/,
  );
  t.is(status('waits', 'allocatedResources.cpu'), '100m');
  cluster.must('delete', 'pod', 'takes', 'grows', '--wait');
  await eventually('it to be served', () => status('waits', 'resources.requests.cpu') === most);
  await eventually('no condition to be left', () => condition('waits', 'PodResizePending') === '');

  resize('waits', { requests: { cpu: String(cores + 1) } });
  await eventually('it to be infeasible', () => condition('waits', 'PodResizePending').startsWith('True Infeasible'));
  t.regex(
    condition('waits', 'PodResizePending'),
    /Node didn't have enough capacity: cpu, requested: \d+, capacity: \d+/,
  );
  const events = cluster.must('get', 'events', '-o', 'jsonpath={.items[*].reason}');
  t.true(events.includes('ResizeDeferred') && events.includes('ResizeInfeasible'), events);
});

test.serial('what no resize may change is refused', async (t) => {
  await start('keeps', { requests: { memory: '16Mi' }, limits: { memory: '64Mi' } });
  t.regex(resize('keeps', { limits: { memory: '32Mi' } }).stderr, /memory limits cannot be decreased/);
  t.regex(
    resize('keeps', { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '100m' } }).stderr,
    /Pod QOS Class may not change as a result of resizing/,
  );
  t.regex(
    resize('keeps', { requests: { 'ephemeral-storage': '1Mi' } }).stderr,
    /only cpu and memory resources are mutable/,
  );
});

const phase = (pod: string): string => field(pod, '{.status.phase}');

test.serial('a file of the node is a pod that lives as long as the file, whoever deletes its mirror', async (t) => {
  const file = join(manifests, 'keeper.yaml');
  writeFileSync(
    file,
    `apiVersion: v1
kind: Pod
metadata: { name: keeper }
spec:
  terminationGracePeriodSeconds: 1
  containers: [{ name: main, image: "${image}", command: [sh, -c, "echo kept; sleep 1000"] }]
`,
  );
  const pod = `keeper-${cluster.status().nodes[0]?.name ?? ''}`;
  const read = (path: string): string => cluster.kubectl('get', 'pod', pod, '-o', `jsonpath=${path}`).stdout;
  await eventually('the mirror to show that it runs', () => read('{.status.phase}') === 'Running');
  const [uid, id] = [read('{.metadata.uid}'), read('{.status.containerStatuses[0].containerID}')];
  t.is(read('{.metadata.ownerReferences[0].kind}'), 'Node');
  t.is(cluster.must('exec', pod, '--', 'hostname').trim(), pod);
  t.is(cluster.must('logs', pod).trim(), 'kept');
  cluster.must('delete', 'pod', pod, '--wait=false');
  await eventually('another mirror', () => ![uid, ''].includes(read('{.metadata.uid}')));
  await eventually('it to show the pod', () => read('{.status.containerStatuses[0].containerID}') === id);
  rmSync(file);
  await eventually('pod and mirror to be gone', () => cluster.kubectl('get', 'pod', pod).stderr.includes('NotFound'));
  t.is(run('docker', ['ps', '-q', '--no-trunc', '--filter', `id=${id.replace('docker://', '')}`]).stdout, '');
});

test.serial(
  'what the node cannot give keeps a pod from running, and a RuntimeClass chooses what runs it',
  async (t) => {
    const waiting = (pod: string): string =>
      cluster.must('get', 'pod', pod, '-o', 'jsonpath={.status.containerStatuses[0].state.waiting}');
    const runtimeClass = (name: string, handler: string): string =>
      `apiVersion: node.k8s.io/v1\nkind: RuntimeClass\nmetadata: { name: ${name} }\nhandler: ${handler}\n---\n`;
    const pod = (name: string, spec: string): string => `apiVersion: v1
kind: Pod
metadata: { name: ${name} }
spec:
  terminationGracePeriodSeconds: 0
  ${spec}
  containers: [{ name: main, image: "${image}", command: [sleep, "1000"] }]
---
`;
    cluster.apply(runtimeClass('plain', 'runc') + runtimeClass('strange', 'strange'));
    cluster.apply(
      pod('remapped', 'hostUsers: false') +
        pod('strict', 'securityContext: { supplementalGroupsPolicy: Strict }') +
        pod('plain', 'runtimeClassName: plain') +
        pod('strange', 'runtimeClassName: strange'),
    );
    await eventually("the pod of the engine's runtime to run", () => phase('plain') === 'Running');
    await eventually('the strict one to fail', () => phase('strict') === 'Failed');
    t.is(
      cluster.must('get', 'pod', 'strict', '-o', 'jsonpath={.status.reason}'),
      'SupplementalGroupsPolicyNotSupported',
    );
    await eventually('the remapped one to say why', () => waiting('remapped').includes('CreateContainerConfigError'));
    t.regex(waiting('remapped'), /hostUsers: false/);
    await eventually('the strange one to say why', () =>
      cluster
        .must('get', 'events', '--field-selector', 'involvedObject.name=strange')
        .includes('FailedCreatePodSandBox'),
    );
    t.is(phase('strange'), 'Pending');
  },
);

test.serial("a scraper reads the node's metrics from the node itself, by a token and a right of its own", async (t) => {
  const [endpoint] = JSON.parse(
    cluster.must('get', 'nodes', '-o', 'jsonpath=[{.items[0].status.daemonEndpoints.kubeletEndpoint.Port}]'),
  ) as number[];
  t.is(endpoint, port);
  cluster.must('create', 'serviceaccount', 'scraper');
  cluster.must('create', 'clusterrole', 'scraper', '--verb=get', '--resource=nodes/metrics');
  cluster.must('create', 'clusterrolebinding', 'scraper', '--clusterrole=scraper', '--serviceaccount=default:scraper');
  const token = cluster.must('create', 'token', 'scraper').trim();
  const scrape = (path: string, headers: Readonly<Record<string, string>>): Promise<readonly [number, string]> =>
    new Promise((resolve, reject) => {
      get({ host: '127.0.0.1', port, path, headers, rejectUnauthorized: false, agent: false }, (response) => {
        let body = '';
        response.on('data', (data: Buffer) => (body += data.toString()));
        response.on('end', () => {
          resolve([response.statusCode ?? 0, body]);
        });
      }).on('error', reject);
    });
  const authorization = `Bearer ${token}`;
  t.is((await scrape('/metrics/resource', {}))[0], 401);
  const [status, metrics] = await scrape('/metrics/resource', { authorization });
  t.is(status, 200);
  t.regex(metrics, /^node_cpu_usage_seconds_total [\d.]+ \d+$/m);
  t.is((await scrape('/pods', { authorization }))[0], 403);
});
