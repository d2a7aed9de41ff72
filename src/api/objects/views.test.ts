import test from 'ava';
import type { KubeObject } from '../object.ts';
import type { Container, New, Node, Pod, PodSpec, Sent } from './index.ts';

const stored: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'web',
    namespace: 'shop',
    uid: 'u1',
    resourceVersion: '7',
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: { app: 'web' },
  },
  spec: { containers: [{ name: 'main', resources: {} }], restartPolicy: 'Always' },
  status: { phase: 'Pending' },
};

test('what the API sets on a stored object needs no check', (t) => {
  const { name, namespace, uid } = stored.metadata;
  const texts: readonly string[] = [name, namespace, uid];
  const container: Container | undefined = stored.spec.containers[0];
  t.deepEqual([...texts, container?.name, stored.status.phase], ['web', 'shop', 'u1', 'main', 'Pending']);
});

test('an object as a client sent it may lack anything, hold any text, and be completed', (t) => {
  const sent: Sent<Pod> = { spec: { containers: [{}], restartPolicy: 'Sometimes' }, metadata: { labels: { a: 'b' } } };
  const spec: Sent<PodSpec> = (sent.spec ??= {});
  spec.restartPolicy = 'Always';
  spec.containers?.push({ name: 'more' });
  const labels: Record<string, string> = sent.metadata?.labels ?? {};
  t.deepEqual([spec.containers, labels], [[{}, { name: 'more' }], { a: 'b' }]);
});

test('a new object takes over parts of stored ones, and is an object of the API', (t) => {
  const { labels } = stored.metadata;
  const made: New<Pod> = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'copy', labels },
    spec: { ...stored.spec, nodeName: undefined, tolerations: [{ operator: 'Exists' }] },
  };
  const object: KubeObject = made;
  const again: New<Pod> = stored;
  const node: New<Node> = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' }, spec: { unschedulable: true } };
  t.deepEqual([object.metadata.name, again.spec?.containers, node.spec], ['copy', stored.spec.containers, node.spec]);
});
