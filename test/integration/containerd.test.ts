import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { ContainerdEngine, missingForContainerd } from '../../src/node-agent/runtime/containerd.fixture.ts';
import { eventually, run, signalProcess } from './cluster.ts';
import { EngineNode } from './engine-node.ts';

/** A node on containerd, by CRI: what pods are and do there, and what becomes of them when a part of it dies. */
const image = 'troupe.local/hello:1';
const logFolder = '/var/log/pods';
const node = new EngineNode({
  name: 'containerd',
  problem: missingForContainerd(),
  image,
  make: () => new ContainerdEngine(),
  // A process of its own for the node, so that it can die alone.
  flags: ['--nodes', '2'],
  settings: ({ socket }) => ['node:', `  containerdSocket: ${socket}`],
});
const get = (what: string, path: string): string => node.get(what, path);
const containerIds = (): readonly string[] =>
  get('pods -l app=web', '.items[*].status.containerStatuses[0].containerID').split(' ').toSorted();
const restarts = (): string => get('pods -l app=web', '.items[*].status.containerStatuses[0].restartCount');
const isReady = (node: string): string => get(`node ${node}`, '.status.conditions[?(@.type=="Ready")].status');
const shims = (): readonly string[] =>
  readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid) || !existsSync(`/proc/${pid}/cmdline`)) return false;
    const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return line.includes('containerd-shim') && line.includes(node.engine.socket);
  });

node.test('pods of a Deployment run, say who runs them, and answer behind their Service', async (t) => {
  node.cluster.apply(`apiVersion: apps/v1
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
  node.cluster.must('rollout', 'status', 'deployment/web', '--timeout=120s');
  t.regex(get('nodes', '.items[*].status.nodeInfo.containerRuntimeVersion'), /^containerd:\/\/\S+ containerd:\/\//);
  for (const id of containerIds()) t.regex(id, /^containerd:\/\/[0-9a-f]{64}$/);
  const [pod = ''] = get('pods -l app=web', '.items[*].metadata.name').split(' ');
  t.is(node.cluster.must('logs', pod), `serving on ${pod}\n`);
  t.regex(node.cluster.must('logs', pod, '--timestamps', '--tail=1'), /^\d{4}-\S+Z serving on/);
  const seen = new Set<string>();
  await eventually('every pod to have answered another one by the name of the Service', () => {
    seen.add(node.cluster.must('exec', pod, '--', 'wget', '-qO-', 'http://web').trim());
    return seen.size === 3;
  });
  // The machine reaches it, too.
  const address = get('service web', '.spec.clusterIP');
  t.true(seen.has(run('wget', ['-qO-', '-T', '5', `http://${address}`]).stdout.trim()));
});

node.test('exec carries input to its end, output and error apart, and the exit code', async (t) => {
  const config = ['--kubeconfig', node.cluster.kubeconfig];
  const echoed = run('kubectl', [...config, 'exec', '-i', 'deployment/web', '--', 'sh', '-c', 'wc -c; echo no >&2'], {
    input: 'x'.repeat(300_000),
  });
  t.is(echoed.stdout.trim(), '300000');
  t.regex(echoed.stderr, /^no/m);
  t.is(node.cluster.kubectl('exec', 'deployment/web', '--', 'sh', '-c', 'exit 7').status, 7);
  const missing = node.cluster.kubectl('exec', 'deployment/web', '--', 'no-such-program');
  t.not(missing.status, 0);
  t.regex(missing.stderr, /no-such-program/);
  const much = node.cluster.must('exec', 'deployment/web', '--', 'sh', '-c', 'head -c 3000000 /dev/zero | tr "\\0" y');
  t.is(much.length, 3_000_000);
});

node.test('ends are told with their reasons: exit code, message, out of memory, an absent image', async (t) => {
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
  node.cluster.apply(
    pod('fails', 'echo said; echo because > /dev/termination-log; exit 3') +
      pod('eats', 'x=a; while true; do x=$x$x; done') +
      pod('lacks', 'true', 'troupe.local/absent:1'),
  );
  const ended = (name: string, field: string): string =>
    get(`pod ${name}`, `.status.containerStatuses[0].state.terminated.${field}`);
  await eventually('both to end', () => ended('fails', 'reason') !== '' && ended('eats', 'reason') !== '');
  t.is(ended('fails', 'exitCode'), '3');
  t.is(ended('fails', 'message'), 'because\n');
  t.is(ended('eats', 'reason'), 'OOMKilled');
  const made = node.engine.ctr('containers', 'ls', '-q', 'labels."troupe.pod.name"==fails').trim().split('\n');
  await eventually('its sandbox to have ended', () => made.every((id) => !node.engine.ctr('tasks', 'ls').includes(id)));
  t.is(node.cluster.must('logs', 'fails'), 'said\n');
  await eventually('the reason', () =>
    /ErrImagePull|ImagePullBackOff/.test(get('pod lacks', '.status.containerStatuses[0].state.waiting.reason')),
  );
  node.cluster.must('delete', 'pod', 'fails', 'eats', 'lacks', '--timeout=60s');
});

node.test('a pod on the network of its machine, and a container that joins one that runs', async (t) => {
  node.cluster.apply(`apiVersion: v1
kind: Pod
metadata: { name: host }
spec:
  hostNetwork: true
  terminationGracePeriodSeconds: 0
  containers: [{ name: main, image: "${image}", command: [sleep, "1000"] }]
`);
  node.cluster.must('wait', 'pod/host', '--for=condition=Ready', '--timeout=60s');
  t.regex(node.cluster.must('exec', 'host', '--', 'ip', 'link'), /trp-|vethp/);
  node.cluster.must('debug', 'host', `--image=${image}`, '--target=main', '-c', 'look', '--', 'sleep', '1000');
  await eventually(
    'the debugging container to run',
    () => get('pod host', '.status.ephemeralContainerStatuses[0].state.running.startedAt') !== '',
  );
  t.regex(node.cluster.must('exec', 'host', '-c', 'look', '--', 'ps'), /sleep 1000[\s\S]*sleep 1000/);
  node.cluster.must('delete', 'pod', 'host', '--timeout=60s');
});

node.test('memory of a running pod is resized in its control group, without a restart', async (t) => {
  const [pod = ''] = get('pods -l app=web', '.items[*].metadata.name').split(' ');
  const patch = { spec: { containers: [{ name: 'web', resources: { limits: { memory: '48Mi' } } }] } };
  const before = restarts();
  node.cluster.must('patch', 'pod', pod, '--subresource', 'resize', '--patch', JSON.stringify(patch));
  const limit = 'cat /sys/fs/cgroup/memory.max || cat /sys/fs/cgroup/memory/memory.limit_in_bytes';
  await eventually(
    'the limit',
    () => node.cluster.kubectl('exec', pod, '--', 'sh', '-c', limit).stdout.trim() === String(48 * 2 ** 20),
  );
  t.is(restarts(), before);
});

node.test('kill -9 of the agents and of containerd: containers run on and are adopted', async (t) => {
  const before = containerIds();
  for (const { pid } of node.cluster.status().nodes) signalProcess(pid);
  await node.engine.kill();
  await node.engine.start();
  await eventually('the nodes to be back', () => node.cluster.status().nodes.every(({ ready }) => ready));
  node.cluster.must('scale', 'deployment/web', '--replicas=4');
  node.cluster.must('rollout', 'status', 'deployment/web', '--timeout=120s');
  const after = containerIds();
  t.deepEqual(
    before.filter((id) => !after.includes(id)),
    [],
    'every container of before runs on',
  );
  t.is(restarts(), '0 0 0 0');
});

node.test('a containerd that hangs makes its nodes not ready, with the reason, until it answers again', async (t) => {
  const nodes = get('nodes', '.items[*].metadata.name').split(' ');
  node.engine.freeze(true);
  try {
    await eventually('the nodes to be not ready', () => nodes.every((node) => isReady(node) === 'False'));
    t.regex(get(`node ${nodes[0]}`, '.status.conditions[?(@.type=="Ready")].message'), /container runtime is down/);
  } finally {
    node.engine.freeze(false);
  }
  await eventually('the nodes to be ready', () => nodes.every((node) => isReady(node) === 'True'));
  node.cluster.must('rollout', 'restart', 'deployment/web');
  node.cluster.must('rollout', 'status', 'deployment/web', '--timeout=120s');
  t.pass();
});

node.test('what is deleted leaves nothing behind: no mount, no shim, no network, no log', async (t) => {
  const uids = get('pods', '.items[*].metadata.uid').split(' ');
  const hasLogs = (): boolean => readdirSync(logFolder).some((name) => uids.some((uid) => name.endsWith(uid)));
  t.true(hasLogs());
  node.cluster.must('delete', 'deployment,service', 'web');
  await eventually('the pods to be gone', () => get('pods', '.items[*].metadata.name') === '');
  await eventually('the rest to be gone', () => shims().length === 0 && node.engine.mounts().length === 0);
  await eventually('the logs to be gone', () => !hasLogs());
  t.is(node.engine.ctr('containers', 'ls', '-q').trim(), '');
  await eventually('the links to be gone', () => node.links() === '');
});
