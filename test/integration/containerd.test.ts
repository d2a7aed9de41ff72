import { existsSync, readdirSync, readFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { ContainerdEngine, missingForContainerd } from '../../src/node-agent/runtime/containerd.fixture.ts';
import { Cluster, eventually, run, signalProcess } from './cluster.ts';

/** A node on containerd, by CRI: what pods are and do there, and what becomes of them when a part of it dies. */
const image = 'troupe.local/hello:1';
const problem = missingForContainerd();
const logFolder = '/var/log/pods';
let engine: ContainerdEngine;
let cluster: Cluster;

test.before('a cluster whose node runs on a containerd of its own', async (t) => {
  if (problem !== undefined) {
    t.log(`skipped: ${problem}`);
    return;
  }
  engine = new ContainerdEngine();
  await engine.start();
  await engine.importBusybox(image);
  const settings = ['node:', `  containerdSocket: ${engine.socket}`];
  // A process of its own for the node, so that it can die alone.
  cluster = await Cluster.create('containerd', ['--runtime', 'containerd', '--nodes', '2'], settings);
});
test.after.always('removed with everything that it made', async () => {
  if (cluster !== undefined) cluster.destroy();
  if (engine !== undefined) await engine.stop();
});

/** A test of this file; it says why where it cannot run. */
function nodeTest(title: string, body: (t: ExecutionContext) => Promise<void>): void {
  test.serial(title, async (t) => {
    if (problem !== undefined) {
      t.log(`skipped: ${problem}`);
      t.pass();
      return;
    }
    await body(t).catch((error: unknown) => {
      t.log(cluster.kubectl('describe', 'node,pod').stdout.slice(-8_000), cluster.logs().slice(-4_000));
      throw error;
    });
  });
}

const get = (what: string, path: string): string => cluster.must('get', ...what.split(' '), '-o', `jsonpath={${path}}`);
const containerIds = (): readonly string[] =>
  get('pods -l app=web', '.items[*].status.containerStatuses[0].containerID').split(' ').toSorted();
const restarts = (): string => get('pods -l app=web', '.items[*].status.containerStatuses[0].restartCount');
const isReady = (node: string): string => get(`node ${node}`, '.status.conditions[?(@.type=="Ready")].status');
const shims = (): readonly string[] =>
  readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid) || !existsSync(`/proc/${pid}/cmdline`)) return false;
    const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return line.includes('containerd-shim') && line.includes(engine.socket);
  });

nodeTest('pods of a Deployment run, say who runs them, and answer behind their Service', async (t) => {
  cluster.apply(`apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 3
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: web
          image: "${image}"
          command: [sh, -c, 'echo "serving on $(hostname)"; hostname > /www/index.html; exec httpd -f -p 8080 -h /www']
          readinessProbe: { httpGet: { port: 8080, path: / }, periodSeconds: 1, timeoutSeconds: 10 }
          livenessProbe: { exec: { command: [test, -f, /www/index.html] }, periodSeconds: 1, timeoutSeconds: 10 }
          resources: { requests: { memory: 16Mi }, limits: { memory: 32Mi } }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }] }
`);
  cluster.must('rollout', 'status', 'deployment/web', '--timeout=120s');
  t.regex(get('nodes', '.items[*].status.nodeInfo.containerRuntimeVersion'), /^containerd:\/\/\S+ containerd:\/\//);
  for (const id of containerIds()) t.regex(id, /^containerd:\/\/[0-9a-f]{64}$/);
  const [pod = ''] = get('pods -l app=web', '.items[*].metadata.name').split(' ');
  t.is(cluster.must('logs', pod), `serving on ${pod}\n`);
  t.regex(cluster.must('logs', pod, '--timestamps', '--tail=1'), /^\d{4}-\S+Z serving on/);
  const seen = new Set<string>();
  await eventually('every pod to have answered another one by the name of the Service', () => {
    seen.add(cluster.must('exec', pod, '--', 'wget', '-qO-', 'http://web').trim());
    return seen.size === 3;
  });
  // The machine reaches it, too.
  const address = get('service web', '.spec.clusterIP');
  t.true(seen.has(run('wget', ['-qO-', '-T', '5', `http://${address}`]).stdout.trim()));
});

nodeTest('exec carries input to its end, output and error apart, and the exit code', async (t) => {
  const config = ['--kubeconfig', cluster.kubeconfig];
  const echoed = run('kubectl', [...config, 'exec', '-i', 'deployment/web', '--', 'sh', '-c', 'wc -c; echo no >&2'], {
    input: 'x'.repeat(300_000),
  });
  t.is(echoed.stdout.trim(), '300000');
  t.regex(echoed.stderr, /^no/m);
  t.is(cluster.kubectl('exec', 'deployment/web', '--', 'sh', '-c', 'exit 7').status, 7);
  const missing = cluster.kubectl('exec', 'deployment/web', '--', 'no-such-program');
  t.not(missing.status, 0);
  t.regex(missing.stderr, /no-such-program/);
  const much = cluster.must('exec', 'deployment/web', '--', 'sh', '-c', 'head -c 3000000 /dev/zero | tr "\\0" y');
  t.is(much.length, 3_000_000);
});

nodeTest('ends are told with their reasons: exit code, message, out of memory, an absent image', async (t) => {
  const pod = (name: string, command: string, used = image): string => `---
apiVersion: v1
kind: Pod
metadata: { name: ${name} }
spec:
  restartPolicy: Never
  terminationGracePeriodSeconds: 0
  containers:
    - name: main
      image: "${used}"
      command: [sh, -c, '${command}']
      resources: { limits: { memory: 24Mi } }
`;
  cluster.apply(
    pod('fails', 'echo because > /dev/termination-log; exit 3') +
      pod('eats', 'x=a; while true; do x=$x$x; done') +
      pod('lacks', 'true', 'troupe.local/absent:1'),
  );
  const ended = (name: string, field: string): string =>
    get(`pod ${name}`, `.status.containerStatuses[0].state.terminated.${field}`);
  await eventually('both to end', () => ended('fails', 'reason') !== '' && ended('eats', 'reason') !== '');
  t.is(ended('fails', 'exitCode'), '3');
  t.is(ended('fails', 'message'), 'because\n');
  t.is(ended('eats', 'reason'), 'OOMKilled');
  await eventually('the reason', () =>
    /ErrImagePull|ImagePullBackOff/.test(get('pod lacks', '.status.containerStatuses[0].state.waiting.reason')),
  );
  cluster.must('delete', 'pod', 'fails', 'eats', 'lacks', '--timeout=60s');
});

nodeTest('a pod on the network of its machine, and a container that joins one that runs', async (t) => {
  cluster.apply(`apiVersion: v1
kind: Pod
metadata: { name: host }
spec:
  hostNetwork: true
  terminationGracePeriodSeconds: 0
  containers: [{ name: main, image: "${image}", command: [sleep, "1000"] }]
`);
  cluster.must('wait', 'pod/host', '--for=condition=Ready', '--timeout=60s');
  t.regex(cluster.must('exec', 'host', '--', 'ip', 'link'), /trp-|vethp/);
  cluster.must('debug', 'host', `--image=${image}`, '--target=main', '-c', 'look', '--', 'sleep', '1000');
  await eventually(
    'the debugging container to run',
    () => get('pod host', '.status.ephemeralContainerStatuses[0].state.running.startedAt') !== '',
  );
  t.regex(cluster.must('exec', 'host', '-c', 'look', '--', 'ps'), /sleep 1000[\s\S]*sleep 1000/);
  cluster.must('delete', 'pod', 'host', '--timeout=60s');
});

nodeTest('memory of a running pod is resized in its control group, without a restart', async (t) => {
  const [pod = ''] = get('pods -l app=web', '.items[*].metadata.name').split(' ');
  const patch = { spec: { containers: [{ name: 'web', resources: { limits: { memory: '48Mi' } } }] } };
  const before = restarts();
  cluster.must('patch', 'pod', pod, '--subresource', 'resize', '--patch', JSON.stringify(patch));
  const limit = 'cat /sys/fs/cgroup/memory.max || cat /sys/fs/cgroup/memory/memory.limit_in_bytes';
  await eventually(
    'the limit',
    () => cluster.kubectl('exec', pod, '--', 'sh', '-c', limit).stdout.trim() === String(48 * 2 ** 20),
  );
  t.is(restarts(), before);
});

nodeTest('kill -9 of the agents and of containerd: containers run on and are adopted', async (t) => {
  const before = containerIds();
  for (const { pid } of cluster.status().nodes) signalProcess(pid);
  await engine.kill();
  await engine.start();
  await eventually('the nodes to be back', () => cluster.status().nodes.every(({ ready }) => ready));
  cluster.must('scale', 'deployment/web', '--replicas=4');
  cluster.must('rollout', 'status', 'deployment/web', '--timeout=120s');
  const after = containerIds();
  t.deepEqual(
    before.filter((id) => !after.includes(id)),
    [],
    'every container of before runs on',
  );
  t.is(restarts(), '0 0 0 0');
});

nodeTest('a containerd that hangs makes its nodes not ready, with the reason, until it answers again', async (t) => {
  const nodes = get('nodes', '.items[*].metadata.name').split(' ');
  engine.freeze(true);
  try {
    await eventually('the nodes to be not ready', () => nodes.every((node) => isReady(node) === 'False'));
    t.regex(get(`node ${nodes[0]}`, '.status.conditions[?(@.type=="Ready")].message'), /container runtime is down/);
  } finally {
    engine.freeze(false);
  }
  await eventually('the nodes to be ready', () => nodes.every((node) => isReady(node) === 'True'));
  cluster.must('rollout', 'restart', 'deployment/web');
  cluster.must('rollout', 'status', 'deployment/web', '--timeout=120s');
  t.pass();
});

nodeTest('what is deleted leaves nothing behind: no mount, no shim, no network, no log', async (t) => {
  const uids = get('pods', '.items[*].metadata.uid').split(' ');
  const hasLogs = (): boolean => readdirSync(logFolder).some((name) => uids.some((uid) => name.endsWith(uid)));
  t.true(hasLogs());
  cluster.must('delete', 'deployment,service', 'web');
  await eventually('the pods to be gone', () => get('pods', '.items[*].metadata.name') === '');
  await eventually('the rest to be gone', () => shims().length === 0 && engine.mounts().length === 0);
  await eventually('the logs to be gone', () => !hasLogs());
  t.is(engine.ctr('containers', 'ls', '-q').trim(), '');
  const links = (): string => run('ip', ['-o', 'link', 'show', 'master', `trp-${cluster.name}`]).stdout;
  await eventually('the links to be gone', () => links() === '');
});
