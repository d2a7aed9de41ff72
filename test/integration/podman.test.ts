import { missingForPodman, PodmanEngine } from '../../src/node-agent/runtime/podman.fixture.ts';
import { eventually, run } from './cluster.ts';
import { EngineNode } from './engine-node.ts';

/** A node on Podman: what differs from Docker there is the network, which the agent makes by itself. */
const image = 'troupe.local/hello:1';
const node = new EngineNode({
  name: 'podman',
  problem: missingForPodman(),
  image,
  make: () => new PodmanEngine(),
  settings: ({ socket }) => ['node:', `  podmanSocket: ${socket}`, 'featureGates:', '  ImageVolume: true'],
});
const get = (what: string, path: string): string => node.get(what, path);

node.test('pods of a Deployment run on Podman, with logs and exec, and answer behind their Service', async (t) => {
  node.cluster.apply(`apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: web
          image: "${image}"
          command: [sh, -c, 'echo "serving on $(hostname)"; hostname > /www/index.html; exec httpd -f -p 8080 -h /www']
          readinessProbe: { httpGet: { port: 8080, path: / }, periodSeconds: 1, timeoutSeconds: 10 }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }] }
`);
  node.cluster.must('rollout', 'status', 'deployment/web', '--timeout=120s');
  t.regex(get('nodes', '.items[0].status.nodeInfo.containerRuntimeVersion'), /^podman:\/\//);
  const [pod = ''] = get('pods', '.items[*].metadata.name').split(' ');
  t.is(node.cluster.must('logs', pod), `serving on ${pod}\n`);
  const echoed = run('kubectl', ['--kubeconfig', node.cluster.kubeconfig, 'exec', '-i', pod, '--', 'wc', '-c'], {
    input: 'x'.repeat(100_000),
  });
  t.is(echoed.stdout.trim(), '100000');
  const seen = new Set<string>();
  await eventually('both pods to have answered one of them by the name of the Service', () => {
    seen.add(node.cluster.must('exec', pod, '--', 'wget', '-qO-', 'http://web').trim());
    return seen.size === 2;
  });
});

node.test("kill -9 of Podman's service: containers run on, and new work is done once it is back", async (t) => {
  const ids = (): readonly string[] => get('pods', '.items[*].status.containerStatuses[0].containerID').split(' ');
  const before = ids();
  await node.engine.kill();
  await eventually('the node to be not ready', () =>
    get('nodes', '.items[0].status.conditions[?(@.type=="Ready")].message').includes('container runtime is down'),
  );
  await node.engine.start();
  node.cluster.must('scale', 'deployment/web', '--replicas=3');
  node.cluster.must('rollout', 'status', 'deployment/web', '--timeout=120s');
  t.deepEqual(
    before.filter((id) => !ids().includes(id)),
    [],
    'every container of before runs on',
  );
});

node.test('a pod that is over keeps its log, and leaves nothing when it is deleted', async (t) => {
  const container = { name: 'c', image, command: ['sh', '-c', 'echo said; echo more; exit 3'] };
  const spec = { restartPolicy: 'Never', terminationGracePeriodSeconds: 0, containers: [container] };
  node.cluster.apply(JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'once' }, spec }));
  await eventually('it to be over', () => get('pod once', '.status.phase') === 'Failed');
  const own = ['--filter', 'label=troupe.pod.name=once'];
  await eventually('its sandbox to have ended', () => node.engine.podman('ps', '--quiet', ...own).trim() === '');
  t.is(node.cluster.must('logs', 'once'), 'said\nmore\n');
  t.is(node.cluster.must('logs', 'once', '--follow'), 'said\nmore\n');
  node.cluster.must('delete', 'pod', 'once', '--timeout=60s');
  await eventually(
    'its containers to be gone',
    () => node.engine.podman('ps', '--all', '--quiet', ...own).trim() === '',
  );
});

node.test('a pod sees the files of an image, and waits for one that is not there', async (t) => {
  const pod = (name: string, reference: string): string =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name },
      spec: {
        terminationGracePeriodSeconds: 0,
        volumes: [{ name: 'files', image: { reference, pullPolicy: 'Never' } }],
        containers: [
          {
            name: 'c',
            image,
            command: ['sh', '-c', 'ls /files/bin/sh; touch /files/x || echo read-only; exec sleep 1000'],
            volumeMounts: [{ name: 'files', mountPath: '/files' }],
          },
        ],
      },
    });
  node.cluster.apply(pod('reads', image));
  node.cluster.apply(pod('waits', 'troupe.local/absent:1'));
  await eventually('it to have tried', () => node.cluster.must('logs', 'reads').includes('read-only'));
  t.regex(node.cluster.must('logs', 'reads'), /^\/files\/bin\/sh\n/);
  await eventually('the reason that the other one waits', () =>
    get('events', '.items[?(@.reason=="FailedMount")].message').includes('ErrImageNeverPull'),
  );
  node.cluster.must('delete', 'pod', 'reads', 'waits', '--wait');
});

node.test('what is deleted leaves no container and no link behind', async (t) => {
  node.cluster.must('delete', 'deployment,service', 'web');
  await eventually('the containers to be gone', () => node.engine.podman('ps', '--all', '--quiet').trim() === '');
  await eventually('the links to be gone', () => node.links() === '');
  t.pass();
});
