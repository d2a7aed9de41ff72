import test from 'ava';
import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  New,
  PersistentVolume,
  PersistentVolumeClaim,
  PodSpec,
  StorageClass,
} from '../../api/index.ts';
import type { ClusterState, Lookup } from '../cluster-state.ts';
import { aClaim, aCluster, aNode, aPod } from '../cluster.fixture.ts';
import { placedInfo, podInfo } from '../pod-info.ts';
import type { Filter } from './filter.ts';
import { nodeVolumeLimits } from './node-volume-limits.ts';
import { volumeBinding } from './volume-binding.ts';
import { volumeRestrictions } from './volume-restrictions.ts';
import { volumeZone } from './volume-zone.ts';

const driver = 'd.example';
const meta = (name: string): { apiVersion: string; kind: string; metadata: { name: string } } => ({
  apiVersion: '',
  kind: '',
  metadata: { name },
});

/** What a test says of the objects that are looked up; the rest is absent. */
interface Storage {
  readonly claims?: readonly PersistentVolumeClaim[];
  readonly volumes?: readonly New<PersistentVolume>[];
  readonly storageClass?: New<StorageClass>;
  readonly reports?: readonly New<CSIStorageCapacity>[];
  readonly limit?: number;
}

function lookupOf({ claims = [], volumes = [], storageClass, reports, limit }: Storage): Partial<Lookup> {
  const found = volumes as readonly PersistentVolume[];
  const csiDriver = { ...meta(driver), spec: { storageCapacity: reports !== undefined } };
  const csiNode = { ...meta('n'), spec: { drivers: [{ name: driver, nodeID: 'n', allocatable: { count: limit } }] } };
  return {
    claim: (_namespace, name) => claims.find(({ metadata }) => metadata.name === name),
    volume: (name) => found.find(({ metadata }) => metadata.name === name),
    storageClass: (name) => (storageClass?.metadata?.name === name ? (storageClass as StorageClass) : undefined),
    volumesOfClass: () => found,
    csiDriver: () => csiDriver as CSIDriver,
    csiNode: () => csiNode as object as CSINode,
    capacities: () => (reports ?? []) as readonly CSIStorageCapacity[],
  };
}

const twoZones = (storage: Storage): ClusterState =>
  aCluster([aNode('a', { labels: { zone: 'a' } }), aNode('b', { labels: { zone: 'b' } })], lookupOf(storage));

const using = (...names: readonly string[]): New<PodSpec> => ({
  volumes: names.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } })),
});

function verdicts(filter: Filter, spec: New<PodSpec>, state: ClusterState): readonly string[] {
  const prepared = filter.prepare(podInfo(aPod({ spec })), state);
  if (prepared === undefined) return state.order.map(() => 'fits');
  if (typeof prepared !== 'function') throw new Error('the filter refuses the pod as such');
  return state.order.map((node) => prepared(node)?.reasons[0] ?? 'fits');
}

const size = (storage: string): PersistentVolumeClaim['spec'] => ({
  storageClassName: 'fast',
  accessModes: ['ReadWriteOnce'],
  resources: { requests: { storage } },
});
const fast: New<StorageClass> = {
  ...meta('fast'),
  provisioner: driver,
  volumeBindingMode: 'WaitForFirstConsumer',
};
const inZone = (zone: string): New<PersistentVolume['spec']> => ({
  storageClassName: 'fast',
  capacity: { storage: '1Gi' },
  accessModes: ['ReadWriteOnce'],
  nodeAffinity: {
    required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: [zone] }] }] },
  },
});

test('a claim that waits for its pod fits where its class may make a volume', (t) => {
  const claims = [aClaim('c', size('1Gi'))];
  t.deepEqual(verdicts(volumeBinding, using('c'), twoZones({ claims, storageClass: fast })), ['fits', 'fits']);
  const allowedTopologies = [{ matchLabelExpressions: [{ key: 'zone', values: ['b'] }] }];
  t.deepEqual(verdicts(volumeBinding, using('c'), twoZones({ claims, storageClass: { ...fast, allowedTopologies } })), [
    "node(s) didn't find available persistent volumes to bind",
    'fits',
  ]);
});

test('a claim and a volume may name their class the old way', (t) => {
  const annotations = { 'volume.beta.kubernetes.io/storage-class': 'fast' };
  const ofOld = <Kind extends { readonly metadata: object; readonly spec: object }>({ metadata, spec }: Kind): Kind =>
    ({ metadata: { ...metadata, annotations }, spec: { ...spec, storageClassName: undefined } }) as object as Kind;
  const claims = [ofOld(aClaim('c', size('1Gi')))];
  const storageClass = { ...fast, provisioner: 'kubernetes.io/no-provisioner' };
  const volumes = [ofOld({ ...meta('v'), spec: inZone('a') })];
  t.deepEqual(verdicts(volumeBinding, using('c'), twoZones({ claims, storageClass, volumes })), [
    'fits',
    "node(s) didn't find available persistent volumes to bind",
  ]);
});

test('a driver that reports its room gets no claim that is too large for the place', (t) => {
  const report = (zone: string, capacity: string): New<CSIStorageCapacity> => ({
    ...meta(zone),
    storageClassName: 'fast',
    capacity,
    nodeTopology: { matchLabels: { zone } },
  });
  const reports = [report('a', '1Gi'), report('b', '10Gi')];
  const room = (storage: string): readonly string[] =>
    verdicts(
      volumeBinding,
      using('c'),
      twoZones({ claims: [aClaim('c', size(storage))], storageClass: fast, reports }),
    );
  const full = 'node(s) did not have enough free storage';
  t.deepEqual(room('1Gi'), ['fits', 'fits']);
  t.deepEqual(room('5Gi'), [full, 'fits']);
  t.deepEqual(room('50Gi'), [full, full]);
});

test('a class without a provisioner needs a free volume that the node can reach', (t) => {
  const storageClass = { ...fast, provisioner: 'kubernetes.io/no-provisioner' };
  const claims = [aClaim('c', size('1Gi'))];
  const volumes = [{ ...meta('v'), spec: inZone('a') }];
  const none = "node(s) didn't find available persistent volumes to bind";
  t.deepEqual(verdicts(volumeBinding, using('c'), twoZones({ claims, storageClass, volumes })), ['fits', none]);
  t.deepEqual(verdicts(volumeBinding, using('c'), twoZones({ claims, storageClass })), [none, none]);
});

test('a volume that is being made for a node keeps its pod there', (t) => {
  const claim = aClaim('c', size('1Gi'));
  const annotations = { 'volume.kubernetes.io/selected-node': 'b' };
  const claims = [{ ...claim, metadata: { ...claim.metadata, annotations } }];
  t.deepEqual(verdicts(volumeBinding, using('c'), twoZones({ claims, storageClass: fast })), [
    'node(s) is not the one that the volume is being provisioned for',
    'fits',
  ]);
});

test('a claim for one pod has one pod, and only that one could make way', (t) => {
  const claims = [aClaim('c', { resources: {}, volumeName: 'v', accessModes: ['ReadWriteOncePod'] })];
  const state = twoZones({ claims });
  t.deepEqual(verdicts(volumeRestrictions, using('c'), state), ['fits', 'fits']);
  state.putPod(placedInfo(podInfo(aPod({ name: 'holder', spec: using('c') }))), 'a');
  const reason = 'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode';
  t.deepEqual(verdicts(volumeRestrictions, using('c'), state), [reason, reason]);
  const check = volumeRestrictions.prepare(podInfo(aPod({ spec: using('c') })), state);
  if (typeof check !== 'function') throw new Error('it has something to say');
  t.deepEqual(
    state.order.map((node) => check(node)?.resolvable),
    [true, false],
  );
  state.removePod('holder');
  t.deepEqual(verdicts(volumeRestrictions, using('c'), state), ['fits', 'fits']);
});

test('a node takes as many volumes as its driver says, and one that pods share counts once', (t) => {
  const names = ['one', 'two', 'three'];
  const claims = [
    ...names.map((name) => aClaim(name, { resources: {}, volumeName: name })),
    aClaim('new', size('1Gi')),
  ];
  const volumes = names.map((name) => ({ ...meta(name), spec: { csi: { driver, volumeHandle: name } } }));
  const state = twoZones({ claims, volumes, storageClass: fast, limit: 2 });
  for (const [index, name] of ['one', 'one', 'two'].entries())
    state.putPod(placedInfo(podInfo(aPod({ name: `p${index}`, spec: using(name) }))), 'a');
  const full = 'node(s) exceed max volume count';
  t.deepEqual(verdicts(nodeVolumeLimits, using('one'), state), ['fits', 'fits']);
  t.deepEqual(verdicts(nodeVolumeLimits, using('three'), state), [full, 'fits']);
  t.deepEqual(verdicts(nodeVolumeLimits, using('new'), state), [full, 'fits']);
  const inline = { volumes: [{ name: 'i', csi: { driver } }] };
  t.deepEqual(verdicts(nodeVolumeLimits, inline, state), [full, 'fits']);
  t.deepEqual(verdicts(nodeVolumeLimits, using('three', 'one', 'two'), state), [full, full]);
});

test('VolumeZone: a node must be where the labels of bound volumes say that they are', (t) => {
  const zone = 'topology.kubernetes.io/zone';
  const beta = 'failure-domain.beta.kubernetes.io/zone';
  const volume = (name: string, labels: Readonly<Record<string, string>>): New<PersistentVolume> => ({
    ...meta(name),
    metadata: { name, labels },
    spec: {},
  });
  const names = ['here', 'old', 'both', 'anywhere'];
  const state = aCluster(
    [aNode('a', { labels: { [zone]: 'a' } }), aNode('b', { labels: { [zone]: 'b' } }), aNode('c')],
    lookupOf({
      claims: names.map((name) => aClaim(name, { resources: {}, volumeName: name })),
      volumes: [
        volume('here', { [zone]: 'a' }),
        volume('old', { [beta]: 'b' }),
        volume('both', { [zone]: 'a__b' }),
        volume('anywhere', {}),
      ],
    }),
  );
  const elsewhere = 'node(s) had no available volume zone';
  t.deepEqual(verdicts(volumeZone, using('here'), state), ['fits', elsewhere, 'fits']);
  t.deepEqual(verdicts(volumeZone, using('old'), state), [elsewhere, 'fits', 'fits']);
  t.deepEqual(verdicts(volumeZone, using('both', 'anywhere'), state), ['fits', 'fits', 'fits']);
});
