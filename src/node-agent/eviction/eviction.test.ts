import test from 'ava';
import type { Container, New, Pod, PodSpec } from '../../api/index.ts';
import { pass, world } from '../agent.fixture.ts';
import { stored } from '../objects.fixture.ts';
import { hasStorageLimits, storageExcess } from './storage-limits.ts';

const pod = (spec: New<PodSpec>): Pod =>
  stored<Pod>({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'shop', uid: 'u' }, spec });
const limited = (name: string, limit?: string): New<Container> => ({
  name,
  resources: limit === undefined ? {} : { limits: { 'ephemeral-storage': limit } },
});
const use = (
  volumes: Readonly<Record<string, number>>,
  containers: Readonly<Record<string, number>> = {},
): Parameters<typeof storageExcess>[1] => ({
  volumes: new Map(Object.entries(volumes)),
  containers: new Map(Object.entries(containers)),
});
const mebi = 2 ** 20;

test('an emptyDir above its size limit ends the pod; one in memory has a limit of its own', (t) => {
  const volumes = [
    { name: 'cache', emptyDir: { sizeLimit: '1Mi' } },
    { name: 'fast', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
  ];
  const own = pod({ containers: [limited('a')], volumes });
  t.is(storageExcess(own, use({ cache: mebi })), undefined);
  t.is(storageExcess(own, use({ cache: mebi + 1 })), 'Usage of EmptyDir volume "cache" exceeds the limit "1Mi". ');
  t.false(hasStorageLimits(pod({ containers: [limited('a')], volumes: volumes.slice(1) })));
});

test('a pod may use what its containers may together, volumes included, and a container its own limit', (t) => {
  const own = pod({ containers: [limited('a', '1Mi'), limited('b', '2Mi')], volumes: [{ name: 'v', emptyDir: {} }] });
  t.true(hasStorageLimits(own));
  t.is(storageExcess(own, use({ v: mebi }, { a: mebi, b: mebi })), undefined);
  t.is(
    storageExcess(own, use({ v: 3 * mebi }, { a: 1 })),
    'Pod ephemeral local storage usage exceeds the total limit of containers 3Mi. ',
  );
  t.is(storageExcess(own, use({}, { a: mebi + 1 })), 'Container a exceeded its local ephemeral storage limit "1Mi". ');
});

test('a pod that writes more than it may is evicted: it fails by its own fault, and says why', async (t) => {
  const w = await world(t);
  const containers = [{ name: 'main', image: 'web:1', resources: { limits: { 'ephemeral-storage': '1Mi' } } }];
  await w.pod('greedy', { containers });
  await w.pod('critical', { containers, priority: 2_000_000_000 });
  await w.pod('modest');
  await pass(w.time, 1_000);
  w.runtime.storageBytes = () => Promise.resolve(mebi + 1);
  const { stop } = w.runtime;
  const graces: number[] = [];
  w.runtime.stop = (id, graceMs) => {
    graces.push(graceMs);
    return stop(id, graceMs);
  };
  await pass(w.time, 11_000);
  const status = w.status('greedy');
  t.like(status, { phase: 'Failed', reason: 'Evicted' });
  t.regex(status?.message ?? '', /exceeds the total limit of containers 1Mi/);
  t.false(status?.conditions?.some(({ type }) => type === 'DisruptionTarget'));
  t.is(w.status('critical')?.phase, 'Running');
  t.deepEqual(graces, [2000], 'it gets a moment to stop');
  t.true(w.events().includes('Evicted'));
  t.is(w.status('modest')?.phase, 'Running');
});
