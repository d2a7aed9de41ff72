import test from 'ava';
import { Cluster, eventually } from './cluster.ts';

/** Hollow nodes: real agents without containers, many in one process, to size a control plane. */
const count = 12;
let cluster: Cluster;

test.before('a control plane with hollow nodes', async () => {
  cluster = await Cluster.create('hollow', ['--nodes', '0', '--hollow-nodes', String(count)]);
});
test.after.always('removed with everything that it made', () => {
  cluster?.destroy();
});

const lines = (...args: string[]): readonly string[] =>
  cluster
    .must(...args)
    .split('\n')
    .filter(Boolean);

test.serial('each registers with a range and an address of its own, and is ready', async (t) => {
  const ready = (): boolean =>
    lines('get', 'nodes', '--no-headers').filter((line) => / Ready /.test(line)).length === count;
  await eventually('all nodes to be ready', ready);
  const path = 'jsonpath={range .items[*]}{.spec.podCIDR} {.status.addresses[0].address}{"\\n"}{end}';
  const places = lines('get', 'nodes', '-o', path).map((line) => line.split(' '));
  for (const i of [0, 1]) t.is(new Set(places.map((place) => place[i])).size, count);
});

test.serial('pods are placed on them, run and go, as the control plane sees it', async (t) => {
  cluster.must('create', 'deployment', 'web', '--image=nowhere.invalid/web:1', `--replicas=${2 * count}`);
  cluster.must('rollout', 'status', 'deployment/web', '--timeout=120s');
  const nodes = lines('get', 'pods', '-o', 'jsonpath={range .items[*]}{.spec.nodeName}{"\\n"}{end}');
  t.is(nodes.length, 2 * count);
  t.true(new Set(nodes).size > count / 2, 'they are spread');
  cluster.must('scale', 'deployment/web', '--replicas=1');
  await eventually('the others to be gone', () => lines('get', 'pods', '-o', 'name').length === 1);
});

test.serial('more of them than the cluster has ranges of pods are refused before anything starts', (t) => {
  const refused = cluster.troupe('up', '--home', `${cluster.home}-other`, '--hollow-nodes', '300');
  t.not(refused.status, 0);
  t.regex(refused.stderr, /--hollow-nodes 300: 10\.244\.0\.0\/16 has room for 256 nodes; set a wider/);
});

test.serial('they end with the cluster, and none comes back without being asked for', async (t) => {
  t.is(cluster.troupe('down').status, 0);
  t.is(cluster.up(['--nodes', '0']).status, 0);
  await eventually('the nodes to be missed', () =>
    lines('get', 'nodes', '--no-headers').every((line) => / NotReady /.test(line)),
  );
  t.pass();
});
