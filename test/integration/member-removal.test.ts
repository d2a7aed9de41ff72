import { readFileSync } from 'node:fs';
import test from 'ava';
import { Cluster, eventually } from './cluster.ts';

/**
 * The first of three members on one machine is taken out for good: it has the address that kubeconfig names, and runs
 * the machine's node.
 */
let cluster: Cluster;

test.before(async () => {
  cluster = await Cluster.create('removal', ['--members', '3', '--runtime', 'simulated']);
});
test.after.always(() => {
  cluster?.destroy();
});

const natsServers = (): number =>
  (JSON.parse(readFileSync(`${cluster.home}/nats.json`, 'utf8')) as { servers: readonly string[] }).servers.length;
const nodeReady = (): boolean => cluster.status().nodes.some(({ ready, pid }) => ready && pid !== null);

test.serial(
  'the first member on one machine can be removed: its node, files and clients go to the others, nothing is lost',
  async (t) => {
    cluster.must('create', 'configmap', 'before');
    await eventually('the node', nodeReady);
    const node = cluster.must('get', 'nodes', '-o', 'jsonpath={.items[*].metadata.uid}');
    const second = cluster.status().members[1]?.url ?? '';
    const removed = cluster.troupe('member', 'remove', 'member-1');
    t.is(removed.status, 0, removed.stderr);
    t.regex(removed.stderr, /moving node \S+ from member-1 to member-2/);
    t.regex(removed.stdout, /kubeconfig names member-2 now: clients of port \d+ must use port \d+/);
    t.deepEqual(
      cluster.status().members.map(({ name, role }) => [name, role !== 'down']),
      [
        ['member-2', true],
        ['member-3', true],
      ],
    );
    t.true(readFileSync(cluster.kubeconfig, 'utf8').includes(`server: ${second}`));
    t.is(natsServers(), 2);
    t.is(cluster.must('get', 'configmap', 'before', '-o', 'name').trim(), 'configmap/before');
    cluster.must('create', 'configmap', 'after');
    await eventually('the node in the other member', nodeReady);
    t.is(cluster.must('get', 'nodes', '-o', 'jsonpath={.items[*].metadata.uid}'), node);
    await eventually(
      'the member to leave the Service',
      () =>
        cluster.must('get', 'endpoints', 'kubernetes', '-o', 'jsonpath={.subsets[*].ports[*].port}').split(' ')
          .length === 2,
    );
  },
);

test.serial('what is left is stopped and started as before', async (t) => {
  t.is(cluster.troupe('down').status, 0);
  const started = cluster.troupe('up', '--api-port', String(cluster.port));
  t.is(started.status, 0, started.stderr);
  t.deepEqual(cluster.must('get', 'configmaps', 'before', 'after', '-o', 'name').trim().split('\n'), [
    'configmap/before',
    'configmap/after',
  ]);
  await eventually('the node', nodeReady);
  t.regex(cluster.troupe('up', '--members', '3').stderr, /is already running from/);
});
