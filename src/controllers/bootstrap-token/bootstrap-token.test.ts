import { createHmac } from 'node:crypto';
import test from 'ava';
import { resources, type StoredObject, timeText } from '../../api/index.ts';
import { Harness, MemoryCluster } from '../runtime/memory-cluster.fixture.ts';
import { bootstrapSigner, tokenCleaner } from './controller.ts';
import { signatureOf } from './signatures.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

function tokenSecret(
  id: string,
  more: Readonly<Record<string, string>> = {},
): Record<string, unknown> & { metadata: Record<string, unknown> } {
  const data = { 'token-id': id, 'token-secret': '0123456789abcdef', 'usage-bootstrap-signing': 'true', ...more };
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: `bootstrap-token-${id}`, namespace: 'kube-system' },
    type: 'bootstrap.kubernetes.io/token',
    data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, base64(value)])),
  };
}

test('a signature is a JWS of the content, which is left out of it', async (t) => {
  const signature = await signatureOf('hällo', { id: 'abcdef', secret: '0123456789abcdef' });
  const [header = '', content, sum] = signature.split('.');
  t.deepEqual(JSON.parse(Buffer.from(header, 'base64url').toString()), { alg: 'HS256', kid: 'abcdef' });
  t.is(content, '');
  const signed = `${header}.${Buffer.from('hällo').toString('base64url')}`;
  t.is(sum, createHmac('sha256', '0123456789abcdef').update(signed).digest('base64url'));
});

test('cluster-info is signed by the tokens that sign, as they come, change and go', async (t) => {
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [bootstrapSigner()]);
  await cluster.make(resources.configMaps, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'cluster-info', namespace: 'kube-public' },
    data: { kubeconfig: 'one', 'jws-kubeconfig-stale1': 'x' },
  });
  const data = (): Readonly<Record<string, string>> =>
    (cluster.view.get<StoredObject>(resources.configMaps, 'kube-public', 'cluster-info')?.['data'] ?? {}) as Readonly<
      Record<string, string>
    >;
  await cluster.make(resources.secrets, tokenSecret('aaaaaa'));
  await cluster.make(resources.secrets, tokenSecret('bbbbbb', { 'usage-bootstrap-signing': 'false' }));
  await cluster.make(resources.secrets, tokenSecret('cccccc', { expiration: '2001-01-01T00:00:00Z' }));
  await cluster.make(resources.secrets, tokenSecret('dddddd', { 'token-secret': 'short' }));
  await harness.settle();
  t.deepEqual(Object.keys(data()), ['kubeconfig', 'jws-kubeconfig-aaaaaa']);
  const first = data()['jws-kubeconfig-aaaaaa'];
  t.is(first, await signatureOf('one', { id: 'aaaaaa', secret: '0123456789abcdef' }));
  const info = { ...resources.configMaps, namespace: 'kube-public', name: 'cluster-info' };
  await cluster.client.patch(info, { type: 'merge', body: { data: { kubeconfig: 'two' } } });
  await harness.settle();
  t.not(data()['jws-kubeconfig-aaaaaa'], first);
  await cluster.client.delete({ ...resources.secrets, namespace: 'kube-system', name: 'bootstrap-token-aaaaaa' });
  await harness.settle();
  t.deepEqual(Object.keys(data()), ['kubeconfig']);
});

test('a token is deleted when it expires, and not before', async (t) => {
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [tokenCleaner()]);
  const now = cluster.ports.clock.now();
  await cluster.make(resources.secrets, tokenSecret('aaaaaa', { expiration: timeText(now - 1000) }));
  await cluster.make(resources.secrets, tokenSecret('bbbbbb', { expiration: timeText(now + 60_000) }));
  await cluster.make(resources.secrets, tokenSecret('cccccc'));
  await cluster.make(resources.secrets, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'mine', namespace: 'kube-system' },
    data: { expiration: base64('2001-01-01T00:00:00Z') },
  });
  const names = (): readonly string[] =>
    cluster.view.list<StoredObject>(resources.secrets, 'kube-system').map(({ metadata }) => metadata.name ?? '');
  await harness.settle();
  t.deepEqual([...names()].sort(), ['bootstrap-token-bbbbbb', 'bootstrap-token-cccccc', 'mine']);
  await harness.advance(61_000);
  t.deepEqual([...names()].sort(), ['bootstrap-token-cccccc', 'mine']);
});
