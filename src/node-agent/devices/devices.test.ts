import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { silentLogger } from '../../base/index.ts';
import { GrpcError } from '../../grpc/index.ts';
import { systemClock } from '../../platform/index.ts';
import type { Container, New, Pod } from '../../api/index.ts';
import { stored } from '../objects.fixture.ts';
import { DeviceLedger, DeviceShortage } from './device-ledger.ts';
import { NodeDevices } from './node-devices.ts';
import { SamplePlugin } from './device-plugin.fixture.ts';

const resource = 'example.com/sample';
const wish = (podUid: string, count: number, container = 'main') => ({ podUid, container, resource, count });
const well = (...ids: string[]) => ids.map((id) => ({ id, healthy: true }));

test('the Node counts all devices, and pods get those that are well', (t) => {
  const ledger = new DeviceLedger();
  ledger.show(resource, [...well('a', 'b'), { id: 'c', healthy: false }]);
  t.deepEqual(ledger.amounts(), { capacity: { [resource]: '3' }, allocatable: { [resource]: '2' } });
  t.deepEqual(ledger.choice(wish('p', 2)), { must: [], free: ['a', 'b'] });
  t.throws(() => ledger.choice(wish('p', 3)), {
    instanceOf: DeviceShortage,
    message: 'requested number of devices unavailable for example.com/sample. Requested: 3, Available: 2',
  });
  ledger.lose(resource);
  t.deepEqual(ledger.amounts(), { capacity: { [resource]: '3' }, allocatable: { [resource]: '0' } });
});

test('nobody gets what another one holds, until its pod has gone', (t) => {
  const ledger = new DeviceLedger();
  ledger.show(resource, well('a', 'b'));
  ledger.give({ ...wish('one', 1), ids: ['a'], passesOn: false });
  t.deepEqual(ledger.choice(wish('two', 1)).free, ['b']);
  t.false(ledger.keepOnly(new Set(['one', 'two'])));
  t.true(ledger.keepOnly(new Set(['two'])));
  t.deepEqual(ledger.choice(wish('two', 2)).free, ['a', 'b']);
});

test('init containers pass their devices on, once', (t) => {
  const ledger = new DeviceLedger();
  ledger.show(resource, well('a', 'b', 'c'));
  ledger.give({ ...wish('p', 2, 'init'), ids: ['a', 'b'], passesOn: true });
  t.deepEqual(ledger.choice(wish('p', 2)), { must: ['a', 'b'], free: ['c'] });
  ledger.give({ ...wish('p', 1), ids: ['a'], passesOn: false });
  t.deepEqual(ledger.choice(wish('p', 1, 'side')), { must: ['b'], free: ['c'] });
  t.deepEqual(ledger.choice(wish('other', 1)), { must: [], free: ['c'] });
});

const placed = (...devices: readonly (readonly [id: string, numaNode: number | undefined])[]) =>
  devices.map(([id, node]) => ({ id, healthy: true, numaNodes: node === undefined ? undefined : [node] }));

test('devices say where they are, and are set aside near to the nodes that are named', (t) => {
  const ledger = new DeviceLedger();
  ledger.show(resource, placed(['a', 0], ['b', 1], ['c', 1], ['d', undefined]));
  const nodes = [0, 1];
  t.deepEqual(ledger.hints(wish('p', 1), nodes), [
    { affinity: 0b01, preferred: true },
    { affinity: 0b10, preferred: true },
    { affinity: 0b11, preferred: false },
  ]);
  t.deepEqual(ledger.hints(wish('p', 3), nodes), [{ affinity: 0b11, preferred: true }]);
  t.deepEqual(ledger.hints(wish('p', 4), nodes), [], 'nobody knows where d is');
  ledger.reserve({ ...wish('p', 1), passesOn: false }, 0b10);
  t.deepEqual(ledger.held(wish('p', 1)), ['b']);
  t.deepEqual(
    ledger.choice(wish('p', 1)),
    { must: [], free: ['b', 'c'] },
    'the plug-in may choose the other one there',
  );
  t.deepEqual(ledger.choice(wish('q', 1)).free, ['a', 'c', 'd'], 'for others it is taken');
  ledger.reserve({ ...wish('q', 2), passesOn: false }, 0b01);
  t.deepEqual(ledger.held(wish('q', 2)), ['a', 'c'], 'what the node lacks comes from elsewhere');
  t.throws(
    () => {
      ledger.reserve({ ...wish('r', 2), passesOn: false }, 0b01);
    },
    { instanceOf: DeviceShortage },
  );
  ledger.give({ ...wish('p', 1), ids: ['b'], passesOn: false });
  t.is(ledger.holdings.filter(({ podUid }) => podUid === 'p').length, 1, 'given in place of what was set aside');
  ledger.release('q');
  t.deepEqual(ledger.choice(wish('r', 1)).free, ['a', 'c', 'd']);
  ledger.show(resource, well('a', 'b'));
  t.is(ledger.hints(wish('r', 1), nodes), undefined, 'where no device says where it is, any will do');
});

const pod = (uid: string, containers: readonly New<Container>[]): Pod =>
  stored<Pod>({ apiVersion: 'v1', kind: 'Pod', metadata: { name: uid, namespace: 'shop', uid }, spec: { containers } });
const asking = (count: number): New<Container> => ({
  name: 'main',
  resources: { limits: { [resource]: String(count), cpu: '1' } },
});

interface Bench {
  readonly folder: string;
  readonly living: Set<string>;
  readonly manager: () => NodeDevices;
  restart(): Promise<void>;
  grant(uid: string, count: number): ReturnType<NodeDevices['grant']>;
  allocatable(): string | undefined;
}

async function bench(t: ExecutionContext): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'devices-'));
  const living = new Set<string>();
  const open = (): Promise<NodeDevices> =>
    NodeDevices.open({
      folder,
      clock: systemClock,
      log: silentLogger,
      podUids: () => living,
      changed: () => undefined,
    });
  let manager = await open();
  t.teardown(() => {
    manager.close();
    rmSync(folder, { recursive: true });
  });
  return {
    folder,
    living,
    manager: () => manager,
    restart: async () => {
      manager.close();
      manager = await open();
    },
    grant: (uid, count) => {
      living.add(uid);
      const own = pod(uid, [asking(count)]);
      const [container] = own.spec.containers;
      if (container === undefined) throw new Error('it has one');
      return manager.grant(own, container);
    },
    allocatable: () => manager.amounts().allocatable[resource],
  };
}

async function plugin(t: ExecutionContext, folder: string, more: object = {}): Promise<SamplePlugin> {
  const devices = { a: 'Healthy', b: 'Healthy', c: 'Unhealthy' } as const;
  const made = await new SamplePlugin({ folder, resource, hostPath: '/dev/zero', devices, ...more }).start();
  t.teardown(() => {
    made.stop();
  });
  return made;
}

async function until(t: ExecutionContext, what: string, probe: () => boolean): Promise<void> {
  const end = performance.now() + 5000;
  while (!probe()) {
    if (performance.now() > end) t.fail(`${what} did not happen`);
    if (performance.now() > end) return;
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

test('a plug-in registers, its devices are counted, and a container gets what comes with them', async (t) => {
  const b = await bench(t);
  const own = await plugin(t, b.folder);
  await own.register();
  await until(t, 'two devices', () => b.allocatable() === '2');
  t.is(b.manager().amounts().capacity[resource], '3');
  t.like(await b.grant('one', 1), {
    envs: { SAMPLE_DEVICES: 'a' },
    devices: [{ hostPath: '/dev/zero', containerPath: '/dev/sample-a', permissions: 'rw' }],
  });
  t.deepEqual(own.preStarted, [['a']]);
  await b.grant('one', 1);
  t.deepEqual(own.allocated, [['a']], 'a restart gets the same, without being asked for again');
  t.deepEqual(own.preStarted, [['a'], ['a']]);
  await t.throwsAsync(b.grant('two', 2), { instanceOf: DeviceShortage });
  b.living.delete('one');
  t.is((await b.grant('two', 2))?.envs['SAMPLE_DEVICES'], 'a,b');
  const plain = pod('plain', [{ name: 'main', resources: { limits: { cpu: '1' } } }]);
  t.is(await b.manager().grant(plain, plain.spec.containers[0] as Container), undefined);
});

test('containers that are made at the same time get different devices', async (t) => {
  const b = await bench(t);
  await (await plugin(t, b.folder)).register();
  await until(t, 'two devices', () => b.allocatable() === '2');
  const both = await Promise.all([b.grant('one', 1), b.grant('two', 1)]);
  t.deepEqual(
    both.map((grant) => grant?.envs['SAMPLE_DEVICES']),
    ['a', 'b'],
  );
});

test('the plug-in may say which devices it would rather give', async (t) => {
  const b = await bench(t);
  await (await plugin(t, b.folder, { prefersLast: true })).register();
  await until(t, 'two devices', () => b.allocatable() === '2');
  t.is((await b.grant('one', 1))?.envs['SAMPLE_DEVICES'], 'b');
});

test('health changes the count; a plug-in that goes gives nothing, and one that comes back goes on', async (t) => {
  const b = await bench(t);
  const own = await plugin(t, b.folder);
  await own.register();
  await until(t, 'two devices', () => b.allocatable() === '2');
  own.show({ a: 'Healthy', b: 'Unhealthy', c: 'Unhealthy' });
  await until(t, 'one device', () => b.allocatable() === '1');
  own.stop();
  await until(t, 'no device', () => b.allocatable() === '0');
  await t.throwsAsync(b.grant('one', 1), { instanceOf: DeviceShortage, message: /no device plug-in is registered/ });
  const again = await plugin(t, b.folder);
  await again.register();
  await until(t, 'two devices again', () => b.allocatable() === '2');
});

test('an agent that is restarted knows who holds what, and that plug-ins must register again', async (t) => {
  const b = await bench(t);
  const own = await plugin(t, b.folder);
  await own.register();
  await until(t, 'two devices', () => b.allocatable() === '2');
  await b.grant('one', 1);
  await b.restart();
  t.is(b.allocatable(), '0');
  t.is((await b.grant('one', 1))?.envs['SAMPLE_DEVICES'], 'a', 'a restarted container keeps its device');
  await own.register();
  await until(t, 'two devices', () => b.allocatable() === '2');
  t.is((await b.grant('two', 1))?.envs['SAMPLE_DEVICES'], 'b');
});

test('what speaks another version, or names a resource of Kubernetes, is told no', async (t) => {
  const b = await bench(t);
  const own = await plugin(t, b.folder);
  const refused = async (made: SamplePlugin, version?: string): Promise<string | undefined> =>
    (await t.throwsAsync(made.register(version), { instanceOf: GrpcError }))?.message;
  t.regex((await refused(own, 'v1alpha')) ?? '', /the node speaks v1beta1 with device plug-ins, not v1alpha/);
  for (const name of ['cpu', 'node.kubernetes.io/thing', 'kubernetes.io/thing'])
    t.regex((await refused(await plugin(t, b.folder, { resource: name }))) ?? '', /is no extended resource/);
});

test('the inventory tells what there is and where, and who holds what', async (t) => {
  const b = await bench(t);
  const own = await plugin(t, b.folder, { numaNode: 1 });
  await own.register();
  await until(t, 'two devices', () => b.allocatable() === '2');
  await b.grant('one', 1);
  const numaNodes = [1];
  const a = { id: 'a', healthy: true, numaNodes };
  const there = [a, { id: 'b', healthy: true, numaNodes }, { id: 'c', healthy: false, numaNodes }];
  const { resources, holdings } = b.manager().inventory;
  t.deepEqual(resources, [{ resource, devices: there }]);
  t.like(holdings[0], { podUid: 'one', container: 'main', ids: ['a'] });
  own.stop();
  await until(t, 'no device', () => b.allocatable() === '0');
  t.deepEqual(b.manager().inventory.resources[0]?.devices[0], { ...a, healthy: false });
});

test('devices that a plug-in names by CDI are passed on by their names', async (t) => {
  const b = await bench(t);
  await (await plugin(t, b.folder, { cdiKind: 'example.com/sample' })).register();
  await until(t, 'two devices', () => b.allocatable() === '2');
  t.deepEqual((await b.grant('one', 2))?.cdiDevices, [
    { name: 'example.com/sample=a' },
    { name: 'example.com/sample=b' },
  ]);
});

test('a plug-in chooses among the devices of the nodes that were set aside', async (t) => {
  const b = await bench(t);
  const devices = { a: 'Healthy', b: 'Healthy' } as const;
  const sample = await plugin(t, b.folder, { devices, numaNode: 0, prefersLast: true });
  await sample.register();
  await until(t, 'the devices to be there', () => b.allocatable() === '2');
  const own = pod('p', [asking(1)]);
  b.living.add('p');
  const [hints] = b.manager().hints(own, own.spec.containers[0]);
  t.deepEqual(hints, [{ affinity: 1, preferred: true }]);
  t.deepEqual(b.manager().hints(own), [hints], 'and so does the pod as a whole');
  b.manager().reserve(own, own.spec.containers[0] as Container, 1);
  t.deepEqual(
    b.manager().inventory.holdings.map(({ ids }) => ids),
    [['a']],
  );
  await b.grant('p', 1);
  t.deepEqual(sample.allocated, [['b']]);
  t.deepEqual(
    b.manager().inventory.holdings.map(({ ids }) => ids),
    [['b']],
  );
});
