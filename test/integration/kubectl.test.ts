import test from 'ava';
import { readFileSync } from 'node:fs';
import { ensureBusyboxImage } from '../../scripts/example-image.ts';
import { Cluster, eventually, freePort, manifestFile, run } from './cluster.ts';

/** The main job with stock kubectl, in the order in which an operator would do it. */
const image = 'troupe.local/hello:1';
const image2 = 'troupe.local/hello:2';
let cluster: Cluster;

test.before('a cluster of its own', async () => {
  ensureBusyboxImage(image);
  ensureBusyboxImage(image2);
  cluster = await Cluster.create('kubectl');
});
test.after.always('removed with everything that it made', () => {
  if (cluster !== undefined) cluster.destroy();
});

const ready = (name: string): string =>
  cluster.must('get', 'deployment', name, '-o', 'jsonpath={.status.readyReplicas}');
const hello = readFileSync('examples/hello/hello.yaml', 'utf8');

test.serial('apply starts the example, and its Service answers', async (t) => {
  t.regex(cluster.apply(hello), /deployment.apps\/hello created/);
  t.regex(cluster.must('rollout', 'status', 'deployment/hello', '--timeout=120s'), /successfully rolled out/);
  const pods = cluster.must('get', 'pods', '-A', '-o', 'wide');
  t.is(pods.split('\n').filter((line) => /hello-.*1\/1 +Running/.test(line)).length, 3, pods);
  const address = cluster.must('get', 'service', 'hello', '-o', 'jsonpath={.spec.clusterIP}');
  const page = await eventually('an answer of the Service', async () => (await fetch(`http://${address}/`)).text());
  t.is(page, 'Hello from Troupe\n');
});

test.serial("a Service of type LoadBalancer is reached at the node's address, and no longer after it", async (t) => {
  const port = await freePort();
  cluster.apply(
    'apiVersion: v1\nkind: Service\nmetadata: { name: open }\nspec: { type: LoadBalancer, selector: { app: ' +
      `hello }, ports: [{ port: ${port}, targetPort: 8080 }] }\n`,
  );
  const node = cluster.must(
    'get',
    'nodes',
    '-o',
    'jsonpath={.items[0].status.addresses[?(@.type=="InternalIP")].address}',
  );
  await eventually(
    'the Service to have an address',
    () => cluster.must('get', 'service', 'open', '-o', 'jsonpath={.status.loadBalancer.ingress[*].ip}') === node,
  );
  t.regex(
    cluster.must('get', 'service', 'open'),
    new RegExp(`LoadBalancer +\\S+ +${node.replaceAll('.', '\\.')} +${port}:`),
  );
  const page = await eventually("an answer at the node's address", async () =>
    (await fetch(`http://${node}:${port}/`)).text(),
  );
  t.is(page, 'Hello from Troupe\n');
  cluster.must('patch', 'service', 'open', '-p', '{"spec":{"loadBalancerSourceRanges":["192.0.2.0/24"]}}');
  const pod = cluster.must('get', 'pods', '-l', 'app=hello', '-o', 'jsonpath={.items[0].metadata.name}');
  await eventually(
    'a pod, which is in no source range, to be kept out',
    () =>
      cluster.kubectl('exec', pod, '--', 'wget', '-q', '-T', '1', '-O', '-', `http://${node}:${port}/`).status !== 0,
  );
  cluster.must('delete', 'service', 'open');
  await eventually('nothing to answer there any more', async () =>
    fetch(`http://${node}:${port}/`).then(
      () => false,
      () => true,
    ),
  );
});

test.serial('pods find the Service by name and the Secret in their environment', async (t) => {
  const pod = cluster.must('get', 'pods', '-l', 'app=hello', '-o', 'jsonpath={.items[0].metadata.name}');
  t.is(cluster.must('exec', pod, '--', 'sh', '-c', 'echo $PASSWORD').trim(), 'curtain');
  const page = await eventually('the name to resolve', () =>
    cluster.must('exec', pod, '--', 'wget', '-q', '-O', '-', 'http://hello.default.svc.cluster.local/'),
  );
  t.is(page, 'Hello from Troupe\n');
});

test.serial('exec passes standard input, a terminal and the exit code', (t) => {
  const pod = cluster.must('get', 'pods', '-l', 'app=hello', '-o', 'jsonpath={.items[0].metadata.name}');
  t.is(cluster.kubectl('exec', pod, '--', 'sh', '-c', 'exit 7').status, 7);
  const child = cluster.background('exec', '-i', pod, '--', 'cat');
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stdin?.end('through the pipe\n');
  return new Promise<void>((resolve) => {
    child.once('close', (code) => {
      t.is(code, 0);
      t.is(output, 'through the pipe\n');
      resolve();
    });
  });
});

test.serial('exec -it gives a terminal', (t) => {
  const pod = cluster.must('get', 'pods', '-l', 'app=hello', '-o', 'jsonpath={.items[0].metadata.name}');
  // script(1) is the terminal that kubectl asks for.
  const session = run(
    'script',
    [
      '-qec',
      `kubectl --kubeconfig ${cluster.kubeconfig} exec -it ${pod} -- sh -c 'test -t 0 && echo a terminal && ` +
        `read line && echo got $line'`,
      '/dev/null',
    ],
    { input: 'typed\n' },
  );
  t.regex(session.stdout, /a terminal/);
  t.regex(session.stdout, /got typed/);
  t.is(session.status, 0);
});

test.serial('scale goes up and down', async (t) => {
  cluster.must('scale', 'deployment/hello', '--replicas=5');
  await eventually('five ready pods', () => ready('hello') === '5');
  cluster.must('scale', 'deployment/hello', '--replicas=2');
  await eventually(
    'two pods',
    () => cluster.must('get', 'pods', '-l', 'app=hello', '-o', 'name').trim().split('\n').length === 2,
  );
  await eventually('two ready pods', () => ready('hello') === '2');
  t.pass();
});

test.serial('set image rolls out, rollout undo rolls back', async (t) => {
  cluster.must('set', 'image', 'deployment/hello', `web=${image2}`);
  cluster.must('rollout', 'status', 'deployment/hello', '--timeout=120s');
  await eventually('only pods of the new image', () =>
    cluster
      .must('get', 'pods', '-l', 'app=hello', '-o', 'jsonpath={.items[*].spec.containers[0].image}')
      .split(' ')
      .every((used) => used === image2),
  );
  cluster.must('rollout', 'undo', 'deployment/hello');
  cluster.must('rollout', 'status', 'deployment/hello', '--timeout=120s');
  t.is(cluster.must('get', 'deployment', 'hello', '-o', 'jsonpath={.spec.template.spec.containers[0].image}'), image);
  t.regex(cluster.must('rollout', 'history', 'deployment/hello'), /REVISION/);
});

test.serial('logs -f follows a pod', async (t) => {
  cluster.must(
    'run',
    'talker',
    `--image=${image}`,
    '--restart=Never',
    '--command',
    '--',
    'sh',
    '-c',
    'for i in 1 2 3; do echo line $i; sleep 0.3; done',
  );
  await eventually('the pod to start', () =>
    /Running|Succeeded/.test(cluster.must('get', 'pod', 'talker', '-o', 'jsonpath={.status.phase}')),
  );
  t.is(cluster.must('logs', '-f', 'talker'), 'line 1\nline 2\nline 3\n');
  t.is(cluster.must('logs', '--tail=1', 'talker'), 'line 3\n');
  cluster.must('wait', '--for=jsonpath={.status.phase}=Succeeded', 'pod/talker', '--timeout=60s');
});

test.serial('apply --server-side owns fields and refuses to take those of others', (t) => {
  const map = (value: string): string =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: owned }\ndata: { key: "${value}" }\n`;
  cluster.apply(map('1'), '--server-side', '--field-manager=first');
  const refused = cluster.kubectl(
    'apply',
    '--server-side',
    '--field-manager=second',
    '-f',
    manifestFile(cluster, 'owned.yaml', map('2')),
  );
  t.is(refused.status, 1);
  t.regex(refused.stderr, /conflict with "first": \.data\.key/);
  cluster.apply(map('2'), '--server-side', '--field-manager=second', '--force-conflicts');
  t.is(cluster.must('get', 'configmap', 'owned', '-o', 'jsonpath={.data.key}'), '2');
});

test.serial('explain, diff, describe and wait work', (t) => {
  t.regex(cluster.must('explain', 'deployment.spec.strategy'), /rollingUpdate/);
  t.regex(cluster.must('explain', 'pods', '--recursive'), /terminationGracePeriodSeconds/);
  const changed = cluster.kubectl(
    'diff',
    '-f',
    manifestFile(cluster, 'hello.yaml', hello.replace('Hello from Troupe', 'Changed')),
  );
  t.is(changed.status, 1, changed.stderr);
  t.regex(changed.stdout, /\+.*Changed/);
  t.is(
    cluster.kubectl('diff', '-f', manifestFile(cluster, 'same.yaml', hello.replace('replicas: 3', 'replicas: 2')))
      .status,
    0,
  );
  const described = cluster.must('describe', 'deployment', 'hello');
  t.regex(described, /NewReplicaSet:\s+hello-/);
  t.regex(described, /ScalingReplicaSet/);
  t.regex(cluster.must('describe', 'node'), /Allocated resources/);
  t.regex(cluster.must('wait', '--for=condition=Available', 'deployment/hello', '--timeout=60s'), /condition met/);
});

test.serial('a pod that cannot be scheduled or pulled says why', async (t) => {
  cluster.must(
    'run',
    'huge',
    `--image=${image}`,
    '--overrides={"spec":{"containers":[{"name":"huge","image":"troupe.local/hello:1",' +
      '"resources":{"requests":{"cpu":"1000"}}}]}}',
  );
  await eventually('the reason', () =>
    /0\/1 nodes are available: 1 Insufficient cpu/.test(cluster.must('describe', 'pod', 'huge')),
  );
  cluster.must('run', 'absent', '--image=troupe.local/absent:1');
  const reason = await eventually('the pull error', () => {
    const found = cluster.must(
      'get',
      'pod',
      'absent',
      '-o',
      'jsonpath={.status.containerStatuses[0].state.waiting.reason}',
    );
    return found === 'ErrImagePull' || found === 'ImagePullBackOff' ? found : undefined;
  });
  t.truthy(reason);
  cluster.must('delete', 'pod', 'huge', 'absent', '--wait=true', '--timeout=60s');
});

test.serial('delete ns removes all that is in it', (t) => {
  cluster.must('create', 'ns', 'short');
  cluster.apply(hello, '-n', 'short');
  cluster.must('-n', 'short', 'rollout', 'status', 'deployment/hello', '--timeout=120s');
  cluster.must('delete', 'ns', 'short', '--timeout=120s');
  t.regex(cluster.kubectl('get', 'ns', 'short').stderr, /NotFound/);
  t.is(cluster.must('get', 'pods', '-n', 'short', '-o', 'name'), '');
});

test.serial('a Job runs to completion and a DaemonSet reaches the node', async (t) => {
  cluster.must('create', 'job', 'sum', `--image=${image}`, '--', 'sh', '-c', 'echo $((20 + 22))');
  cluster.must('wait', '--for=condition=complete', 'job/sum', '--timeout=60s');
  t.is(cluster.must('logs', 'job/sum').trim(), '42');
  cluster.apply(`apiVersion: apps/v1
kind: DaemonSet
metadata: { name: every }
spec:
  selector: { matchLabels: { app: every } }
  template:
    metadata: { labels: { app: every } }
    spec: { terminationGracePeriodSeconds: 0, containers: [{ name: c, image: "${image}", command: [sleep, "1000"] }] }
`);
  cluster.must('rollout', 'status', 'daemonset/every', '--timeout=60s');
  t.is(cluster.must('get', 'daemonset', 'every', '-o', 'jsonpath={.status.numberReady}'), '1');
});

test.serial('bad input is refused with what, where and why', (t) => {
  const refused = (manifest: string): string =>
    cluster.kubectl('apply', '-f', manifestFile(cluster, 'bad.yaml', manifest)).stderr;
  t.regex(refused('apiVersion: v1\nkind: ConfigMap\nmetadata: { name: bad }\nstuff: 1\n'), /unknown field "stuff"/);
  t.regex(
    refused('apiVersion: v1\nkind: Pod\nmetadata: { name: bad }\nspec: { containers: [] }\n'),
    /spec.containers: Required value/,
  );
  t.regex(
    refused('apiVersion: v1\nkind: Service\nmetadata: { name: bad }\nspec: { ports: [{ port: 70000 }] }\n'),
    /spec.ports\[0\].port: Invalid value: 70000/,
  );
  t.regex(cluster.kubectl('--token=wrong', '--client-certificate=/dev/null', 'get', 'pods').stderr, /./);
});
