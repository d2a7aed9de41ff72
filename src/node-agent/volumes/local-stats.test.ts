import test from 'ava';
import { type Pod, resources } from '../../api/index.ts';
import { memoryApi } from '../api.fixture.ts';
import { localVolumeStats } from './local-stats.ts';

test('claims on local volumes are as full as the file system of their folder; others are left out', async (t) => {
  const api = memoryApi();
  for (const [name, claim, source] of [
    ['pv-1', 'data', { local: { path: '/volumes/pv-1' } }],
    ['pv-2', 'db-0-scratch', { local: { path: '/volumes/pv-2' } }],
    ['pv-3', 'lost', { local: { path: '/gone' } }],
    ['pv-4', 'far', { csi: { driver: 'd', volumeHandle: 'h' } }],
    ['pv-5', 'raw', { local: { path: '/volumes/pv-5' }, volumeMode: 'Block' }],
  ] as const)
    api.put(resources.persistentVolumes, {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name, uid: name },
      spec: { ...source, claimRef: { namespace: 'shop', name: claim } },
      status: { phase: 'Bound' },
    });
  const claimed = (name: string, claimName: string): object => ({ name, persistentVolumeClaim: { claimName } });
  const volumes = [
    claimed('d', 'data'),
    { name: 'scratch', ephemeral: {} },
    ...['lost', 'far', 'raw', 'unknown'].map((name) => claimed(name, name)),
    { name: 'e', emptyDir: {} },
  ];
  const pod = { metadata: { name: 'db-0', namespace: 'shop' }, spec: { containers: [], volumes } } as unknown as Pod;
  const ports = {
    view: api.view,
    clock: { now: () => Date.parse('2023-11-14T22:13:20Z'), monotonic: () => 0 },
    disk: (folder: string) =>
      folder === '/gone'
        ? Promise.reject(new Error('ENOENT'))
        : Promise.resolve({ totalBytes: 100, freeBytes: 40, inodes: 10, inodesFree: 7 }),
  };
  const room = {
    time: '2023-11-14T22:13:20Z',
    capacityBytes: 100,
    usedBytes: 60,
    availableBytes: 40,
    inodes: 10,
    inodesFree: 7,
    inodesUsed: 3,
  };
  t.deepEqual(await localVolumeStats(ports, pod), [
    { name: 'd', pvcRef: { name: 'data', namespace: 'shop' }, ...room },
    { name: 'scratch', pvcRef: { name: 'db-0-scratch', namespace: 'shop' }, ...room },
  ]);
  const elsewhere = { ...pod, metadata: { ...pod.metadata, namespace: 'other' } };
  t.deepEqual(await localVolumeStats(ports, elsewhere), []);
});
