import test from 'ava';
import { allResources, type Namespace, resources, type StoredObject } from '../../api/index.ts';
import { Harness, MemoryCluster } from '../runtime/memory-cluster.fixture.ts';
import { rootCertificateController } from '../root-certificate/controller.ts';
import { serviceAccountController } from '../service-account/controller.ts';
import { namespaceController } from './controller.ts';

function world(): { cluster: MemoryCluster; harness: Harness; namespace: () => Namespace | undefined } {
  const cluster = new MemoryCluster();
  return {
    cluster,
    harness: new Harness(cluster, [
      namespaceController(allResources),
      serviceAccountController(),
      rootCertificateController(() => 'PEM'),
    ]),
    namespace: () => cluster.view.get<Namespace>(resources.namespaces, undefined, 'x'),
  };
}
const namespaceX = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'x' },
  spec: { finalizers: ['kubernetes'] },
  status: { phase: 'Active' },
};

test('a namespace gets its account and the root certificate, and both come back', async (t) => {
  const { cluster, harness } = world();
  await cluster.make(resources.namespaces, namespaceX);
  await harness.settle();
  t.truthy(cluster.view.get(resources.serviceAccounts, 'x', 'default'));
  const map = { ...resources.configMaps, namespace: 'x', name: 'kube-root-ca.crt' };
  t.deepEqual(cluster.view.get<StoredObject>(resources.configMaps, 'x', map.name)?.['data'], { 'ca.crt': 'PEM' });
  await cluster.client.patch(map, { type: 'merge', body: { data: { 'ca.crt': 'x', more: 'y' } } });
  await cluster.client.delete({ ...resources.serviceAccounts, namespace: 'x', name: 'default' });
  await harness.settle();
  t.deepEqual(cluster.view.get<StoredObject>(resources.configMaps, 'x', map.name)?.['data'], { 'ca.crt': 'PEM' });
  t.truthy(cluster.view.get(resources.serviceAccounts, 'x', 'default'));
});

test('a deleted namespace is emptied, says what holds it, and goes when that is let go', async (t) => {
  const { cluster, harness, namespace } = world();
  await cluster.make(resources.namespaces, namespaceX);
  await cluster.make(resources.configMaps, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'hold', namespace: 'x', finalizers: ['example.com/hold'] },
  });
  await cluster.make(resources.services, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's', namespace: 'x' },
  });
  await harness.settle();
  await cluster.client.delete({ ...resources.namespaces, name: 'x' });
  await harness.settle();
  t.deepEqual(cluster.view.list(resources.services, 'x'), []);
  const messages = new Map(
    namespace()?.status?.conditions?.map((condition) => [
      condition.type,
      `${condition.status} ${condition.reason ?? ''}: ${condition.message ?? ''}`,
    ]),
  );
  t.is(messages.size, 5);
  t.is(
    messages.get('NamespaceContentRemaining'),
    'True SomeResourcesRemain: Some resources are remaining: configmaps. has 1 resource instances',
  );
  t.is(
    messages.get('NamespaceFinalizersRemaining'),
    'True SomeFinalizersRemain: Some content in the namespace has finalizers remaining: ' +
      'example.com/hold in 1 resource instances',
  );
  await cluster.client.patch(
    { ...resources.configMaps, namespace: 'x', name: 'hold' },
    { type: 'merge', body: { metadata: { finalizers: null } } },
  );
  await harness.settle();
  t.is(namespace(), undefined);
});

test('pods of a deleted namespace go first, and everything else stays until the last of them is gone', async (t) => {
  const { cluster, harness, namespace } = world();
  await cluster.make(resources.namespaces, namespaceX);
  const pod = (name: string, finalizers: readonly string[]) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'x', finalizers },
    spec: { containers: [{ name: 'c', image: 'i' }], terminationGracePeriodSeconds: 0 },
  });
  await cluster.make(resources.pods, pod('held', ['example.com/hold']));
  await cluster.make(resources.pods, pod('free', []));
  await cluster.make(resources.configMaps, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'read-by-pods', namespace: 'x' },
  });
  await harness.settle();
  await cluster.client.delete({ ...resources.namespaces, name: 'x' });
  await harness.settle();
  t.deepEqual(
    cluster.view.list(resources.pods, 'x').map(({ metadata }) => [metadata.name, typeof metadata.deletionTimestamp]),
    [['held', 'string']],
  );
  t.is(cluster.view.get(resources.configMaps, 'x', 'read-by-pods')?.metadata.deletionTimestamp, undefined);
  t.truthy(cluster.view.get(resources.configMaps, 'x', 'read-by-pods'));
  t.truthy(cluster.view.get(resources.serviceAccounts, 'x', 'default'));
  const remaining = namespace()?.status?.conditions?.find(({ type }) => type === 'NamespaceContentRemaining');
  t.is(remaining?.message, 'Some resources are remaining: pods. has 1 resource instances');
  await cluster.client.patch(
    { ...resources.pods, namespace: 'x', name: 'held' },
    { type: 'merge', body: { metadata: { finalizers: null } } },
  );
  await harness.settle();
  t.is(namespace(), undefined);
  t.deepEqual(cluster.view.list(resources.configMaps, 'x'), []);
});

test('an empty namespace that others still hold says that its content is gone', async (t) => {
  const { cluster, harness, namespace } = world();
  await cluster.make(resources.namespaces, {
    ...namespaceX,
    spec: { finalizers: ['kubernetes', 'example.com/other'] },
  });
  await harness.settle();
  await cluster.client.delete({ ...resources.namespaces, name: 'x' });
  await harness.settle();
  t.deepEqual(namespace()?.spec?.finalizers, ['example.com/other']);
  t.deepEqual(
    namespace()?.status?.conditions?.map(
      (condition) => `${condition.type}=${condition.status} ${condition.reason ?? ''}`,
    ),
    [
      'NamespaceDeletionDiscoveryFailure=False ResourcesDiscovered',
      'NamespaceDeletionGroupVersionParsingFailure=False ParsedGroupVersions',
      'NamespaceDeletionContentFailure=False ContentDeleted',
      'NamespaceContentRemaining=False ContentRemoved',
      'NamespaceFinalizersRemaining=False ContentHasNoFinalizers',
    ],
  );
});
