import test from 'ava';
import type { JsonObject, KubeObject } from '../../api/index.ts';
import { startHarness, statusLine } from '../testing/harness.ts';

const pods = '/api/v1/namespaces/default/pods';
const pod = (name: string, labels: object = {}): object => ({ metadata: { name, labels }, spec: { containers: [{ name: 'c', image: 'i' }] } });
const specOf = (object: KubeObject): JsonObject => object.spec as JsonObject;

test('a binding gives a pod to a node, once', async (t) => {
  const h = await startHarness();
  await h.post(pods, pod('p'));
  const binding = { metadata: { name: 'p', annotations: { from: 'binding' } }, target: { kind: 'Node', name: 'n' } };
  t.like(await h.post(`${pods}/p/binding`, binding), { kind: 'Status', status: 'Success', code: 201 });
  const bound = await h.get(`${pods}/p`);
  t.is(specOf(bound)['nodeName'], 'n');
  t.is(bound.metadata.annotations?.['from'], 'binding');
  t.is(statusLine(await h.post(`${pods}/p/binding`, binding)), '409 Conflict: Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "n"');
  t.is(statusLine(await h.post(`${pods}/p/binding`, { metadata: { name: 'q' }, target: {} })), '400 BadRequest: name in URL does not match name in Binding object');
  t.is(statusLine(await h.post(`${pods}/p/binding`, { metadata: { name: 'p' }, target: {} })), '400 BadRequest: target.name: Required value');
});

test('scale reads and writes the replicas of its object', async (t) => {
  const h = await startHarness();
  const deployments = '/apis/apps/v1/namespaces/default/deployments';
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  await h.post(deployments, { metadata: { name: 'd' }, spec: { replicas: 2, selector: { matchLabels: { a: 'b' } }, template } });
  const scale = await h.get(`${deployments}/d/scale`);
  t.like(scale, { kind: 'Scale', apiVersion: 'autoscaling/v1', spec: { replicas: 2 }, status: { replicas: 0, selector: 'a=b' } });
  t.like(await h.patch(`${deployments}/d/scale`, 'merge', { spec: { replicas: 5 } }), { kind: 'Scale', spec: { replicas: 5 } });
  t.is(specOf(await h.get(`${deployments}/d`))['replicas'], 5);
  const negative = await h.put(`${deployments}/d/scale`, { metadata: { name: 'd', namespace: 'default' }, spec: { replicas: -1 } });
  t.is(statusLine(negative), '422 Invalid: Scale.autoscaling "d" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0');
  const stale = await h.put(`${deployments}/d/scale`, { metadata: { name: 'd', resourceVersion: '1' }, spec: { replicas: 1 } });
  t.is((stale as unknown as JsonObject)['code'], 409);
});

test('status and the rest of an object are written apart', async (t) => {
  const h = await startHarness();
  await h.post(pods, pod('p'));
  const changed = await h.patch(`${pods}/p/status`, 'merge', { spec: { activeDeadlineSeconds: 5 }, status: { phase: 'Running' } });
  t.is((changed['status'] as JsonObject)['phase'], 'Running');
  t.is(specOf(changed)['activeDeadlineSeconds'], undefined);
});

test('an eviction spends the budget and then is refused', async (t) => {
  const h = await startHarness();
  for (const name of ['a', 'b']) {
    await h.post(pods, pod(name, { app: 'x' }));
    await h.patch(`${pods}/${name}/status`, 'merge', { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } });
  }
  const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
  await h.post(budgets, { metadata: { name: 'b' }, spec: { minAvailable: 1, selector: { matchLabels: { app: 'x' } } } });
  await h.patch(`${budgets}/b/status`, 'merge', { status: { observedGeneration: 1, disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1, expectedPods: 2 } });
  t.like(await h.post(`${pods}/a/eviction`, { metadata: { name: 'a' } }), { status: 'Success' });
  const refused = await h.post(`${pods}/b/eviction`, { metadata: { name: 'b' } });
  t.is(statusLine(refused), "429 TooManyRequests: Cannot evict pod as it would violate the pod's disruption budget.");
});

test('a token is asked of the issuer with what it is bound to', async (t) => {
  const orders: unknown[] = [];
  const h = await startHarness({ issueToken: (order) => { orders.push(order); return Promise.resolve({ token: 'T', expirationTimestamp: '2026-01-01T01:00:00Z', audiences: ['a'] }); } });
  const made = await h.post(pods, pod('p'));
  const path = '/api/v1/namespaces/default/serviceaccounts/default/token';
  const answer = await h.post(path, { spec: { audiences: ['a'], boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: made.metadata.uid } } });
  t.like(answer, { kind: 'TokenRequest', status: { token: 'T' } });
  t.like(orders[0] as object, { serviceAccount: 'default', expirationSeconds: 3600, boundObject: { kind: 'Pod', name: 'p', uid: made.metadata.uid } });
});
