import test, { type ExecutionContext } from 'ava';
import {
  type Node,
  type PersistentVolume,
  type PersistentVolumeClaim,
  resources,
  type StoredObject,
} from '../../api/index.ts';
import { localVolumes } from '../../protocol/index.ts';
import { Harness, MemoryCluster } from '../runtime/memory-cluster.fixture.ts';
import { volumeBinder } from '../volume-binder/controller.ts';
import { claimProtectionController, volumeProtectionController } from '../volume-protection/controller.ts';
import { localPathClass, localPathProvisioner, localPathReclaimer } from './index.ts';
import { type LocalClass, planClass, planReclaim, planVolume } from './reconcile.ts';
import { stored } from '../runtime/stored.fixture.ts';

const node = (name: string): { metadata: Record<string, unknown> } => ({
  metadata: { name, annotations: { [localVolumes.folderAnnotation]: `/var/lib/troupe/volumes/${name}` } },
});

async function start(isDefault = true): Promise<Harness> {
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [
    volumeBinder(),
    claimProtectionController(),
    volumeProtectionController(),
    localPathProvisioner(),
    localPathReclaimer(),
    localPathClass({ isDefault }),
  ]);
  await cluster.make(resources.nodes, node('one'));
  await harness.settle();
  return harness;
}

async function claimUsedOn(harness: Harness, placed: string): Promise<void> {
  const { cluster } = harness;
  await cluster.make(resources.persistentVolumeClaims, {
    metadata: { name: 'data', namespace: 'shop' },
    spec: {
      storageClassName: 'local-path',
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
    },
    status: { phase: 'Pending' },
  });
  await harness.settle();
  await cluster.make(resources.pods, {
    metadata: { name: 'db', namespace: 'shop' },
    spec: { nodeName: placed, volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] },
  });
  await harness.settle();
}

const volumesOf = (harness: Harness): readonly PersistentVolume[] =>
  harness.cluster.view.list<PersistentVolume>(resources.persistentVolumes);

test('a cluster whose nodes offer folders has the class, which is the default unless another one is', async (t) => {
  const harness = await start();
  const made = harness.cluster.view.get<StoredObject & { readonly provisioner: string }>(
    resources.storageClasses,
    undefined,
    'local-path',
  );
  t.is(made?.provisioner, localVolumes.provisioner);
  t.is(made?.metadata.annotations?.['storageclass.kubernetes.io/is-default-class'], 'true');

  const other = new MemoryCluster();
  const second = new Harness(other, [localPathClass({ isDefault: true })]);
  await other.make(resources.storageClasses, {
    metadata: { name: 'fast', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  });
  await other.make(resources.nodes, { metadata: { name: 'plain' } });
  await second.settle();
  t.is(other.view.list(resources.storageClasses).length, 1, 'a node without a folder offers nothing');
  await other.make(resources.nodes, node('one'));
  await second.settle();
  t.is(
    other.view.get<StoredObject>(resources.storageClasses, undefined, 'local-path')?.metadata.annotations,
    undefined,
  );
});

test('a claim waits for its first consumer, then gets a volume on that node, once', async (t) => {
  const harness = await start();
  await harness.cluster.make(resources.nodes, node('two'));
  await claimUsedOn(harness, 'two');
  const claim = harness.cluster.view.get<PersistentVolumeClaim>(resources.persistentVolumeClaims, 'shop', 'data');
  const name = `pvc-${claim?.metadata.uid ?? ''}`;
  t.is(claim?.status?.phase, 'Bound');
  t.is(claim?.spec.volumeName, name);
  const [volume] = volumesOf(harness);
  t.is(volumesOf(harness).length, 1);
  t.like(volume?.spec, {
    local: { path: `/var/lib/troupe/volumes/two/${name}` },
    persistentVolumeReclaimPolicy: 'Delete',
    capacity: { storage: '1Gi' },
  });
  t.deepEqual(volume?.metadata.labels, { [localVolumes.nodeLabel]: 'two' });
  t.true(harness.cluster.events.some(({ reason }) => reason === 'ProvisioningSucceeded'));
});

async function dropClaim(harness: Harness): Promise<void> {
  await harness.cluster.client.delete({ ...resources.pods, namespace: 'shop', name: 'db' });
  await harness.cluster.client.delete({ ...resources.persistentVolumeClaims, namespace: 'shop', name: 'data' });
  await harness.settle();
}

test('the volume of a claim that is gone is deleted, and stays until its node has let go', async (t) => {
  const harness = await start();
  await claimUsedOn(harness, 'one');
  await dropClaim(harness);
  const [volume] = volumesOf(harness);
  t.truthy(volume?.metadata.deletionTimestamp);
  t.deepEqual(volume?.metadata.finalizers, [localVolumes.finalizer], 'nothing but the node holds it');
});

test('a volume that is to be retained stays, with its data', async (t) => {
  const harness = await start();
  await claimUsedOn(harness, 'one');
  const name = volumesOf(harness)[0]?.metadata.name ?? '';
  await harness.cluster.client.patch(
    { ...resources.persistentVolumes, name },
    { type: 'merge', body: { spec: { persistentVolumeReclaimPolicy: 'Retain' } } },
  );
  await dropClaim(harness);
  t.like(volumesOf(harness)[0], { status: { phase: 'Released' } });
  t.is(volumesOf(harness)[0]?.metadata.deletionTimestamp, undefined);
});

test('when the node is gone from the cluster, nothing holds its volumes any more', async (t) => {
  const harness = await start();
  await claimUsedOn(harness, 'one');
  await dropClaim(harness);
  await harness.cluster.client.delete({ ...resources.nodes, name: 'one' });
  await harness.settle();
  t.deepEqual(volumesOf(harness), []);
});

const claim = (spec: Partial<PersistentVolumeClaim['spec']>): PersistentVolumeClaim =>
  stored<PersistentVolumeClaim>({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: 'data',
      namespace: 'shop',
      uid: '1',
      annotations: { 'volume.kubernetes.io/selected-node': 'one' },
    },
    spec: { storageClassName: 'local-path', accessModes: ['ReadWriteOnce'], ...spec },
  });
const storageClass = (volumeBindingMode: string): LocalClass =>
  stored<LocalClass>({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'local-path', uid: '2' },
    volumeBindingMode,
  });

const refusals: readonly {
  readonly title: string;
  readonly spec: Partial<PersistentVolumeClaim['spec']>;
  readonly mode?: string;
  readonly message: RegExp;
}[] = [
  { title: 'a device', spec: { volumeMode: 'Block' }, message: /volume mode Block/ },
  {
    title: 'a volume of many nodes',
    spec: { accessModes: ['ReadWriteOnce', 'ReadWriteMany'] },
    message: /access mode ReadWriteMany/,
  },
  {
    title: 'a class that binds at once',
    spec: {},
    mode: 'Immediate',
    message: /must have the volumeBindingMode WaitForFirstConsumer/,
  },
];
for (const { title, spec, mode = 'WaitForFirstConsumer', message } of refusals) {
  test(`no volume is made for ${title}, and that is said`, (t: ExecutionContext) => {
    const plan = planVolume(claim(spec), storageClass(mode), () => undefined);
    t.is(plan.type, 'refuse');
    if (plan.type === 'refuse') t.regex(plan.message, message);
  });
}

test('a claim waits while its node does not say where volumes go', (t) => {
  t.deepEqual(
    planVolume(claim({}), storageClass('WaitForFirstConsumer'), () => undefined),
    { type: 'wait' },
  );
});

const offering = stored<Node>({ metadata: { name: 'n', annotations: { [localVolumes.folderAnnotation]: '/data' } } });
const classOf = (name: string, isDefault: boolean): LocalClass =>
  stored<LocalClass>({
    metadata: {
      name,
      annotations: isDefault ? { 'storageclass.kubernetes.io/is-default-class': 'true' } : undefined,
    },
  });

test('the class is made once a node offers its disk, and is the default one where there is none', (t) => {
  const plan = (classes: readonly LocalClass[], nodes = [offering], isDefault = true): unknown =>
    (planClass({ classes, nodes, isDefault }) as Partial<LocalClass> | undefined)?.metadata;
  const marked = { name: 'local-path', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } };
  const unmarked = { name: 'local-path', annotations: undefined };
  t.deepEqual(plan([]), marked);
  t.deepEqual(plan([classOf('other', false)]), marked);
  t.deepEqual(plan([classOf('other', true)]), unmarked);
  t.deepEqual(plan([], [offering], false), unmarked);
  t.is(plan([classOf('local-path', false)]), undefined);
  t.is(plan([], [stored<Node>({ metadata: { name: 'n' } })]), undefined);
});

const reclaims: readonly {
  readonly title: string;
  readonly metadata?: object;
  readonly phase?: string;
  readonly policy?: string;
  readonly nodeExists?: boolean;
  readonly plan: ReturnType<typeof planReclaim>;
}[] = [
  { title: 'a released volume is deleted', plan: 'delete' },
  { title: 'a bound volume stays', phase: 'Bound', plan: 'nothing' },
  { title: 'a volume that is retained stays', policy: 'Retain', plan: 'nothing' },
  { title: 'a volume of another provisioner stays', metadata: { annotations: {} }, plan: 'nothing' },
  { title: 'a volume that goes is left to its node', metadata: { deletionTimestamp: 'now' }, plan: 'nothing' },
  {
    title: 'a volume that goes is let go when its node is gone',
    metadata: { deletionTimestamp: 'now' },
    nodeExists: false,
    plan: 'let-go',
  },
];
for (const { title, metadata, phase = 'Released', policy = 'Delete', nodeExists = true, plan } of reclaims)
  test(title, (t) => {
    const volume = stored<PersistentVolume>({
      metadata: {
        name: 'v',
        annotations: { [localVolumes.provisionedBy]: localVolumes.provisioner },
        finalizers: [localVolumes.finalizer],
        labels: { [localVolumes.nodeLabel]: 'n' },
        ...metadata,
      },
      spec: { persistentVolumeReclaimPolicy: policy },
      status: { phase },
    });
    t.is(
      planReclaim(volume, () => nodeExists),
      plan,
    );
  });
