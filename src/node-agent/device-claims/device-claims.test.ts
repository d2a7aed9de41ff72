import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type Container, type Pod, type ResourceClaim, type ResourceSlice, resources } from '../../api/index.ts';
import { silentLogger } from '../../base/index.ts';
import { claimTable, parseTable, serveGrpc } from '../../grpc/index.ts';
import { systemClock, systemTimers } from '../../platform/index.ts';
import { memoryApi, type MemoryApi } from '../api.fixture.ts';
import { stored } from '../objects.fixture.ts';
import type { ResourceClient } from '../../resources/index.ts';
import { ClaimDrivers } from './claim-drivers.ts';
import { NodeClaims } from './node-claims.ts';

const driver = 'd.example';
const claims = resources.resourceClaims;

interface Request {
  readonly claims: readonly { readonly uid: string; readonly name: string }[];
}

/** A driver at a real socket, with one device for each claim. */
class Driver {
  readonly calls: string[] = [];
  /** Why it fails. */
  problem = '';
  hangs = false;
  #server: { close(): void } | undefined;

  async start(socket: string): Promise<void> {
    const handler = (method: string) => async (request: Request) => {
      const [claim] = request.claims;
      this.calls.push(`${method} ${claim?.name ?? ''}`);
      if (this.hangs) await new Promise(() => undefined);
      const devices = [
        { requestNames: ['r'], poolName: 'p', deviceName: 'a', cdiDeviceIds: [`${driver}/k=a`] },
        { requestNames: ['s/alternative'], poolName: 'p', deviceName: 'b', cdiDeviceIds: [`${driver}/k=b`] },
      ];
      const value = this.problem === '' ? { devices: method === 'prepare' ? devices : [] } : { error: this.problem };
      return { claims: [{ key: claim?.uid ?? '', value }] };
    };
    this.#server = await serveGrpc(socket, [
      {
        schema: parseTable(claimTable),
        service: 'DRAPlugin',
        handlers: {
          NodePrepareResources: handler('prepare'),
          NodeUnprepareResources: handler('unprepare'),
        } as never,
      },
    ]);
  }

  stop(): void {
    this.#server?.close();
  }
}

const podOf = (uid: string): Pod =>
  stored<Pod>({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: uid, namespace: 'ns', uid },
    spec: { containers: [], resourceClaims: [{ name: 'gpu', resourceClaimName: 'c' }] },
    status: {},
  });
const container = (request?: string): Container =>
  stored<Container>({ name: 'main', resources: { claims: [{ name: 'gpu', request }] } });

function claimFor(...uids: readonly string[]): ResourceClaim {
  return stored<ResourceClaim>({
    apiVersion: 'resource.k8s.io/v1beta1',
    kind: 'ResourceClaim',
    metadata: { name: 'c', namespace: 'ns', uid: 'claim' },
    spec: {},
    status: {
      allocation: {
        devices: {
          results: [
            { request: 'r', driver, pool: 'p', device: 'a' },
            { request: 's/alternative', driver, pool: 'p', device: 'b' },
          ],
        },
      },
      reservedFor: uids.map((uid) => ({ resource: 'pods', name: uid, uid })),
    },
  });
}

interface Bench {
  readonly api: MemoryApi;
  readonly partner: Driver;
  readonly file: string;
  claims: NodeClaims;
  /** Another agent over the same disk. */
  restart(): Promise<NodeClaims>;
  register(): Promise<void>;
}

async function bench(t: ExecutionContext, callMs = 30_000): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-claims-'));
  const api = memoryApi();
  const partner = new Driver();
  await partner.start(join(folder, 'dra.sock'));
  const file = join(folder, 'state', 'claims.json');
  const ports = { client: api.client, clock: systemClock, timers: systemTimers, log: silentLogger };
  const open = (): Promise<NodeClaims> => NodeClaims.open(ports, { node: 'n', file, callMs });
  const made: Bench = {
    api,
    partner,
    file,
    claims: await open(),
    restart: async () => {
      made.claims.close();
      made.claims = await open();
      return made.claims;
    },
    register: () =>
      made.claims.handler.add({
        type: 'DRAPlugin',
        name: driver,
        endpoint: join(folder, 'dra.sock'),
        supportedVersions: ['v1beta1.DRAPlugin'],
      }),
  };
  t.teardown(() => {
    made.claims.close();
    partner.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return made;
}

test('devices are prepared once, given to containers by request, and given back with the last pod', async (t) => {
  const b = await bench(t);
  b.api.put(claims, claimFor('p', 'q'));
  await b.register();
  await b.claims.prepare(podOf('p'));
  await b.claims.prepare(podOf('p'));
  await b.claims.prepare(podOf('q'));
  t.deepEqual(b.partner.calls, ['prepare c']);
  t.deepEqual(b.claims.grant(podOf('p'), container()), [`${driver}/k=a`, `${driver}/k=b`]);
  t.deepEqual(b.claims.grant(podOf('p'), container('r')), [`${driver}/k=a`]);
  t.deepEqual(b.claims.grant(podOf('q'), container('s')), [`${driver}/k=b`]);
  t.like(b.claims.held(podOf('q'), container('s')), [
    { entry: 'gpu', claim: 'c', devices: [{ driver, deviceName: 'b' }] },
  ]);
  t.deepEqual(b.claims.grant(podOf('q'), stored<Container>({ name: 'x' })), []);
  t.throws(() => b.claims.grant(podOf('other'), container()), {
    message: 'the devices of claim "gpu" are not prepared',
  });
  await b.claims.release('p');
  t.deepEqual(b.partner.calls, ['prepare c']);
  await b.claims.release('q');
  t.deepEqual(b.partner.calls, ['prepare c', 'unprepare c']);
  await b.claims.release('q');
  t.is(b.partner.calls.length, 2);
});

/** What the API has, and why a pod waits. */
const refusals: readonly (readonly [what: string, claim: ResourceClaim | undefined, problem: RegExp])[] = [
  ['is not there', undefined, /not found/],
  ['is not reserved for the pod', claimFor('q'), /ResourceClaim c is not reserved for the pod/],
  ['has no devices', { ...claimFor('p'), status: {} }, /ResourceClaim c is not reserved for the pod/],
];
for (const [what, claim, message] of refusals)
  test(`a pod waits whose claim ${what}`, async (t) => {
    const b = await bench(t);
    if (claim !== undefined) b.api.put(claims, claim);
    await b.register();
    await t.throwsAsync(b.claims.prepare(podOf('p')), { message });
    t.deepEqual(b.partner.calls, []);
  });

test('a driver that hangs holds up its own pods, for so long and no longer', async (t) => {
  const b = await bench(t, 300);
  b.api.put(claims, claimFor('p'));
  await b.register();
  b.partner.hangs = true;
  await t.throwsAsync(b.claims.prepare(podOf('p')), { message: /deadline/i });
});

test('a driver that is away or fails is named, and the pod can be tried again', async (t) => {
  const b = await bench(t);
  b.api.put(claims, claimFor('p'));
  await t.throwsAsync(b.claims.prepare(podOf('p')), {
    message: /^cannot prepare the devices of claim "gpu": DRA driver d.example is not registered on the node/,
  });
  await b.register();
  b.partner.problem = 'no power';
  await t.throwsAsync(b.claims.prepare(podOf('p')), { message: 'cannot prepare the devices of claim "gpu": no power' });
  b.partner.problem = '';
  await b.claims.prepare(podOf('p'));
  t.deepEqual(b.claims.grant(podOf('p'), container('r')), [`${driver}/k=a`]);
});

test('an agent that starts again knows what is prepared, without API and driver', async (t) => {
  const b = await bench(t);
  b.api.put(claims, claimFor('p'));
  await b.register();
  await b.claims.prepare(podOf('p'));
  b.api.remove(claims, 'ns', 'c');
  const again = await b.restart();
  await again.prepare(podOf('p'));
  t.deepEqual(again.grant(podOf('p'), container('r')), [`${driver}/k=a`]);
  t.deepEqual(b.partner.calls, ['prepare c']);
});

test('what pods left that went while there was no agent is given back, once the driver is there', async (t) => {
  const b = await bench(t);
  b.api.put(claims, claimFor('p', 'q'));
  await b.register();
  await b.claims.prepare(podOf('p'));
  const again = await b.restart();
  again.reclaim(new Set(['q']));
  const told: string[] = [];
  const released = again.release('p', (message) => told.push(message));
  await b.register();
  await released;
  t.deepEqual(b.partner.calls, ['prepare c', 'unprepare c']);
  again.reclaim(new Set());
  t.is(readFileSync(b.file, 'utf8'), '{"claims":[]}');
});

test('a pod is told that its devices cannot be given back, and waits', async (t) => {
  const b = await bench(t);
  b.api.put(claims, claimFor('p'));
  await b.register();
  await b.claims.prepare(podOf('p'));
  b.partner.problem = 'busy';
  const told: string[] = [];
  const released = b.claims.release('p', (message) => {
    told.push(message);
    b.partner.problem = '';
  });
  await released;
  t.deepEqual(told, ['cannot give back the devices of claim c: busy']);
  t.deepEqual(b.partner.calls, ['prepare c', 'unprepare c', 'unprepare c']);
});

test('a file that cannot be read is put aside', async (t) => {
  const b = await bench(t);
  writeFileSync(b.file, '{"claims":[{}]}');
  const again = await b.restart();
  t.throws(() => again.grant(podOf('p'), container()), { message: /not prepared/ });
  t.is(readFileSync(`${b.file}.broken`, 'utf8'), '{"claims":[{}]}');
});

test('a driver of another version is told so', async (t) => {
  const b = await bench(t);
  const plugin = { type: 'DRAPlugin', name: driver, endpoint: 'x', supportedVersions: ['v1.DRAPlugin'] };
  await t.throwsAsync(b.claims.handler.add(plugin), {
    message: 'd.example supports v1.DRAPlugin; this node speaks v1beta1.DRAPlugin',
  });
});

test('the slices of a driver that has gone are removed once it has not come back', async (t) => {
  const alarms: { readonly ms: number; readonly call: () => void }[] = [];
  const removed: unknown[] = [];
  const slice = stored<ResourceSlice>({
    apiVersion: 'resource.k8s.io/v1beta1',
    kind: 'ResourceSlice',
    metadata: { name: 's' },
    spec: { driver: 'former.example', pool: { name: 'p' } },
  });
  const client = {
    list: () => Promise.resolve({ items: [slice], resourceVersion: '1' }),
    deleteCollection: ({ fieldSelector }: { readonly fieldSelector?: string }) => {
      removed.push(fieldSelector);
      return Promise.resolve();
    },
  } as Partial<ResourceClient> as ResourceClient;
  const timers = {
    ...systemTimers,
    after: (ms: number, call: () => void) => {
      alarms.push({ ms, call });
      return { cancel: () => undefined };
    },
  };
  const drivers = new ClaimDrivers({ client, clock: systemClock, timers, log: silentLogger }, { node: 'n' });
  const plugin = { type: 'DRAPlugin', name: driver, endpoint: 'x', supportedVersions: ['v1beta1.DRAPlugin'] };
  const ring = async (): Promise<void> => {
    alarms.shift()?.call();
    await new Promise((resolve) => setImmediate(resolve));
  };
  drivers.open();
  await drivers.add(plugin);
  await ring();
  t.deepEqual(removed, ['spec.nodeName=n,spec.driver=former.example']);
  drivers.remove(driver);
  await drivers.add(plugin);
  await ring();
  t.is(removed.length, 1);
  drivers.remove(driver);
  await ring();
  t.is(removed[1], `spec.nodeName=n,spec.driver=${driver}`);
});
