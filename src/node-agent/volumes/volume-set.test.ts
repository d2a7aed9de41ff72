import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { Container, New, PersistentVolume, Pod, PodSpec } from '../../api/index.ts';
import { CommandError } from '../network/index.ts';
import { stored } from '../objects.fixture.ts';
import { type ConfigData, diskVolumeFiles, prepareVolumes, simulatedVolumeFiles, VolumeSetupError } from './index.ts';
import { projectedFiles } from './projection.ts';
import { containerMounts, refreshVolumes } from './volume-set.ts';

/** Whose containers mount all volumes, where they do not say themselves what they mount. */
const pod = ({ containers = [{ name: 'a' }, { name: 'b' }], ...spec }: Partial<New<PodSpec>>): Pod => {
  const volumeMounts = (spec.volumes ?? []).map(({ name }) => ({ name, mountPath: `/${name}` }));
  return stored<Pod>({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop', uid: 'u' },
    spec: { ...spec, containers: containers.map((each) => ({ volumeMounts, ...each })) },
  });
};
const factsOf = (spec: New<PodSpec>): Parameters<typeof projectedFiles>[0] => ({
  pod: pod(spec),
  podIps: ['10.244.0.2'],
  hostIps: ['192.0.2.2'],
  allocatable: {},
});

/** Where a container's volume is mounted from. */
async function mountOf(
  subPathExpr: string,
  environment: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const volumeMounts = [{ name: 'data', mountPath: '/data', subPathExpr }];
  const container: Container = { name: 'main', resources: {}, volumeMounts };
  const mounts = await containerMounts(simulatedVolumeFiles(), {
    container,
    volumes: new Map([['data', { path: '/volume', readOnly: false }]]),
    environment: new Map(Object.entries(environment)),
    folder: '/pod',
    terminationLog: '/pod/log',
  });
  return mounts[0]?.source;
}

test('a subPathExpr is expanded, and one that leads elsewhere or lacks a value fails', async (t) => {
  t.is(await mountOf('$(NAME)/logs', { NAME: 'web' }), '/pod/sub-paths/main/0');
  const fails = (expression: string, value: string, message: RegExp): Promise<unknown> =>
    t.throwsAsync(mountOf(expression, { NAME: value }), { instanceOf: VolumeSetupError, message });
  await fails('$(NAME)', '/tmp', /SubPath `\/tmp` must not be an absolute path/);
  await fails('$(NAME)', '..', /must not contain '\.\.'/);
  await fails('a/$(NAME)', '../../etc', /must not contain '\.\.'/);
  await fails('$(OTHER)', 'web', /missing value for "OTHER"/);
});

test('an image is made present and mounted read-only as it is; one that cannot be says why', async (t) => {
  const spec: New<PodSpec> = {
    volumes: [{ name: 'models', image: { reference: 'models:1', pullPolicy: 'Never' } }],
  };
  const wished: unknown[] = [];
  const ports = { files: simulatedVolumeFiles() } as unknown as Parameters<typeof prepareVolumes>[0];
  const images = (source: unknown): Promise<string> => {
    wished.push(source);
    return Promise.resolve('sha256:m');
  };
  const volumes = await prepareVolumes({ ...ports, images }, factsOf(spec), '/pod');
  t.deepEqual(wished, [{ reference: 'models:1', pullPolicy: 'Never' }]);
  const container: Container = { name: 'a', resources: {}, volumeMounts: [{ name: 'models', mountPath: '/m' }] };
  const own = {
    container,
    volumes,
    environment: new Map<string, string>(),
    folder: '/pod',
    terminationLog: '/pod/log',
  };
  t.like((await containerMounts(ports.files, own))[0], {
    source: 'sha256:m',
    target: '/m',
    readOnly: true,
    image: true,
  });
  const failing = { ...ports, images: () => Promise.reject(new VolumeSetupError('ErrImageNeverPull: no such image')) };
  await t.throwsAsync(prepareVolumes(failing, factsOf(spec), '/pod'), {
    message: 'MountVolume.SetUp failed for volume "models" : ErrImageNeverPull: no such image',
  });
});

const tokenVolume = {
  name: 'v',
  projected: { sources: [{ serviceAccountToken: { path: 'token' } }] },
};

test("a token belongs to the user of all containers, or may be read by the pod's group", async (t) => {
  const token = async (spec: New<PodSpec>): Promise<[number | undefined, number | undefined]> => {
    const sources = {
      configMap: () => Promise.resolve(undefined),
      secret: () => Promise.resolve(undefined),
      token: () => Promise.resolve('token'),
    };
    const file = (await projectedFiles(factsOf(spec), tokenVolume, sources)).get('token');
    return [file?.mode, file?.user];
  };
  const as = (runAsUser: number): object => ({ securityContext: { runAsUser } });
  t.deepEqual(await token({}), [0o644, undefined]);
  t.deepEqual(await token(as(1000)), [0o600, 1000]);
  t.deepEqual(
    await token({
      containers: [
        { name: 'a', ...as(1000) },
        { name: 'b', ...as(1000) },
      ],
    }),
    [0o600, 1000],
  );
  t.deepEqual(
    await token({
      containers: [
        { name: 'a', ...as(1000) },
        { name: 'b', ...as(2000) },
      ],
    }),
    [0o644, undefined],
  );
  t.deepEqual(await token({ securityContext: { fsGroup: 10 } }), [0o600, undefined]);
});

const asRoot = process.getuid?.() === 0 ? test : test.skip;
if (process.getuid?.() !== 0) console.log('a test of volumes is skipped: groups need root');

asRoot('an emptyDir is for every user, who cannot remove what others made in it', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-volumes-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  const mode = async (name: string, spec: New<PodSpec>): Promise<string> => {
    const ports = { files: diskVolumeFiles(() => Promise.resolve('')) } as Parameters<typeof prepareVolumes>[0];
    await prepareVolumes(ports, factsOf({ ...spec, volumes: [{ name, emptyDir: {} }] }), folder);
    return (statSync(join(folder, 'volumes', name)).mode & 0o7777).toString(8);
  };
  t.is(await mode('plain', {}), '1777');
  t.is(await mode('grouped', { securityContext: { fsGroup: 10 } }), '3777');
});

test('a folder in memory holds no more than its limit, than its pod may use, or than pods have at all', async (t) => {
  const size = async (limit: string | undefined, sizeLimit: string | undefined): Promise<number | undefined> => {
    let given: number | undefined;
    const files = {
      ...simulatedVolumeFiles(),
      mountMemory: (_path: string, bytes: number | undefined): Promise<void> => {
        given = bytes;
        return Promise.resolve();
      },
    };
    const containers = [{ name: 'a', ...(limit === undefined ? {} : { resources: { limits: { memory: limit } } }) }];
    const volumes = [{ name: 'v', emptyDir: { medium: 'Memory', sizeLimit } }];
    const facts = { ...factsOf({ containers, volumes }), allocatable: { memory: '1Gi' } };
    await prepareVolumes({ files } as unknown as Parameters<typeof prepareVolumes>[0], facts, '/pod');
    return given;
  };
  t.is(await size(undefined, undefined), 2 ** 30);
  t.is(await size('64Mi', undefined), 64 * 2 ** 20);
  t.is(await size('64Mi', '10Mi'), 10 * 2 ** 20);
  t.is(await size('64Mi', '100Mi'), 64 * 2 ** 20);
});

test("what fails of a claimed volume names the volume, not the pod's word for it", async (t) => {
  const ports = { ...boundTo({ local: { path: '/absent' } }), files: diskVolumeFiles(() => Promise.resolve('')) };
  await t.throwsAsync(prepareVolumes(ports, factsOf(claimed), '/pod'), {
    message: 'MountVolume.NewMounter initialization failed for volume "disk" : path "/absent" does not exist',
  });
});

type Ports = Parameters<typeof prepareVolumes>[0];

/** Ports of a cluster with one claim, which is bound to that volume. */
function boundTo(volume: New<PersistentVolume['spec']>, volumeMode?: string, metadata?: object): Ports {
  const claim = { metadata: { name: 'mine', uid: 'c', ...metadata }, spec: { volumeName: 'disk', volumeMode } };
  const object = { metadata: { name: 'disk' }, spec: { claimRef: { uid: 'c' }, ...volume } };
  const get = ({ resource }: { readonly resource: string }): Promise<unknown> =>
    Promise.resolve(resource === 'persistentvolumes' ? object : claim);
  return { files: simulatedVolumeFiles(), client: { get } } as unknown as Ports;
}

const claimed = { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'mine' } }] };

test('a volume that no container uses is not set up, and one of the other mode is refused', async (t) => {
  const set = (mode: string | undefined, container: Partial<New<Container>>): Promise<ReadonlyMap<string, unknown>> =>
    prepareVolumes(
      boundTo({ local: { path: '/data' } }, mode),
      factsOf({ ...claimed, containers: [{ name: 'a', ...container }] }),
      '/pod',
    );
  t.is((await set('Block', { volumeMounts: [] })).size, 0);
  await t.throwsAsync(set('Block', {}), {
    message: /volume v has volumeMode Block, but is specified in volumeMounts$/,
  });
  const device = { volumeMounts: [], volumeDevices: [{ name: 'v', devicePath: '/dev/v' }] };
  await t.throwsAsync(set(undefined, device), {
    message: /volume v has volumeMode Filesystem, but is specified in volumeDevices$/,
  });
});

test('a volume for one pod waits while another pod has it', async (t) => {
  const facts = { ...factsOf(claimed), takenClaims: new Set(['mine']) };
  const set = (accessModes: PersistentVolume['spec']['accessModes']): Promise<ReadonlyMap<string, unknown>> =>
    prepareVolumes(boundTo({ hostPath: { path: '/data' }, accessModes }), facts, '/pod');
  t.is((await set(['ReadWriteOnce', 'ReadWriteOncePod'])).size, 1, 'nobody knows which of them it wants');
  await t.throwsAsync(set(['ReadWriteOncePod']), {
    message:
      'MountVolume.SetUp failed for volume "disk" : ' +
      'volume uses the ReadWriteOncePod access mode and is already in use by another pod',
  });
});

test('a volume that another claim has, or nobody, is not given to a claim that only names it', async (t) => {
  const set = (claimRef: PersistentVolume['spec']['claimRef']): Promise<unknown> =>
    prepareVolumes(boundTo({ hostPath: { path: '/data' }, claimRef }), factsOf(claimed), '/pod');
  const message = 'MountVolume.SetUp failed for volume "disk" : persistentvolumeclaim "mine" is not bound';
  await t.throwsAsync(set({ uid: 'of another' }), { message });
  await t.throwsAsync(set(undefined), { message });
});

test("an ephemeral volume is not somebody else's claim of the same name", async (t) => {
  const template = { spec: { accessModes: ['ReadWriteOnce' as const], resources: {} } };
  const facts = factsOf({ volumes: [{ name: 'v', ephemeral: { volumeClaimTemplate: template } }] });
  const set = (metadata: object): Promise<ReadonlyMap<string, unknown>> =>
    prepareVolumes(boundTo({ hostPath: { path: '/data' } }, undefined, metadata), facts, '/pod');
  const owner = { apiVersion: 'v1', kind: 'Pod', name: 'web', uid: 'u', controller: true };
  t.is((await set({ ownerReferences: [owner] })).size, 1);
  await t.throwsAsync(set({}), {
    message:
      'MountVolume.SetUp failed for volume "v" : ' +
      'PVC shop/web-v was not created for pod shop/web (pod is not owner)',
  });
});

test('a PersistentVolume is mounted with its options, and what the mount says is told', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-volumes-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  const mountWith = async (run: Parameters<typeof diskVolumeFiles>[0], readOnly: boolean): Promise<void> => {
    const nfs = { server: 'files', path: '/data' };
    const ports = boundTo({ nfs, mountOptions: ['nfsvers=4.1', 'hard'] });
    const source = { claimName: 'mine', readOnly };
    const facts = factsOf({ volumes: [{ name: 'v', persistentVolumeClaim: source }] });
    await prepareVolumes({ ...ports, files: diskVolumeFiles(run) }, facts, folder);
  };
  const ran: string[] = [];
  const noted = (command: string, args: readonly string[]): Promise<string> => {
    ran.push([command, ...args].join(' '));
    return Promise.resolve('');
  };
  await mountWith(noted, false);
  await mountWith(noted, true);
  const place = join(folder, 'volumes', 'v');
  t.deepEqual(ran, [
    `mount -t nfs -o nfsvers=4.1,hard -- files:/data ${place}`,
    `mount -t nfs -o ro,nfsvers=4.1,hard -- files:/data ${place}`,
  ]);
  const refused = mountWith((command) => Promise.reject(new CommandError(command, 32, 'no route')), false);
  await t.throwsAsync(refused, { message: /^MountVolume\.SetUp failed for volume "disk" : .*no route/ });
});

test('a volume whose source is gone keeps no other from being brought up to date', async (t) => {
  const files = simulatedVolumeFiles();
  const configMap = (_namespace: string, name: string): Promise<ConfigData | undefined> =>
    Promise.resolve(name === 'there' ? { key: Buffer.from('new') } : undefined);
  const csi = { refresh: () => Promise.reject(new Error('the driver is away')) };
  const ports = { files, config: { configMap }, csi } as unknown as Ports;
  const volumes = ['gone', 'there'].map((name) => ({ name, configMap: { name } }));
  const error = await t.throwsAsync(refreshVolumes(ports, factsOf({ volumes }), '/pod'));
  t.is(error?.message, 'the driver is away; MountVolume.SetUp failed for volume "gone" : configmap "gone" not found');
  t.deepEqual([...files.projections.keys()], ['/pod/volumes/there']);
});

test("a local volume is given to the pod's group, unless the pod may only read it", async (t) => {
  const given = async (readOnly: boolean): Promise<readonly number[]> => {
    const groups: number[] = [];
    const giveToGroup = (_folder: string, group: number): Promise<void> => {
      groups.push(group);
      return Promise.resolve();
    };
    const ports = { ...boundTo({ local: { path: '/data' } }), files: { ...simulatedVolumeFiles(), giveToGroup } };
    const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'mine', readOnly } }];
    await prepareVolumes(ports, factsOf({ volumes, securityContext: { fsGroup: 10 } }), '/pod');
    return groups;
  };
  t.deepEqual(await given(false), [10]);
  t.deepEqual(await given(true), []);
});
