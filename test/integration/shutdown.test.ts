import test from 'ava';
import { ensureBusyboxImage } from '../../scripts/example-image.ts';
import { Cluster, eventually, run } from './cluster.ts';

/** A machine that goes down, on real Docker: its pods end in order, and the node comes back with the process. */
const image = 'troupe.local/hello:1';
let cluster: Cluster;

test.before('a cluster of its own', async () => {
  ensureBusyboxImage(image);
  cluster = await Cluster.create(
    'shutdown',
    [],
    ['node:', '  shutdownGracePeriod: 8s', '  shutdownGracePeriodCriticalPods: 4s'],
  );
});
test.after.always('removed with everything that it made', () => {
  if (cluster !== undefined) cluster.destroy();
});

interface Made {
  readonly command: string;
  readonly priorityClassName?: string;
  readonly nodeName?: string;
}

const start = (name: string, { command, ...more }: Made): void => {
  const spec = {
    ...more,
    restartPolicy: 'Always',
    containers: [{ name: 'main', image, command: ['sh', '-c', command] }],
  };
  cluster.apply(JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec }), '-n', 'kube-system');
};
const field = (pod: string, path: string): string =>
  cluster.must('get', 'pod', pod, '-n', 'kube-system', '-o', `jsonpath={.status.${path}}`);
const endedAt = (pod: string): number => Date.parse(field(pod, 'containerStatuses[0].state.terminated.finishedAt'));
const ready = (): string =>
  cluster.must('get', 'nodes', '-o', `jsonpath={.items[0].status.conditions[?(@.type=="Ready")]['status','message']}`);

test('pods end in order of priority while the node is not ready; it takes pods again afterwards', async (t) => {
  const quits = 'trap "exit 0" TERM; sleep 1000 & wait';
  start('web', { command: quits });
  start('stubborn', { command: 'trap "" TERM; while true; do sleep 1; done' });
  start('system', { command: quits, priorityClassName: 'system-cluster-critical' });
  for (const pod of ['web', 'stubborn', 'system'])
    await eventually(`${pod} to run`, () => field(pod, 'phase') === 'Running');
  const node = cluster.must('get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}');
  const begun = performance.now();
  const { status, stdout, stderr } = cluster.troupe('node', 'shutdown');
  const tookMs = performance.now() - begun;
  t.is(status, 0, stderr);
  t.is(stdout, `Node ${node}: 3 pods ended, 0 still run.\n`);
  t.true(tookMs > 4000 && tookMs < 20_000, `it took ${Math.round(tookMs)} ms`);
  for (const pod of ['web', 'stubborn', 'system']) {
    t.is(field(pod, 'phase'), 'Failed', pod);
    t.is(field(pod, 'reason'), 'Terminated', pod);
    t.is(field(pod, 'message'), 'Pod was terminated in response to imminent node shutdown.', pod);
  }
  t.is(field('stubborn', 'containerStatuses[0].state.terminated.exitCode'), '137');
  t.true(endedAt('system') >= endedAt('stubborn'), 'the critical pod goes last');
  t.is(ready(), 'False node is shutting down');
  t.is(run('docker', ['ps', '-q', '--filter', 'label=troupe.cluster=shutdown']).stdout, '');
  start('late', { command: quits, nodeName: node });
  await eventually('the late one to be refused', () => field('late', 'reason') === 'NodeShutdown');

  t.is(cluster.troupe('down', '--keep-containers').status, 0);
  t.is(cluster.up().status, 0);
  await eventually('the node to be ready again', () => ready().startsWith('True'));
  start('again', { command: quits });
  await eventually('a pod to run', () => field('again', 'phase') === 'Running');
  t.is(field('web', 'reason'), 'Terminated', 'what ended stays so');
});
