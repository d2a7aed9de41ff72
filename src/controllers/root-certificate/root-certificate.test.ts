import test from 'ava';
import { resources, type StoredObject } from '../../api/index.ts';
import { Harness, MemoryCluster } from '../runtime/memory-cluster.fixture.ts';
import { rootCertificateController } from './controller.ts';
import { mapName, planMap } from './reconcile.ts';
import { stored } from '../runtime/stored.fixture.ts';

const map = (parts: { readonly data?: object; readonly annotations?: Record<string, string> }): StoredObject =>
  stored<StoredObject>({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: mapName, namespace: 'ns', uid: 'm', annotations: parts.annotations ?? {} },
    data: parts.data,
  });
const described = { 'kubernetes.io/description': 'any' };

test('a namespace without the map gets one, and a right one is left alone', (t) => {
  t.like(planMap('ns', undefined, 'PEM'), {
    type: 'create',
    map: { kind: 'ConfigMap', metadata: { name: 'kube-root-ca.crt', namespace: 'ns' }, data: { 'ca.crt': 'PEM' } },
  });
  t.deepEqual(planMap('ns', map({ data: { 'ca.crt': 'PEM' }, annotations: described }), 'PEM'), { type: 'nothing' });
});

test('a map with other data or without its description is repaired, and keeps its other annotations', (t) => {
  for (const broken of [
    map({ data: { 'ca.crt': 'old' }, annotations: described }),
    map({ data: { 'ca.crt': 'PEM', more: 'x' }, annotations: described }),
    map({ data: { 'ca.crt': 'PEM' }, annotations: { mine: 'yes' } }),
  ]) {
    const plan = planMap('ns', broken, 'PEM');
    t.like(plan, { type: 'update', map: { data: { 'ca.crt': 'PEM' } } });
    if (plan.type !== 'update') continue;
    t.deepEqual(plan.map['data'], { 'ca.crt': 'PEM' });
    t.is(plan.map.metadata.annotations?.['mine'], broken.metadata.annotations?.['mine']);
    t.true(plan.map.metadata.annotations?.['kubernetes.io/description']?.startsWith('Contains a CA bundle'));
  }
});

test('every namespace gets other authorities when the API server tells of them', async (t) => {
  let certificates = 'OLD';
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [rootCertificateController(() => certificates)]);
  for (const name of ['ns', 'kube-system'])
    await cluster.make(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  await harness.settle();
  certificates = 'OLD NEW';
  await cluster.make(resources.configMaps, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'extension-apiserver-authentication', namespace: 'kube-system' },
  });
  await harness.settle();
  for (const name of ['ns', 'kube-system'])
    t.deepEqual(cluster.view.get<StoredObject>(resources.configMaps, name, mapName)?.['data'], { 'ca.crt': 'OLD NEW' });
});

test('a deleted map comes back while its namespace is open', async (t) => {
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [rootCertificateController(() => 'PEM')]);
  await cluster.make(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ns' } });
  await harness.settle();
  const found = (): unknown => cluster.view.get<StoredObject>(resources.configMaps, 'ns', mapName)?.['data'];
  t.deepEqual(found(), { 'ca.crt': 'PEM' });
  await cluster.client.delete({ ...resources.configMaps, namespace: 'ns', name: mapName });
  await harness.settle();
  t.deepEqual(found(), { 'ca.crt': 'PEM' });
});
