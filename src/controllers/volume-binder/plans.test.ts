import test from 'ava';
import {
  type PersistentVolume,
  type PersistentVolumeClaim,
  type Pod,
  resources,
  type StorageClass,
} from '../../api/index.ts';
import type { ObjectChange } from '../../resources/index.ts';
import type { ControllerPorts } from '../runtime/index.ts';
import { MemoryCluster } from '../runtime/memory-cluster.fixture.ts';
import { stored } from '../runtime/stored.fixture.ts';
import { boundStatus, claimPatch, volumePatch } from './binding.ts';
import { type ClaimPlan, type Observed, planClaim } from './claim-plan.ts';
import { volumeBinder } from './controller.ts';
import { bindingKeys } from './keys.ts';
import { planVolume } from './volume-plan.ts';
import { volumeAnnotations as annotations } from '../../api/index.ts';

const volume = (name: string, spec: object = {}, metadata: object = {}): PersistentVolume =>
  stored<PersistentVolume>({
    metadata: { name, uid: name, resourceVersion: '7', ...metadata },
    spec: { capacity: { storage: '5Gi' }, accessModes: ['ReadWriteOnce'], ...spec },
  });
const claim = (spec: object = {}, metadata: object = {}, phase = 'Pending'): PersistentVolumeClaim =>
  stored<PersistentVolumeClaim>({
    metadata: { name: 'c', namespace: 'ns', uid: 'c', resourceVersion: '9', ...metadata },
    spec: { accessModes: ['ReadWriteOnce'], storageClassName: '', resources: {}, ...spec },
    status: { phase },
  });
const bound = { annotations: { [annotations.bindCompleted]: 'yes' } };
const storageClass = (name: string, parts: object = {}): StorageClass =>
  stored<StorageClass>({ metadata: { name, uid: name }, provisioner: 'example.com/p', ...parts });
const late = storageClass('late', { volumeBindingMode: 'WaitForFirstConsumer' });
const pod = (name: string, nodeName = '', phase = 'Pending'): Pod =>
  stored<Pod>({ metadata: { name, namespace: 'ns' }, spec: { containers: [], nodeName }, status: { phase } });

interface World {
  readonly claim: PersistentVolumeClaim;
  readonly volumes?: readonly PersistentVolume[];
  readonly classes?: readonly StorageClass[];
  readonly pods?: readonly Pod[];
  readonly taken?: string;
}
const observed = ({ claim: of, volumes = [], classes = [], pods = [], taken }: World): Observed => ({
  claim: of,
  volume: (name) => volumes.find(({ metadata }) => metadata.name === name),
  volumes: () => volumes,
  storageClasses: () => classes,
  pods: () => pods,
  isTaken: ({ metadata }) => metadata.name === taken,
});
/** The plan in a few words. */
function textOf(plan: ClaimPlan): string {
  switch (plan.type) {
    case 'bind':
      return `bind ${plan.volume.metadata.name}`;
    case 'default-class':
      return `class ${plan.name}`;
    case 'tell':
    case 'lose':
    case 'provision':
      return `${plan.type} ${plan.note.reason}`;
    default:
      return plan.type;
  }
}

/** Before there was a field for it. */
const classOfOld = (name: string): object => ({ annotations: { 'volume.beta.kubernetes.io/storage-class': name } });
const of = (name: string, uid?: string): object => ({ claimRef: { namespace: 'ns', name, uid } });
const claims: readonly { readonly title: string; readonly world: World; readonly plan: string }[] = [
  {
    title: 'takes the volume that suits',
    world: { claim: claim(), volumes: [volume('v')] },
    plan: 'bind v',
  },
  {
    title: 'looks again when the only volume is being given away',
    world: { claim: claim(), volumes: [volume('v')], taken: 'v' },
    plan: 'again',
  },
  {
    title: 'takes another volume while one is being given away',
    world: { claim: claim(), volumes: [volume('v'), volume('w')], taken: 'v' },
    plan: 'bind w',
  },
  { title: 'says that there is nothing to be had', world: { claim: claim() }, plan: 'tell FailedBinding' },
  {
    title: 'without a class gets the default one',
    world: {
      claim: claim({ storageClassName: undefined }),
      classes: [storageClass('d', { metadata: { name: 'd', annotations: { [annotations.defaultClass]: 'true' } } })],
    },
    plan: 'class d',
  },
  {
    title: 'without a class gets the one that is marked the old way',
    world: {
      claim: claim({ storageClassName: undefined }),
      classes: [
        storageClass('d', {
          metadata: { name: 'd', annotations: { 'storageclass.beta.kubernetes.io/is-default-class': 'true' } },
        }),
      ],
    },
    plan: 'class d',
  },
  {
    title: 'that names its class the old way takes a volume that does so, too',
    world: {
      claim: claim({ storageClassName: undefined }, classOfOld('p')),
      volumes: [volume('other'), volume('v', {}, classOfOld('p'))],
    },
    plan: 'bind v',
  },
  {
    title: 'that names its class the old way gets no other',
    world: {
      claim: claim({ storageClassName: undefined }, classOfOld('p')),
      classes: [storageClass('d', { metadata: { name: 'd', annotations: { [annotations.defaultClass]: 'true' } } })],
    },
    plan: 'tell ProvisioningFailed',
  },
  {
    title: 'says that its class does not exist',
    world: { claim: claim({ storageClassName: 'none' }) },
    plan: 'tell ProvisioningFailed',
  },
  {
    title: 'asks the provisioner of its class',
    world: { claim: claim({ storageClassName: 'p' }), classes: [storageClass('p')] },
    plan: 'provision ExternalProvisioning',
  },
  {
    title: 'that has asked the provisioner waits in silence',
    world: {
      claim: claim(
        { storageClassName: 'p' },
        { annotations: { [annotations.provisioner]: 'example.com/p', [annotations.betaProvisioner]: 'example.com/p' } },
      ),
      classes: [storageClass('p')],
    },
    plan: 'nothing',
  },
  {
    title: 'of a class that binds late waits for a pod',
    world: { claim: claim({ storageClassName: 'late' }), classes: [late], volumes: [volume('v')] },
    plan: 'tell WaitForFirstConsumer',
  },
  {
    title: 'of a class that binds late waits for its pod to get a node',
    world: { claim: claim({ storageClassName: 'late' }), classes: [late], pods: [pod('p')] },
    plan: 'tell WaitForPodScheduled',
  },
  {
    title: 'whose pod has a node asks the provisioner',
    world: { claim: claim({ storageClassName: 'late' }), classes: [late], pods: [pod('p', 'n')] },
    plan: 'provision ExternalProvisioning',
  },
  {
    title: 'that names a volume takes it',
    world: { claim: claim({ volumeName: 'v' }), volumes: [volume('v')] },
    plan: 'bind v',
  },
  {
    title: 'that names a volume waits until it is there',
    world: { claim: claim({ volumeName: 'v' }) },
    plan: 'nothing',
  },
  {
    title: 'that names a volume of another claim says so',
    world: { claim: claim({ volumeName: 'v' }), volumes: [volume('v', of('other', 'other'))] },
    plan: 'tell FailedBinding',
  },
  {
    title: 'that names a volume which does not suit says so',
    world: { claim: claim({ volumeName: 'v' }), volumes: [volume('v', { volumeMode: 'Block' })] },
    plan: 'tell VolumeMismatch',
  },
  {
    title: 'that is bound stays with its volume',
    world: { claim: claim({ volumeName: 'v' }, bound), volumes: [volume('v', of('c', 'c'))] },
    plan: 'bind v',
  },
  {
    title: 'that is bound is lost with its volume',
    world: { claim: claim({ volumeName: 'v' }, bound) },
    plan: 'lose ClaimLost',
  },
  {
    title: 'that is bound is lost without its volume name',
    world: { claim: claim({}, bound) },
    plan: 'lose ClaimLost',
  },
  {
    title: 'that is bound to a volume of another claim is lost',
    world: { claim: claim({ volumeName: 'v' }, bound), volumes: [volume('v', of('other', 'other'))] },
    plan: 'lose ClaimMisbound',
  },
  {
    title: 'that is lost is lost once',
    world: { claim: claim({ volumeName: 'v' }, bound, 'Lost') },
    plan: 'nothing',
  },
  {
    title: 'that is being deleted takes no volume',
    world: { claim: claim({}, { deletionTimestamp: 'now' }), volumes: [volume('v')] },
    plan: 'nothing',
  },
];
for (const { title, world, plan } of claims)
  test(`a claim ${title}`, (t) => {
    t.is(textOf(planClaim(observed(world))), plan);
  });

const volumes: readonly {
  readonly title: string;
  readonly volume: PersistentVolume;
  readonly claim?: PersistentVolumeClaim;
  readonly plan: object;
}[] = [
  { title: 'that nobody has is available', volume: volume('v'), plan: { type: 'phase', phase: 'Available' } },
  {
    title: 'that is reserved by name is available',
    volume: volume('v', of('c')),
    claim: claim(),
    plan: { type: 'phase', phase: 'Available' },
  },
  {
    title: 'that its claim names is bound',
    volume: volume('v', of('c', 'c')),
    claim: claim({ volumeName: 'v' }),
    plan: { type: 'phase', phase: 'Bound' },
  },
  {
    title: 'waits until its claim names it',
    volume: volume('v', of('c', 'c')),
    claim: claim(),
    plan: { type: 'wait', notes: [] },
  },
  {
    title: 'whose claim is gone is released',
    volume: volume('v', of('c', 'c')),
    plan: { type: 'release', reclaim: { type: 'keep' } },
  },
  {
    title: 'whose claim was made again is released',
    volume: volume('v', of('c', 'earlier')),
    claim: claim({ volumeName: 'v' }),
    plan: { type: 'release', reclaim: { type: 'keep' } },
  },
  {
    title: 'that a user reserved keeps the name of a claim which has another',
    volume: volume('v', of('c', 'c')),
    claim: claim({ volumeName: 'w' }),
    plan: { type: 'unbind', patch: { metadata: { resourceVersion: '7' }, spec: { claimRef: { uid: null } } } },
  },
  {
    title: 'that was made for a claim which has another is released',
    volume: volume(
      'v',
      { ...of('c', 'c'), persistentVolumeReclaimPolicy: 'Delete' },
      { annotations: { [annotations.provisionedBy]: 'example.com/p' } },
    ),
    claim: claim({ volumeName: 'w' }),
    plan: { type: 'release', reclaim: { type: 'keep' } },
  },
];
for (const row of volumes)
  test(`a volume ${row.title}`, (t) => {
    t.deepEqual(
      planVolume(row.volume, () => row.claim),
      row.plan as never,
    );
  });

test('a volume and a claim of different modes are both told', (t) => {
  const plan = planVolume(volume('v', { ...of('c', 'c'), volumeMode: 'Block' }), () => claim());
  t.deepEqual(plan.type === 'wait' && plan.notes.map(({ about }) => about.metadata.name), ['v', 'c']);
});

test('both patches of a binding name the version that was decided on, and are not repeated', (t) => {
  t.like(volumePatch(volume('v'), claim()), {
    metadata: { resourceVersion: '7', annotations: { [annotations.boundByController]: 'yes' } },
    spec: { claimRef: { namespace: 'ns', name: 'c', uid: 'c', resourceVersion: '9' } },
  });
  t.is(volumePatch(volume('v', of('c', 'c')), claim()), undefined);
  t.deepEqual(claimPatch(volume('v'), claim()), {
    metadata: {
      resourceVersion: '9',
      annotations: { [annotations.bindCompleted]: 'yes', [annotations.boundByController]: 'yes' },
    },
    spec: { volumeName: 'v' },
  });
  t.is(claimPatch(volume('v'), claim({ volumeName: 'v' }, bound)), undefined);
  const status = boundStatus(volume('v'), claim());
  t.deepEqual(status, { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '5Gi' } });
  const grown = volume('v', { capacity: { storage: '9Gi' } });
  t.is(boundStatus(grown, { ...claim(), status: status ?? {} }), undefined);
});

async function clusterWith(...made: readonly (PersistentVolume | PersistentVolumeClaim)[]): Promise<MemoryCluster> {
  const cluster = new MemoryCluster();
  for (const object of made) {
    const resource =
      object.metadata.namespace === undefined ? resources.persistentVolumes : resources.persistentVolumeClaims;
    await cluster.make(resource, { ...object } as never);
  }
  return cluster;
}

test('a change on one side of a binding wakes the other, and a free volume all claims that wait', async (t) => {
  const { view } = await clusterWith(
    volume('mine', of('bound', 'x')),
    claim({ volumeName: 'mine' }, { ...bound, name: 'bound' }),
    claim({}, { name: 'waits' }),
    claim({ volumeName: 'free' }, { name: 'names' }),
  );
  const put = <T>(resource: ObjectChange['resource'], object: T, previous?: T): ObjectChange =>
    ({ type: 'put', resource, object, previous }) as ObjectChange;
  const keys = (change: ObjectChange): readonly string[] => bindingKeys(change, view).toSorted();
  const { persistentVolumes, persistentVolumeClaims, storageClasses } = resources;
  t.deepEqual(keys(put(persistentVolumes, volume('free'))), ['free', 'ns/names', 'ns/waits']);
  t.deepEqual(keys(put(persistentVolumes, volume('mine', of('bound', 'x')))), ['mine', 'ns/bound']);
  t.deepEqual(keys({ ...put(persistentVolumes, volume('mine')), type: 'delete' }), ['ns/bound']);
  const reserved = volume('free', of('waits', 'w'));
  t.deepEqual(keys(put(persistentVolumes, reserved, volume('free'))), ['free', 'ns/names', 'ns/waits']);
  t.deepEqual(keys(put(persistentVolumes, reserved, reserved)), ['free', 'ns/waits']);
  t.deepEqual(keys(put(persistentVolumes, volume('free', of('waits', 'other')), reserved)), [
    'free',
    'ns/names',
    'ns/waits',
  ]);
  const taken = claim({ volumeName: 'mine' }, { name: 'bound' });
  t.deepEqual(keys(put(persistentVolumeClaims, taken, taken)), ['mine', 'ns/bound']);
  t.deepEqual(keys(put(persistentVolumeClaims, claim({}, { name: 'bound' }))), ['mine', 'ns/bound']);
  t.deepEqual(keys({ ...put(persistentVolumeClaims, taken), type: 'delete' }), ['mine']);
  t.deepEqual(keys(put(storageClasses, storageClass('any'))), ['ns/names', 'ns/waits']);
});

test('of two claims that are bound at the same time each gets a volume of its own', async (t) => {
  const cluster = await clusterWith(
    volume('v'),
    volume('w'),
    claim({}, { name: 'a' }),
    claim({}, { name: 'b' }),
    claim({}, { name: 'late' }),
  );
  const slow: ControllerPorts = {
    ...cluster.ports,
    client: {
      ...cluster.client,
      patch: async (...args) => {
        await Promise.resolve();
        return cluster.client.patch(...args);
      },
    },
  };
  const binder = volumeBinder();
  const results = await Promise.all(['ns/a', 'ns/b', 'ns/late'].map((key) => binder.reconcile(key, slow)));
  t.deepEqual(results, [undefined, undefined, { requeueAfterMs: 100 }]);
  const volumeOf = (name: string): string | undefined =>
    cluster.view.get<PersistentVolumeClaim>(resources.persistentVolumeClaims, 'ns', name)?.spec.volumeName;
  t.deepEqual(['a', 'b', 'late'].map(volumeOf), ['v', 'w', undefined]);
  await binder.reconcile('ns/late', cluster.ports);
  t.true(cluster.events.some(({ reason, object }) => reason === 'FailedBinding' && object === 'late'));
});

test('a volume that another member gave away is a conflict, and nothing is written to the claim', async (t) => {
  const cluster = await clusterWith(volume('v'), claim());
  const seen = cluster.view.get<PersistentVolume>(resources.persistentVolumes, undefined, 'v');
  const stale = { ...cluster.view, list: cluster.view.list, get: cluster.view.get };
  const ref = { ...resources.persistentVolumes, name: 'v' };
  await cluster.client.patch(ref, { type: 'merge', body: { spec: of('other', 'other') } });
  stale.list = <T>(resource: ObjectChange['resource'], namespace?: string): readonly T[] =>
    resource.resource === 'persistentvolumes' ? [seen as T] : cluster.view.list<T>(resource, namespace);
  await t.throwsAsync(volumeBinder().reconcile('ns/c', { ...cluster.ports, view: stale }), {
    message: 'v has changed',
  });
  const found = cluster.view.get<PersistentVolumeClaim>(resources.persistentVolumeClaims, 'ns', 'c');
  t.is(found?.spec.volumeName, undefined);
});
