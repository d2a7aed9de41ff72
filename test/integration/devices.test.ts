import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { ensureBusyboxImage } from '../../scripts/example-image.ts';
import { SamplePlugin } from '../../src/node-agent/devices/device-plugin.fixture.ts';
import { grpcService, parseTable, podResourcesTable } from '../../src/grpc/index.ts';
import { systemClock } from '../../src/platform/index.ts';
import { Cluster, eventually, signalProcess } from './cluster.ts';

/** A device plug-in beside a real node: what it has is scheduled and reaches containers, also after restarts. */
const image = 'troupe.local/hello:1';
const resource = 'example.com/sample';
let cluster: Cluster;
let root = '';
let plugin: SamplePlugin;

test.before('a node that knows a folder of its own as the kubelet folder', async () => {
  ensureBusyboxImage(image);
  root = mkdtempSync(join(tmpdir(), 'troupe-kubelet-'));
  cluster = await Cluster.create('devices', [], ['node:', `  kubeletRoot: ${root}`]);
  const folder = join(root, 'device-plugins');
  await eventually('the node to have its socket', () => existsSync(join(folder, 'kubelet.sock')));
  const devices = { a: 'Healthy', b: 'Healthy' } as const;
  plugin = await new SamplePlugin({ folder, resource, hostPath: '/dev/zero', devices }).start();
});
test.after.always('removed with everything that it made', () => {
  plugin?.stop();
  if (cluster !== undefined) cluster.destroy();
  rmSync(root, { recursive: true, force: true });
});

const allocatable = (): string =>
  cluster.must('get', 'nodes', '-o', `jsonpath={.items[0].status.allocatable.${resource.replaceAll('.', '\\.')}}`);
const field = (pod: string, path: string): string =>
  cluster.must('get', 'pod', pod, '-o', `jsonpath={.status.${path}}`);
const start = (name: string, count: number): void => {
  const read = 'for i in $(echo $SAMPLE_DEVICES | tr , " "); do head -c 3 /dev/sample-$i | wc -c; done';
  const container = {
    name: 'main',
    image,
    command: ['sh', '-c', `echo $SAMPLE_DEVICES; ${read}; exec sleep 1000`],
    resources: { limits: { [resource]: String(count) } },
  };
  const spec = { terminationGracePeriodSeconds: 0, containers: [container] };
  cluster.apply(JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec }));
};
/** What a monitoring agent reads at the kubelet's socket. */
const podResources = (method: string): Promise<unknown> =>
  grpcService(parseTable(podResourcesTable), 'PodResourcesLister', {
    socketPath: join(root, 'pod-resources', 'kubelet.sock'),
    clock: systemClock,
  })(method, {}, { deadlineMs: 10_000 });
const running = (name: string): Promise<unknown> =>
  eventually(`${name} to run`, () => field(name, 'phase') === 'Running');

test('devices are scheduled and given, and their holders keep them over a restart of the agent', async (t) => {
  await plugin.register();
  await eventually('two devices', () => allocatable() === '2');
  start('one', 1);
  await running('one');
  await eventually('its words', () => cluster.must('logs', 'one') === 'a\n3\n');
  t.like(await podResources('List'), {
    podResources: [
      { name: 'one', containers: [{ name: 'main', devices: [{ resourceName: resource, deviceIds: ['a'] }] }] },
    ],
  });
  t.like(await podResources('GetAllocatableResources'), { devices: [{ deviceIds: ['a'] }, { deviceIds: ['b'] }] });
  start('two', 2);
  await eventually('it to wait', () => field('two', 'conditions[0].message').includes(`Insufficient ${resource}`));

  const id = field('one', 'containerStatuses[0].containerID');
  signalProcess(cluster.status().nodes[0]?.pid);
  await eventually('no devices after the restart', () => allocatable() === '0');
  await eventually('the plug-in to register again', async () => {
    await plugin.register();
    return true;
  });
  await eventually('two devices again', () => allocatable() === '2');
  t.is(field('one', 'containerStatuses[0].containerID'), id);
  t.is(field('one', 'phase'), 'Running');

  plugin.show({ a: 'Healthy', b: 'Unhealthy' });
  await eventually('one healthy device', () => allocatable() === '1');
  cluster.must('delete', 'pod', 'one', '--wait');
  t.is(field('two', 'phase'), 'Pending');
  plugin.show({ a: 'Healthy', b: 'Healthy' });
  await running('two');
  await eventually('its words', () => cluster.must('logs', 'two') === 'a,b\n3\n3\n');
  plugin.stop();
  await eventually('no devices without a plug-in', () => allocatable() === '0');
  t.is(field('two', 'phase'), 'Running');
});
