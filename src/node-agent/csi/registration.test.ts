import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type CSINode, type Node, resources } from '../../api/index.ts';
import { silentLogger } from '../../base/index.ts';
import { csiTable, parseTable, registrationTable, serveGrpc } from '../../grpc/index.ts';
import { systemClock, systemTimers } from '../../platform/index.ts';
import { memoryApi, type MemoryApi } from '../api.fixture.ts';
import { stored } from '../objects.fixture.ts';
import { changedDrivers, driverEntry, placeOf } from './csi-node.ts';
import { DriverRegistry } from './driver-registry.ts';
import { openKubeletRoot, purgeKubeletRoot } from './kubelet-root.ts';
import { parseMountInfo } from './mount-table.ts';
import { watchPlugins } from './plugin-watch.ts';

function folderOf(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-plugins-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

interface PluginOptions {
  readonly name?: string;
  readonly type?: string;
  readonly versions?: readonly string[];
  readonly nodeId?: string;
  readonly segments?: Readonly<Record<string, string>>;
}

/** A driver and its registrar in one socket; `told` is what the node answered. */
async function plugin(
  socket: string,
  options: PluginOptions = {},
): Promise<{ readonly told: object[]; close(): void }> {
  const { name = 'd.example', type = 'CSIPlugin', versions = ['1.0.0'], nodeId = 'id-1', segments } = options;
  const told: object[] = [];
  const server = await serveGrpc(socket, [
    {
      schema: parseTable(registrationTable),
      service: 'Registration',
      handlers: {
        GetInfo: () => ({ type, name, endpoint: '', supportedVersions: versions }),
        NotifyRegistrationStatus: (status: object) => {
          told.push(status);
          return {};
        },
      },
    },
    {
      schema: parseTable(csiTable),
      service: 'Node',
      handlers: {
        NodeGetInfo: () => ({ nodeId, maxVolumesPerNode: 5, accessibleTopology: segments && { segments } }),
      },
    },
  ]);
  return { told, close: () => server.close() };
}

interface Watching {
  readonly api: MemoryApi;
  readonly folder: string;
  readonly registry: DriverRegistry;
}

function watch(t: ExecutionContext): Watching {
  const folder = folderOf(t);
  const api = memoryApi();
  api.put(resources.nodes, { metadata: { name: 'n', uid: 'u', labels: { zone: 'a' } } });
  const ports = { client: api.client, clock: systemClock, timers: systemTimers, log: silentLogger };
  const registry = new DriverRegistry(ports, { node: 'n', callMs: 2_000 });
  const watching = watchPlugins(ports, { folder, handlers: new Map([['CSIPlugin', registry]]), everyMs: 20 });
  t.teardown(() => {
    watching.close();
    registry.close();
  });
  return { api, folder, registry };
}

async function eventually(what: string, done: () => boolean): Promise<void> {
  const end = systemClock.monotonic() + 10_000;
  while (!done()) {
    if (systemClock.monotonic() > end) throw new Error(`${what} did not happen within 10 s`);
    await new Promise<void>((resolve) => {
      systemTimers.after(10, resolve);
    });
  }
}

const driversOf = (api: MemoryApi): CSINode['spec']['drivers'] =>
  api.get<CSINode>(resources.csiNodes, undefined, 'n')?.spec.drivers ?? [];

test('a driver that shows its socket is on the CSINode and the Node, and leaves with the socket', async (t) => {
  const { api, folder, registry } = watch(t);
  const socket = join(folder, 'd.sock');
  const running = await plugin(socket, { segments: { zone: 'a', rack: 'r' } });
  await eventually('the answer', () => running.told.length > 0);
  t.deepEqual(running.told, [{ pluginRegistered: true, error: '' }]);
  t.deepEqual(driversOf(api), [
    { name: 'd.example', nodeID: 'id-1', topologyKeys: ['rack', 'zone'], allocatable: { count: 5 } },
  ]);
  const { metadata } = api.get<Node>(resources.nodes, undefined, 'n') as Node;
  t.like(metadata, {
    labels: { rack: 'r' },
    annotations: { 'csi.volume.kubernetes.io/nodeid': '{"d.example":"id-1"}' },
  });
  t.true(registry.has('d.example'));
  running.close();
  rmSync(socket, { force: true });
  await eventually('the driver to go', () => driversOf(api).length === 0);
  t.false(registry.has('d.example'));
});

test('a driver that starts again under its name is registered anew', async (t) => {
  const { api, folder } = watch(t);
  const socket = join(folder, 'd.sock');
  const first = await plugin(socket);
  await eventually('the first', () => first.told.length > 0);
  first.close();
  rmSync(socket, { force: true });
  const second = await plugin(socket, { nodeId: 'id-2' });
  t.teardown(() => second.close());
  await eventually('the second', () => driversOf(api)[0]?.nodeID === 'id-2');
  await eventually('its answer', () => second.told.length > 0);
  t.deepEqual(second.told, [{ pluginRegistered: true, error: '' }]);
});

const refusals: readonly { readonly title: string; readonly options: PluginOptions; readonly error: RegExp }[] = [
  {
    title: 'of another type',
    options: { type: 'OddPlugin' },
    error: /no handler registered for plugin type: OddPlugin/,
  },
  { title: 'of another version', options: { versions: ['0.3.0'] }, error: /this node speaks 1/ },
  { title: 'without a node id', options: { nodeId: '' }, error: /without a node id/ },
  { title: 'that sees the node elsewhere', options: { segments: { zone: 'b' } }, error: /topology value collision/ },
];
for (const { title, options, error } of refusals)
  test(`a plug-in ${title} is told why it is refused, and harms no other`, async (t) => {
    const { api, folder } = watch(t);
    const odd = await plugin(join(folder, 'odd.sock'), { name: 'odd', ...options });
    const fine = await plugin(join(folder, 'fine.sock'), { name: 'fine' });
    t.teardown(() => {
      odd.close();
      fine.close();
    });
    await eventually('both answers', () => odd.told.length > 0 && fine.told.length > 0);
    t.regex((odd.told[0] as { readonly error: string }).error, error);
    t.deepEqual(fine.told[0], { pluginRegistered: true, error: '' });
    t.deepEqual(
      driversOf(api).map(({ name }) => name),
      ['fine'],
    );
  });

test('what a CSINode shows already is not written again', (t) => {
  const info = { nodeId: 'i', maxVolumesPerNode: 0, accessibleTopology: { segments: { zone: 'a' } } };
  const entry = driverEntry('d', info);
  const shown = stored<CSINode>({ apiVersion: '', kind: '', metadata: { name: 'n' }, spec: { drivers: [entry] } });
  t.is(changedDrivers(shown, 'd', entry), undefined);
  t.deepEqual(changedDrivers(shown, 'd', undefined), []);
  t.is(changedDrivers(shown, 'other', undefined), undefined);
  t.is(changedDrivers(undefined, 'd', entry)?.length, 1);
  const metadata = { labels: { zone: 'a' }, annotations: { 'csi.volume.kubernetes.io/nodeid': '{"d":"i"}' } };
  t.is(placeOf(stored<Node>({ apiVersion: '', kind: '', metadata: { name: 'n', ...metadata } }), 'd', info), undefined);
});

test('a folder is one node’s: another takes its own, until the first one’s home is gone', async (t) => {
  const base = folderOf(t);
  const wanted = join(base, 'kubelet');
  const commands: string[] = [];
  const open = (node: string): Promise<string> => {
    const stateFolder = join(base, node);
    return openKubeletRoot({
      wanted,
      cluster: 'c',
      node,
      stateFolder,
      run: (command, args) => {
        commands.push([command, ...args].join(' '));
        return Promise.resolve('');
      },
      log: silentLogger,
    });
  };
  t.is(await open('one'), wanted);
  t.is(await open('one'), wanted);
  t.is(await open('two'), join(base, 'two/kubelet'));
  t.true(existsSync(join(base, 'two/kubelet/plugins_registry')));
  rmSync(join(base, 'one'), { recursive: true });
  t.is(await open('two'), wanted);
  t.regex(readFileSync(join(wanted, 'troupe-node.json'), 'utf8'), /"node":"two"/);
  const purged: string[] = [];
  await purgeKubeletRoot({
    wanted,
    stateFolder: join(base, 'two'),
    run: (command, args) => {
      purged.push([command, ...args].join(' '));
      return Promise.resolve('');
    },
  });
  for (const left of ['pods', 'csi-volumes', 'device-plugins/kubelet.sock', 'device-plugins/troupe-devices.json'])
    t.true(purged.includes(`rm -rf --one-file-system ${join(wanted, left)}`), left);
  t.false(existsSync(join(wanted, 'troupe-node.json')));
  writeFileSync(join(wanted, 'cpu_manager_state'), '');
  t.is(await open('two'), join(base, 'two/kubelet'));
});

test('the mount table is read with its escapes, and tells what is shared', (t) => {
  const text = [
    '22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda rw',
    '30 22 0:5 / /a\\040b rw,nosuid - tmpfs tmpfs rw',
    'x',
  ].join('\n');
  t.deepEqual(parseMountInfo(text), [
    { path: '/', shared: true },
    { path: '/a b', shared: false },
  ]);
});
