import test, { type ExecutionContext } from 'ava';
import { missingForPodman, PodmanEngine } from '../../src/node-agent/runtime/podman.fixture.ts';
import { Cluster, eventually, run } from './cluster.ts';

/** A node on Podman: what differs from Docker there is the network, which the agent makes by itself. */
const image = 'troupe.local/hello:1';
const problem = missingForPodman();
let engine: PodmanEngine;
let cluster: Cluster;

test.before('a cluster whose node runs on a Podman of its own', async (t) => {
  if (problem !== undefined) {
    t.log(`skipped: ${problem}`);
    return;
  }
  engine = new PodmanEngine();
  await engine.start();
  await engine.importBusybox(image);
  const settings = ['node:', `  podmanSocket: ${engine.socket}`];
  cluster = await Cluster.create('podman', ['--runtime', 'podman'], settings);
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
      t.log(cluster.kubectl('describe', 'node,pod').stdout.slice(-6_000), cluster.logs().slice(-3_000));
      throw error;
    });
  });
}

const get = (what: string, path: string): string => cluster.must('get', ...what.split(' '), '-o', `jsonpath={${path}}`);

nodeTest('pods of a Deployment run on Podman, with logs and exec, and answer behind their Service', async (t) => {
  cluster.apply(`apiVersion: apps/v1
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
  cluster.must('rollout', 'status', 'deployment/web', '--timeout=120s');
  t.regex(get('nodes', '.items[0].status.nodeInfo.containerRuntimeVersion'), /^podman:\/\//);
  const [pod = ''] = get('pods', '.items[*].metadata.name').split(' ');
  t.is(cluster.must('logs', pod), `serving on ${pod}\n`);
  const echoed = run('kubectl', ['--kubeconfig', cluster.kubeconfig, 'exec', '-i', pod, '--', 'wc', '-c'], {
    input: 'x'.repeat(100_000),
  });
  t.is(echoed.stdout.trim(), '100000');
  const seen = new Set<string>();
  await eventually('both pods to have answered one of them by the name of the Service', () => {
    seen.add(cluster.must('exec', pod, '--', 'wget', '-qO-', 'http://web').trim());
    return seen.size === 2;
  });
});

nodeTest("kill -9 of Podman's service: containers run on, and new work is done once it is back", async (t) => {
  const ids = (): readonly string[] => get('pods', '.items[*].status.containerStatuses[0].containerID').split(' ');
  const before = ids();
  await engine.kill();
  await eventually('the node to be not ready', () =>
    get('nodes', '.items[0].status.conditions[?(@.type=="Ready")].message').includes('container runtime is down'),
  );
  await engine.start();
  cluster.must('scale', 'deployment/web', '--replicas=3');
  cluster.must('rollout', 'status', 'deployment/web', '--timeout=120s');
  t.deepEqual(
    before.filter((id) => !ids().includes(id)),
    [],
    'every container of before runs on',
  );
});

nodeTest('what is deleted leaves no container and no link behind', async (t) => {
  cluster.must('delete', 'deployment,service', 'web');
  await eventually('the containers to be gone', () => engine.podman('ps', '--all', '--quiet').trim() === '');
  const links = (): string => run('ip', ['-o', 'link', 'show', 'master', `trp-${cluster.name}`]).stdout;
  await eventually('the links to be gone', () => links() === '');
  t.pass();
});
