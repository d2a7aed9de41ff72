import test from 'ava';
import { type Namespace, resources } from '../../api/index.ts';
import { Harness, MemoryCluster } from '../runtime/memory-cluster.fixture.ts';
import { serviceAccountController } from './controller.ts';
import { planAccount } from './reconcile.ts';
import { stored } from '../runtime/stored.fixture.ts';

const namespace = (parts: { readonly phase?: string; readonly deletionTimestamp?: string } = {}): Namespace =>
  stored<Namespace>({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'ns', uid: 'ns', ...('deletionTimestamp' in parts ? parts : {}) },
    status: { phase: parts.phase ?? 'Active' },
  });

test('an open namespace without the account gets it', (t) => {
  t.deepEqual(planAccount(namespace(), false), {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'default', namespace: 'ns' },
  });
});

test('nothing is made where the account is, or where the namespace is gone or going', (t) => {
  t.is(planAccount(namespace(), true), undefined);
  t.is(planAccount(undefined, false), undefined);
  t.is(planAccount(namespace({ phase: 'Terminating' }), false), undefined);
  t.is(planAccount(namespace({ deletionTimestamp: '2026-01-01T00:00:00Z' }), false), undefined);
});

test('a deleted account comes back, another one does not', async (t) => {
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [serviceAccountController()]);
  await cluster.make(resources.namespaces, { ...namespace() } as never);
  await cluster.make(resources.serviceAccounts, { metadata: { name: 'mine', namespace: 'ns' } });
  await harness.settle();
  const names = (): unknown => cluster.view.list(resources.serviceAccounts, 'ns').map(({ metadata }) => metadata.name);
  t.deepEqual(names(), ['default', 'mine']);
  for (const name of ['default', 'mine'])
    await cluster.client.delete({ ...resources.serviceAccounts, namespace: 'ns', name });
  await harness.settle();
  t.deepEqual(names(), ['default']);
});
