import test from 'ava';
import { type PersistentVolume, type PersistentVolumeClaim, resources } from '../../api/index.ts';
import { Harness, MemoryCluster } from '../runtime/memory-cluster.fixture.ts';
import { claimProtectionController, volumeProtectionController } from '../volume-protection/controller.ts';
import { volumeBinder } from './controller.ts';
import { reclaimOf } from './volume-plan.ts';
import { findVolume, mismatchOf } from '../../api/index.ts';
import { stored } from '../runtime/stored.fixture.ts';

type Spec = Readonly<Record<string, unknown>>;

const volumeOf = (name: string, spec: Spec = {}, metadata: object = {}): PersistentVolume =>
  stored<PersistentVolume>({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, uid: name, ...metadata },
    spec: { capacity: { storage: '5Gi' }, accessModes: ['ReadWriteOnce'], ...spec },
  });
const claimOf = (name: string, spec: Spec = {}, metadata: object = {}): PersistentVolumeClaim =>
  stored<PersistentVolumeClaim>({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace: 'ns', uid: name, ...metadata },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: '',
      resources: { requests: { storage: '1Gi' } },
      ...spec,
    },
    status: { phase: 'Pending' },
  });

interface World {
  readonly cluster: MemoryCluster;
  volume(name: string, spec?: Spec, metadata?: object): Promise<void>;
  claim(name: string, spec?: Spec, metadata?: object): Promise<void>;
  shownVolume(name: string): PersistentVolume | undefined;
  shownClaim(name: string): PersistentVolumeClaim | undefined;
  told(name: string): readonly string[];
}

function world(): World {
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [volumeBinder()]);
  return {
    cluster,
    volume: async (name, spec, metadata) => {
      await cluster.make(resources.persistentVolumes, { ...volumeOf(name, spec, metadata) } as never);
      await harness.settle();
    },
    claim: async (name, spec, metadata) => {
      await cluster.make(resources.persistentVolumeClaims, { ...claimOf(name, spec, metadata) } as never);
      await harness.settle();
    },
    shownVolume: (name) => cluster.view.get<PersistentVolume>(resources.persistentVolumes, undefined, name),
    shownClaim: (name) => cluster.view.get<PersistentVolumeClaim>(resources.persistentVolumeClaims, 'ns', name),
    told: (name) => [
      ...new Set(
        cluster.events.filter((event) => event.object === name).map((event) => `${event.reason}: ${event.message}`),
      ),
    ],
  };
}

test('a claim that names a volume which does not suit waits and says why', async (t) => {
  const w = world();
  await w.volume('v', { storageClassName: 'other' });
  await w.claim('c', { volumeName: 'v' });
  t.is(w.shownClaim('c')?.status?.phase, 'Pending');
  t.is(w.shownVolume('v')?.spec.claimRef, undefined);
  t.deepEqual(w.told('c'), ['VolumeMismatch: Cannot bind to requested volume "v": storageClassName does not match']);
  t.is(mismatchOf(volumeOf('v', { capacity: { storage: '1Mi' } }), claimOf('c')), 'requested PV is too small');
  t.is(mismatchOf(volumeOf('v', { volumeMode: 'Block' }), claimOf('c')), 'incompatible volumeMode');
  t.is(mismatchOf(volumeOf('v', { accessModes: ['ReadOnlyMany'] }), claimOf('c')), 'incompatible accessMode');
  t.is(
    mismatchOf(volumeOf('v', {}, { deletionTimestamp: '2026-01-01T00:00:00Z' }), claimOf('c')),
    'the volume is marked for deletion "v"',
  );
});

test('a claim that names a volume of another claim waits, and binds when nobody has it', async (t) => {
  const w = world();
  await w.volume('v');
  await w.claim('first');
  await w.claim('second', { volumeName: 'v' });
  t.is(w.shownClaim('second')?.status?.phase, 'Pending');
  t.deepEqual(w.told('second'), ['FailedBinding: volume "v" already bound to a different claim.']);
});

test('volumes with the fewest access modes come first, then what is reserved, then the smallest', (t) => {
  const many = volumeOf('many', { accessModes: ['ReadWriteOnce', 'ReadOnlyMany'], capacity: { storage: '1Gi' } });
  const one = volumeOf('one', { capacity: { storage: '9Gi' } });
  const reserved = volumeOf('reserved', { claimRef: { namespace: 'ns', name: 'c' }, storageClassName: 'any' });
  t.is(findVolume(claimOf('c'), [many, one], false)?.metadata.name, 'one');
  t.is(findVolume(claimOf('c'), [many, one, reserved], false)?.metadata.name, 'reserved');
  t.is(findVolume(claimOf('c', { resources: { requests: { storage: '8Gi' } } }), [reserved], false), undefined);
  t.is(findVolume(claimOf('c'), [many, one], true), undefined);
  t.is(findVolume(claimOf('c'), [many, reserved], true)?.metadata.name, 'reserved');
});

test('a released volume is reclaimed as its policy says', async (t) => {
  const w = world();
  const bound = { claimRef: { namespace: 'ns', name: 'gone', uid: 'gone' } };
  await w.volume('deleted', { ...bound, persistentVolumeReclaimPolicy: 'Delete', hostPath: { path: '/tmp/x' } });
  t.is(w.shownVolume('deleted'), undefined);
  await w.volume('outside', { ...bound, persistentVolumeReclaimPolicy: 'Delete', hostPath: { path: '/data' } });
  t.like(w.shownVolume('outside')?.status, {
    phase: 'Failed',
    message: 'host_path deleter only supports /tmp/.+ but received provided /data',
  });
  t.deepEqual(w.told('outside'), [
    'VolumeFailedDelete: host_path deleter only supports /tmp/.+ but received provided /data',
  ]);
  await w.volume('nfs', { ...bound, persistentVolumeReclaimPolicy: 'Delete', nfs: { server: 's', path: '/' } });
  t.is(
    w.shownVolume('nfs')?.status?.message,
    'error getting deleter volume plugin for volume "nfs": no deletable volume plugin matched',
  );
  await w.volume('kept', { ...bound, persistentVolumeReclaimPolicy: 'Retain', hostPath: { path: '/tmp/x' } });
  t.is(w.shownVolume('kept')?.status?.phase, 'Released');
  t.deepEqual(
    reclaimOf(
      volumeOf(
        'v',
        { persistentVolumeReclaimPolicy: 'Delete' },
        { annotations: { 'pv.kubernetes.io/provisioned-by': 'example.com/p' } },
      ),
    ),
    { type: 'keep' },
  );
});

test('a bound claim whose volume is gone is lost, with nothing of it left in its status', async (t) => {
  const w = world();
  await w.volume('v');
  await w.claim('c');
  t.is(w.shownClaim('c')?.status?.phase, 'Bound');
  await w.cluster.client.delete({ ...resources.persistentVolumes, name: 'v' });
  await w.claim('other');
  t.deepEqual(w.shownClaim('c')?.status, { phase: 'Lost' });
});

test('a volume whose claim has another one is free again', async (t) => {
  const w = world();
  await w.claim('c', { volumeName: 'elsewhere' });
  const { uid } = w.shownClaim('c')?.metadata ?? {};
  await w.volume(
    'v',
    { claimRef: { namespace: 'ns', name: 'c', uid }, persistentVolumeReclaimPolicy: 'Retain' },
    { annotations: { 'pv.kubernetes.io/bound-by-controller': 'yes' } },
  );
  t.is(w.shownVolume('v')?.spec.claimRef, undefined);
  t.is(w.shownVolume('v')?.status?.phase, 'Available');
});

test('a claim without a class gets the default one, and one whose class waits for a pod names that pod', async (t) => {
  const w = world();
  await w.cluster.make(resources.storageClasses, {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'late', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: 'example.com/p',
    volumeBindingMode: 'WaitForFirstConsumer',
  });
  await w.cluster.make(resources.pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'ns' },
    spec: { containers: [], volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] },
  });
  await w.claim('c', { storageClassName: undefined });
  t.is(w.shownClaim('c')?.spec.storageClassName, 'late');
  t.deepEqual(w.told('c'), ['WaitForPodScheduled: waiting for pod p to be scheduled']);
});

test('no provisioner is told for a class that has none', async (t) => {
  const w = world();
  await w.cluster.make(resources.storageClasses, {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'none' },
    provisioner: 'kubernetes.io/no-provisioner',
    volumeBindingMode: 'Immediate',
  });
  await w.claim('c', { storageClassName: 'none' });
  t.deepEqual(w.told('c'), ['ProvisioningFailed: no volume plugin matched name: kubernetes.io/no-provisioner']);
});

test('a claim gets the smallest volume that suits, both stay while in use, and the volume is released', async (t) => {
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [volumeBinder(), claimProtectionController(), volumeProtectionController()]);
  const volume = (name: string, storage: string): Record<string, unknown> & { metadata: Record<string, unknown> } => ({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: { capacity: { storage }, accessModes: ['ReadWriteOnce'], persistentVolumeReclaimPolicy: 'Retain' },
  });
  for (const [name, storage] of [
    ['small', '500Mi'],
    ['large', '5Gi'],
    ['right', '2Gi'],
  ] as const)
    await cluster.make(resources.persistentVolumes, volume(name, storage));
  await cluster.make(resources.persistentVolumeClaims, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'c', namespace: 'ns' },
    spec: { accessModes: ['ReadWriteOnce'], storageClassName: '', resources: { requests: { storage: '1Gi' } } },
    status: { phase: 'Pending' },
  });
  await harness.settle();
  const claim = (): PersistentVolumeClaim | undefined =>
    cluster.view.get<PersistentVolumeClaim>(resources.persistentVolumeClaims, 'ns', 'c');
  const phase = (name: string): string | undefined =>
    cluster.view.get<PersistentVolume>(resources.persistentVolumes, undefined, name)?.status?.phase;
  t.is(claim()?.spec.volumeName, 'right');
  t.deepEqual(claim()?.status, { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '2Gi' } });
  t.deepEqual([phase('right'), phase('small')], ['Bound', 'Available']);
  await cluster.make(resources.pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'ns' },
    spec: { nodeName: 'n', containers: [], volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] },
  });
  await cluster.client.delete({ ...resources.persistentVolumeClaims, namespace: 'ns', name: 'c' });
  await harness.settle();
  t.truthy(claim());
  await cluster.client.delete({ ...resources.pods, namespace: 'ns', name: 'p' });
  await harness.settle();
  t.is(claim(), undefined);
  t.is(phase('right'), 'Released');
});
