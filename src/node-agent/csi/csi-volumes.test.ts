import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import {
  type CSIDriver,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type Pod,
  resources,
} from '../../api/index.ts';
import { seededRandom, silentLogger, type Timers } from '../../base/index.ts';
import { GrpcError, grpcCodes } from '../../grpc/index.ts';
import { attachableName, attachmentName } from '../../protocol/index.ts';
import { systemClock, systemTimers } from '../../platform/index.ts';
import { memoryApi, type MemoryApi } from '../api.fixture.ts';
import { stored } from '../objects.fixture.ts';
import { type DriverVolume, simulatedVolumeFiles, VolumeSetupError } from '../volumes/index.ts';
import type { CsiPorts } from './csi-ports.ts';
import { CsiVolumes } from './csi-volumes.ts';
import { DriverInMemory } from './driver.fixture.ts';
import { VolumeRecords } from './volume-records.ts';
import { volumeStats } from './volume-stats.ts';

const driverName = 'd.example';
/** Records are synced each; in memory that costs nothing. */
const quickFolder = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
/** Waits of the code are short here. */
const hasty: Timers = {
  after: (ms, call) => systemTimers.after(ms / 100, call),
  every: (ms, call) => systemTimers.every(ms / 100, call),
};

interface Rig {
  readonly root: string;
  readonly api: MemoryApi;
  readonly driver: DriverInMemory;
  readonly ports: CsiPorts;
  readonly events: string[];
  isRegistered: boolean;
  /** An agent's life: the one before ends. */
  start(): Promise<CsiVolumes>;
}

function rig(t: ExecutionContext, spec: Partial<CSIDriver['spec']> = { attachRequired: false }): Rig {
  const root = mkdtempSync(join(quickFolder, 'troupe-csi-'));
  const api = memoryApi();
  const driver = new DriverInMemory();
  const events: string[] = [];
  api.put(resources.csiDrivers, {
    metadata: { name: driverName },
    spec: { volumeLifecycleModes: ['Persistent', 'Ephemeral'], ...spec },
  });
  const ports: CsiPorts = {
    client: api.client,
    view: api.view,
    config: {
      configMap: () => Promise.resolve(undefined),
      configMapTexts: () => Promise.resolve(undefined),
      secret: (namespace, name) =>
        Promise.resolve(name === 'key' ? { user: Buffer.from(`u of ${namespace}`) } : undefined),
    },
    tokens: {
      token: () => Promise.resolve(`h.${Buffer.from('{"exp":1}').toString('base64url')}.s`),
      forget: () => undefined,
    },
    files: simulatedVolumeFiles(),
    run: (command, args) => {
      const path = args.at(-1) ?? '';
      if (command === 'umount') driver.mounts.delete(path);
      if (command === 'rm') rmSync(path, { force: true, recursive: true });
      return Promise.resolve('');
    },
    mounted: (path) => Promise.resolve(driver.mounts.has(path)),
    event: (_pod, { reason }) => events.push(reason),
    clock: systemClock,
    timers: hasty,
    log: silentLogger,
  };
  let running: CsiVolumes | undefined;
  t.teardown(() => {
    running?.close();
    rmSync(root, { recursive: true, force: true });
  });
  const made: Rig = {
    root,
    api,
    driver,
    ports,
    events,
    isRegistered: true,
    start: async () => {
      running?.close();
      // A process that ends takes what it was doing with it.
      await settled(() => !driver.isBusy);
      await new Promise<void>((resolve) => {
        systemTimers.after(30, resolve);
      });
      const records = await VolumeRecords.open(join(root, 'csi-volumes'), silentLogger);
      running = new CsiVolumes(ports, {
        node: 'n',
        root,
        records,
        inUseChanged: () => undefined,
        drivers: {
          has: () => made.isRegistered,
          service: () => {
            if (!made.isRegistered) throw new VolumeSetupError('not registered');
            return driver.service;
          },
        },
      });
      return running;
    },
  };
  return made;
}

function addPod({ api }: Pick<Rig, 'api'>, name: string, group?: number): Pod {
  return api.put(resources.pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'ns', uid: name },
    spec: { nodeName: 'n', serviceAccountName: 'sa', containers: [], securityContext: { fsGroup: group } },
  }) as Pod;
}

function claimed(
  handle: string,
  spec: object = {},
  claimStatus: object = {},
): Extract<DriverVolume, { type: 'claim' }> {
  return {
    type: 'claim',
    readOnly: false,
    claim: stored<PersistentVolumeClaim>({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: `c-${handle}`, namespace: 'ns' },
      spec: {},
      status: claimStatus,
    }),
    volume: stored<PersistentVolume>({
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: `pv-${handle}` },
      spec: {
        accessModes: ['ReadWriteOnce'],
        csi: { driver: driverName, volumeHandle: handle, volumeAttributes: { a: 'b' } },
        ...spec,
      },
    }),
  };
}

test('a volume is staged once for the pods of a node, and stays until the last of them is over', async (t) => {
  const { start, driver, api, root } = rig(t);
  const volumes = await start();
  for (const name of ['a', 'b']) await volumes.mount(addPod({ api }, name), 'v', claimed('h'));
  t.deepEqual(driver.calls, ['stage h', 'publish h', 'publish h']);
  await volumes.release('a');
  t.deepEqual(driver.calls.slice(3), ['unpublish h']);
  t.true(driver.staged.has('h'));
  await volumes.release('b');
  await settled(() => driver.staged.size === 0);
  t.deepEqual(driver.calls.slice(4), ['unpublish h', 'unstage h']);
  t.deepEqual([...driver.mounts], []);
  t.deepEqual(readdirSync(join(root, 'pods')), [], 'no folder of a pod stays');
});

async function settled(done: () => boolean): Promise<void> {
  for (let i = 0; i < 10_000 && !done(); i++)
    await new Promise<void>((resolve) => {
      systemTimers.after(2, resolve);
    });
  if (!done()) throw new Error('it did not happen within 20 s');
}

test('an agent that starts again touches nothing of a pod that runs, and ends what a former pod left', async (t) => {
  const { start, driver, api } = rig(t);
  const first = await start();
  const runs = addPod({ api }, 'runs');
  await first.mount(runs, 'v', claimed('h'));
  await first.mount(addPod({ api }, 'went'), 'v', claimed('i'));
  api.remove(resources.pods, 'ns', 'went');
  const before = driver.calls.length;
  const second = await start();
  second.reclaim(new Set(['runs']));
  t.regex((await second.mount(runs, 'v', claimed('h'))).path, /pods\/runs\/volumes\/kubernetes.io~csi\/pv-h\/mount$/);
  await settled(() => !driver.staged.has('i'));
  t.deepEqual(driver.calls.slice(before), ['unpublish i', 'unstage i']);
  t.true(driver.staged.has('h'));
});

test('a record that cannot be read is put aside, and its pod has its volume all the same', async (t) => {
  const made = rig(t);
  const pod = addPod(made, 'a');
  const first = await made.start();
  await first.mount(pod, 'v', claimed('h'));
  for (const [i, text] of ['', '{"type":', 'null', '[]', '{"type":"staged"}'].entries()) {
    const folder = join(made.root, 'csi-volumes');
    writeFileSync(join(folder, 'a.v.json'), text);
    const volumes = await made.start();
    volumes.reclaim(new Set(['a']));
    const { path } = await volumes.mount(pod, 'v', claimed('h'));
    t.true(made.driver.mounts.has(path));
    t.true(existsSync(join(folder, 'a.v.json.broken')), String(i));
    rmSync(join(folder, 'a.v.json.broken'));
  }
  const last = await made.start();
  await last.release('a');
  await settled(() => made.driver.staged.size === 0);
  t.deepEqual([...made.driver.mounts], []);
});

test('a driver that hangs with one volume holds up no other, and the pod is told in the end', async (t) => {
  const { start, driver, api } = rig(t);
  const volumes = await start();
  let end: () => void = () => undefined;
  driver.mishap = (_method, volume) =>
    volume === 'stuck'
      ? new Promise((resolve) => {
          end = () => resolve('fail-before');
        })
      : undefined;
  const stuck = volumes.mount(addPod({ api }, 'a'), 'v', claimed('stuck'));
  await volumes.mount(addPod({ api }, 'b'), 'v', claimed('fine'));
  end();
  const error = await t.throwsAsync(stuck, { instanceOf: VolumeSetupError });
  t.is(error?.message, 'rpc error: code = Internal desc = stage fails');
});

test('a driver that lies about an end is seen through, and one that is absent is waited for', async (t) => {
  const made = rig(t);
  const volumes = await made.start();
  const { driver } = made;
  await volumes.mount(addPod(made, 'a'), 'v', claimed('h'));
  driver.mishap = (method) => (method === 'unpublish' ? 'lie' : undefined);
  made.isRegistered = false;
  const released = volumes.release('a');
  t.true(driver.mounts.size > 0);
  made.isRegistered = true;
  await released;
  t.false([...driver.mounts].some((path) => path.includes('/pods/')));
});

test('a driver that only says that it mounts is seen through; a volume that it lost is staged again', async (t) => {
  const made = rig(t);
  const { driver } = made;
  const volumes = await made.start();
  driver.mishap = (method) => (method === 'publish' ? 'lie' : undefined);
  await t.throwsAsync(volumes.mount(addPod(made, 'a'), 'v', claimed('h')), {
    instanceOf: VolumeSetupError,
    message: /says that the volume pv-h is published, and nothing is mounted at .*mountPropagation/,
  });
  driver.mishap = () => undefined;
  // A driver that starts again may know nothing of a device that it staged.
  await volumes.mount(addPod(made, 'b'), 'v', claimed('i', { volumeMode: 'Block' }));
  driver.staged.clear();
  const again = claimed('i', { volumeMode: 'Block' });
  await t.throwsAsync(volumes.mount(addPod(made, 'c'), 'v', again), { message: /i is not staged/ });
  await volumes.mount(addPod(made, 'c'), 'v', again);
  t.true(driver.staged.has('i'));
});

test('a pod that goes while its volume is not attached stops waiting', async (t) => {
  const { start, api } = rig(t, { attachRequired: true });
  const volumes = await start();
  const pod = addPod({ api }, 'a');
  const waiting = volumes.mount(pod, 'v', claimed('h'));
  await settled(() => volumes.inUse.length === 1);
  api.put(resources.pods, { ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } });
  await t.throwsAsync(waiting, { message: /is not wanted any more/ });
  t.deepEqual(volumes.inUse, []);
});

test('an attachable volume is mounted once the node shows it in use and attached', async (t) => {
  const { start, api, driver } = rig(t, {});
  const volumes = await start();
  const name = attachableName(driverName, 'h');
  const mounted = volumes.mount(addPod({ api }, 'a'), 'v', claimed('h'));
  api.put(resources.volumeAttachments, {
    metadata: { name: attachmentName(driverName, 'h', 'n') },
    status: { attached: true, attachmentMetadata: { lun: '3' } },
  });
  const show = (volumesInUse: readonly string[]): void => {
    api.put(resources.nodes, {
      metadata: { name: 'n' },
      status: { volumesInUse, volumesAttached: [{ name, devicePath: '' }] },
    });
  };
  show([]);
  await settled(() => volumes.inUse.includes(name));
  t.deepEqual(driver.calls, []);
  show([name]);
  await mounted;
  t.like(driver.requests[0], { publishContext: { lun: '3' }, volumeContext: { a: 'b' } });
  t.deepEqual(volumes.inUse, [name]);
  await volumes.release('a');
  await settled(() => volumes.inUse.length === 0);
  t.pass();
});

test('a driver gets secrets, the pod and tokens as its CSIDriver asks; an inline volume is never staged', async (t) => {
  const { start, api, driver } = rig(t, {
    podInfoOnMount: true,
    tokenRequests: [{ audience: 'vault' }],
    attachRequired: true,
  });
  const volumes = await start();
  const source = {
    driver: driverName,
    volumeAttributes: { x: 'y' },
    nodePublishSecretRef: { name: 'key' },
    readOnly: true,
  };
  await volumes.mount(addPod({ api }, 'a'), 'v', { type: 'inline', source });
  t.is(driver.requests.length, 1);
  const token = { token: 'h.eyJleHAiOjF9.s', expirationTimestamp: '1970-01-01T00:00:01Z' };
  const tokens = JSON.stringify({ vault: token });
  t.like(driver.requests[0], {
    secrets: { user: 'u of ns' },
    readonly: true,
    volumeContext: {
      x: 'y',
      'csi.storage.k8s.io/pod.name': 'a',
      'csi.storage.k8s.io/serviceAccount.name': 'sa',
      'csi.storage.k8s.io/ephemeral': 'true',
      'csi.storage.k8s.io/serviceAccount.tokens': tokens,
    },
  });
  const missing = volumes.mount(addPod({ api }, 'b'), 'v', {
    type: 'inline',
    source: { ...source, nodePublishSecretRef: { name: 'none' } },
  });
  await t.throwsAsync(missing, { message: 'failed to get secrets: secret "ns/none" not found' });
});

test('a volume that grew is grown on the node, and its claim says so', async (t) => {
  const { start, api, driver, events } = rig(t);
  const volumes = await start();
  const source = claimed(
    'h',
    { capacity: { storage: '2Gi' } },
    { capacity: { storage: '1Gi' }, conditions: [{ type: 'FileSystemResizePending', status: 'True' }] },
  );
  api.put(resources.persistentVolumeClaims, source.claim);
  api.put(resources.persistentVolumes, source.volume);
  await volumes.mount(addPod({ api }, 'a'), 'v', source);
  t.true(driver.calls.includes('expand h'));
  t.like(api.get<PersistentVolumeClaim>(resources.persistentVolumeClaims, 'ns', 'c-h'), {
    status: { capacity: { storage: '2Gi' }, conditions: [] },
  });
  t.deepEqual(events, ['FileSystemResizeSuccessful']);
  const stats = await volumeStats({ has: () => true, service: () => driver.service }, volumes.published('a'), 0);
  t.like(stats[0], { name: 'v', pvcRef: { name: 'c-h', namespace: 'ns' }, capacityBytes: 10, usedBytes: 4 });
});

test('a volume that cannot be looked at keeps no other of its pod from growing', async (t) => {
  const { start, api, driver, ports } = rig(t);
  // Nothing is looked at in the first seconds.
  const monotonic = (): number => systemClock.monotonic() + 60_000;
  Object.assign(ports, { clock: { now: () => systemClock.now(), monotonic } });
  const volumes = await start();
  const pod = addPod({ api }, 'a');
  for (const handle of ['gone', 'h']) await volumes.mount(pod, handle, claimed(handle));
  const grown = claimed('h', { capacity: { storage: '2Gi' } }, { capacity: { storage: '1Gi' } });
  api.put(resources.persistentVolumeClaims, grown.claim);
  api.put(resources.persistentVolumes, grown.volume);
  await t.throwsAsync(volumes.refresh(pod), { message: /c-gone/ });
  t.true(driver.calls.includes('expand h'));
});

test('a driver that refuses to stage is not asked to take away what it never had', async (t) => {
  const { start, api, driver } = rig(t);
  const volumes = await start();
  const codes = { final: grpcCodes.invalidArgument, open: grpcCodes.deadlineExceeded };
  for (const [handle, code] of Object.entries(codes)) {
    driver.mishap = () => Promise.reject(new GrpcError(code, 'no'));
    await t.throwsAsync(volumes.mount(addPod({ api }, handle), 'v', claimed(handle)), { message: /desc = no$/ });
    driver.mishap = () => undefined;
    await volumes.release(handle);
  }
  await settled(() => driver.calls.includes('unstage open'));
  t.deepEqual(driver.calls, ['stage final', 'stage open', 'unstage open']);
});

test('a size that the driver cannot give is told to the claim, and not asked for again', async (t) => {
  const { start, api, driver, events } = rig(t);
  const volumes = await start();
  const allocatedResourceStatuses = { storage: 'NodeResizePending' };
  const source = claimed(
    'h',
    { capacity: { storage: '2Gi' } },
    { capacity: { storage: '1Gi' }, allocatedResourceStatuses },
  );
  api.put(resources.persistentVolumeClaims, source.claim);
  api.put(resources.persistentVolumes, source.volume);
  const status = (): PersistentVolumeClaim['status'] | undefined =>
    api.get<PersistentVolumeClaim>(resources.persistentVolumeClaims, 'ns', 'c-h')?.status;
  driver.mishap = (method) => {
    if (method !== 'expand') return undefined;
    t.deepEqual(status()?.allocatedResourceStatuses, { storage: 'NodeResizeInProgress' });
    return Promise.reject(new GrpcError(grpcCodes.outOfRange, 'too much'));
  };
  const pod = addPod({ api }, 'a');
  await t.throwsAsync(volumes.mount(pod, 'v', source), { message: /too much/ });
  t.like(status(), {
    capacity: { storage: '1Gi' },
    allocatedResourceStatuses: { storage: 'NodeResizeInfeasible' },
    conditions: [{ type: 'NodeResizeError', status: 'True' }],
  });
  await volumes.mount(pod, 'v', source);
  t.is(driver.calls.filter((call) => call === 'expand h').length, 1);
  t.deepEqual(events, []);
});

test('a block volume has its own places, and its record is on disk before the driver is called', async (t) => {
  const { start, api, driver, root } = rig(t);
  const volumes = await start();
  let recorded = false;
  driver.mishap = (method) => {
    if (method === 'publish') recorded = existsSync(join(root, 'csi-volumes', 'a.v.json'));
    return undefined;
  };
  const { path, block } = await volumes.mount(addPod({ api }, 'a'), 'v', claimed('h', { volumeMode: 'Block' }));
  t.true(recorded);
  t.true(block);
  t.is(path, join(root, 'plugins/kubernetes.io/csi/volumeDevices/publish/pv-h/a'));
  t.like(driver.requests[0], { volumeCapability: { block: {}, accessMode: { mode: 'SINGLE_NODE_WRITER' } } });
  t.is(statSync(join(root, 'csi-volumes')).mode & 0o777, 0o700);
});

/** What a day on a node brings. */
type Step =
  | { readonly do: 'mount' | 'release'; readonly pod: number; readonly volume: number }
  | { readonly do: 'restart' };

const steps = fc.array(
  fc.oneof(
    fc.record({ do: fc.constantFrom('mount' as const, 'release' as const), pod: fc.nat(3), volume: fc.nat(2) }),
    fc.record({ do: fc.constant('restart' as const) }),
  ),
  { maxLength: 12 },
);

test('whatever fails and whoever dies, nothing is left mounted after the end', async (t) => {
  await fc.assert(
    fc.asyncProperty(steps, fc.integer(), async (day: readonly Step[], seed) => {
      const made = rig(t);
      const { driver } = made;
      const random = seededRandom(seed);
      driver.mishap = () => {
        const chance = random.fraction();
        return chance < 0.15 ? 'fail-before' : chance < 0.3 ? 'fail-after' : chance < 0.4 ? 'lie' : undefined;
      };
      let volumes = await made.start();
      const uses = new Set<string>();
      for (const step of day) {
        if (step.do === 'restart') {
          volumes = await made.start();
          volumes.reclaim(new Set([...uses].map((use) => use.split('/')[0] ?? '')));
          continue;
        }
        const pod = `p${step.pod}`;
        if (step.do === 'release') {
          for (const use of uses) if (use.startsWith(`${pod}/`)) uses.delete(use);
          await volumes.release(pod);
          if ([...driver.mounts].some((path) => path.includes(`/pods/${pod}/`))) return false;
          continue;
        }
        uses.add(`${pod}/${step.volume}`);
        await volumes.mount(addPod(made, pod), `v${step.volume}`, claimed(`h${step.volume}`)).then(
          ({ path }) => t.true(driver.mounts.has(path), 'a volume that is ready is mounted'),
          (error: unknown) => {
            if (!(error instanceof VolumeSetupError)) throw error;
          },
        );
      }
      driver.mishap = () => undefined;
      for (const pod of ['p0', 'p1', 'p2', 'p3']) await volumes.release(pod);
      // A driver that lied about an unstage may still believe in it; the machine is what counts.
      await settled(() => driver.mounts.size === 0 && readdirSync(join(made.root, 'csi-volumes')).length === 0);
      t.deepEqual(driver.breaches, []);
      return true;
    }),
    { numRuns: 10 },
  );
  t.pass();
});
