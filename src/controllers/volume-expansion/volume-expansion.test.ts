import test from 'ava';
import { resources } from '../../api/index.ts';
import { Harness, MemoryCluster } from '../runtime/memory-cluster.fixture.ts';
import { volumeExpansionController } from './controller.ts';

test('a claim that asks for more hears who makes its volume larger, or that nobody can', async (t) => {
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [volumeExpansionController()]);
  const size = (storage: string): object => ({ storage });
  for (const [name, source] of [
    ['driven', { csi: { driver: 'd.example', volumeHandle: 'h' } }],
    ['plain', { hostPath: { path: '/x' } }],
  ] as const) {
    await cluster.make(resources.persistentVolumes, {
      metadata: { name },
      spec: { ...source, capacity: size('1Gi') },
    });
    await cluster.make(resources.persistentVolumeClaims, {
      metadata: { name, namespace: 'ns' },
      spec: { volumeName: name, resources: { requests: size('1Gi') } },
      status: { phase: 'Bound', capacity: size('1Gi') },
    });
  }
  const ask = async (name: string, storage: string): Promise<void> => {
    const body = { spec: { resources: { requests: size(storage) } } };
    await cluster.client.patch({ ...resources.persistentVolumeClaims, namespace: 'ns', name }, { type: 'merge', body });
    await harness.settle();
  };
  await ask('driven', '1024Mi');
  t.deepEqual(cluster.events, []);
  await ask('driven', '2Gi');
  await ask('plain', '2Gi');
  t.deepEqual(
    cluster.events.map(({ reason, object }) => `${object}: ${reason}`),
    ['driven: ExternalExpanding', 'plain: VolumeResizeFailed'],
  );
});
