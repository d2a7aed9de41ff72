import test from 'ava';
import type { New, PersistentVolume, Pod, PodSpec } from '../../api/index.ts';
import type { ResourceView } from '../../resources/index.ts';
import { stored } from '../objects.fixture.ts';
import { volumeCounts } from './volume-counts.ts';

function pod(volumes: NonNullable<New<PodSpec>['volumes']>, isSetUp: boolean): Pod {
  const mounts = volumes.filter(({ name }) => name !== 'unused').map(({ name }) => ({ name, mountPath: `/${name}` }));
  return stored<Pod>({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { containers: [{ name: 'a', volumeMounts: mounts }], volumes },
    status: { conditions: [{ type: 'PodReadyToStartContainers', status: isSetUp ? 'True' : 'False' }] },
  });
}

test('volumes are counted by kind, a claim as what it is bound to, one that nobody uses not at all', (t) => {
  const bound = (name: string, spec: New<PersistentVolume['spec']>): PersistentVolume =>
    stored<PersistentVolume>({
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name },
      spec: { ...spec, claimRef: { namespace: 'shop', name } },
    });
  const volumes = [bound('disk', { csi: { driver: 'd.example', volumeHandle: '1' } }), bound('web-own', { local: {} })];
  const view = { list: () => volumes } as unknown as ResourceView;
  const claims = [
    { name: 'v', persistentVolumeClaim: { claimName: 'disk' } },
    { name: 'own', ephemeral: {} },
    { name: 'unused', emptyDir: {} },
  ];
  const pods = [pod([{ name: 'e', emptyDir: {} }], true), pod([...claims, { name: 'e', emptyDir: {} }], false)];
  const { series } = volumeCounts(pods, view);
  t.deepEqual(
    series.map(({ labels, value }) => [labels?.['state'], labels?.['plugin_name'], value]),
    [
      ['desired_state_of_world', 'kubernetes.io/empty-dir', 2],
      ['desired_state_of_world', 'kubernetes.io/csi:d.example', 1],
      ['desired_state_of_world', 'kubernetes.io/local-volume', 1],
      ['actual_state_of_world', 'kubernetes.io/empty-dir', 1],
    ],
  );
});
