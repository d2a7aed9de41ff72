import test from 'ava';
import { ensureBusyboxImage } from '../../scripts/example-image.ts';
import { Cluster, eventually } from './cluster.ts';
import { DockerEngine } from './docker-engine.ts';

/** kill -9 of the Docker engine below a node. */
const image = 'troupe.local/hello:1';
const engine = new DockerEngine();
let cluster: Cluster;

test.before(async () => {
  await engine.start();
  ensureBusyboxImage(image, ['-H', `unix://${engine.socket}`]);
  cluster = await Cluster.create('dockerd', [], ['node:', `  dockerSocket: ${engine.socket}`]);
});
test.after.always(async () => {
  if (cluster !== undefined) cluster.destroy();
  await engine.stop();
});

const containers = (): string =>
  engine
    .docker('ps', '--no-trunc', '--format', '{{.ID}} {{.Names}}', '--filter', `label=troupe.cluster=${cluster.name}`)
    .stdout.trim()
    .split('\n')
    .sort()
    .join('\n');
const restarts = (): string =>
  cluster.must(
    'get',
    'pods',
    '-l',
    'app=steady',
    '-o',
    'jsonpath={.items[*].status.containerStatuses[0].restartCount}',
  );

test('kill -9 of dockerd: containers run on, statuses stay, new work is done once it is back', async (t) => {
  cluster.must('create', 'deployment', 'steady', `--image=${image}`, '--replicas=2', '--', 'sleep', '100000');
  cluster.must('rollout', 'status', 'deployment/steady', '--timeout=120s');
  const before = containers();
  engine.kill();
  cluster.must('scale', 'deployment/steady', '--replicas=3');
  cluster.must('get', 'pods');
  t.is(restarts().split(' ').slice(0, 2).join(' '), '0 0');
  await engine.start();
  cluster.must('rollout', 'status', 'deployment/steady', '--timeout=120s');
  const after = new Set(containers().split('\n'));
  t.deepEqual(
    before.split('\n').filter((line) => !after.has(line)),
    [],
    'every container of before runs on',
  );
  t.is(restarts(), '0 0 0');
  await eventually('the node to be ready', () => cluster.status().nodes[0]?.ready === true);
});
