import test from 'ava';
import type { JsonObject, KubeObject } from '../../api/index.ts';
import { startHarness, statusLine } from '../testing/harness.ts';

const pods = '/api/v1/namespaces/default/pods';
const pod = (name: string, labels: object = {}): object => ({
  metadata: { name, labels },
  spec: { containers: [{ name: 'c', image: 'i' }] },
});
const specOf = (object: KubeObject): JsonObject => object.spec as JsonObject;

test('a binding gives a pod to a node, once', async (t) => {
  const h = await startHarness();
  await h.post(pods, pod('p'));
  const binding = { metadata: { name: 'p', annotations: { from: 'binding' } }, target: { kind: 'Node', name: 'n' } };
  t.like(await h.post(`${pods}/p/binding`, binding), { kind: 'Status', status: 'Success', code: 201 });
  const bound = await h.get(`${pods}/p`);
  t.is(specOf(bound)['nodeName'], 'n');
  t.is(bound.metadata.annotations?.['from'], 'binding');
  t.is(
    statusLine(await h.post(`${pods}/p/binding`, binding)),
    '409 Conflict: Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "n"',
  );
  t.is(
    statusLine(await h.post(`${pods}/p/binding`, { metadata: { name: 'q' }, target: {} })),
    '400 BadRequest: name in URL does not match name in Binding object',
  );
  t.is(
    statusLine(await h.post(`${pods}/p/binding`, { metadata: { name: 'p' }, target: {} })),
    '400 BadRequest: target.name: Required value',
  );
});

test('scale reads and writes the replicas of its object', async (t) => {
  const h = await startHarness();
  const deployments = '/apis/apps/v1/namespaces/default/deployments';
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  await h.post(deployments, {
    metadata: { name: 'd' },
    spec: { replicas: 2, selector: { matchLabels: { a: 'b' } }, template },
  });
  const scale = await h.get(`${deployments}/d/scale`);
  t.like(scale, {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    spec: { replicas: 2 },
    status: { replicas: 0, selector: 'a=b' },
  });
  t.like(await h.patch(`${deployments}/d/scale`, 'merge', { spec: { replicas: 5 } }), {
    kind: 'Scale',
    spec: { replicas: 5 },
  });
  t.is(specOf(await h.get(`${deployments}/d`))['replicas'], 5);
  const negative = await h.put(`${deployments}/d/scale`, {
    metadata: { name: 'd', namespace: 'default' },
    spec: { replicas: -1 },
  });
  t.is(
    statusLine(negative),
    '422 Invalid: Scale.autoscaling "d" is invalid: spec.replicas: Invalid value: -1: must be greater than ' +
      'or equal to 0',
  );
  const labelled = await h.put(`${deployments}/d/scale`, {
    metadata: { name: 'd', labels: { 'a b': 'c' } },
    spec: { replicas: 1 },
  });
  t.regex(
    statusLine(labelled),
    /^422 Invalid: Scale.autoscaling "d" is invalid: metadata.labels: Invalid value: "a b": name part must consist/,
  );
  const stale = await h.put(`${deployments}/d/scale`, {
    metadata: { name: 'd', resourceVersion: '1' },
    spec: { replicas: 1 },
  });
  t.is((stale as unknown as JsonObject)['code'], 409);
});

test('who writes a Scale owns the replicas of its object, and applying one respects their owners', async (t) => {
  const h = await startHarness();
  const deployments = '/apis/apps/v1/namespaces/default/deployments';
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const config = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd' },
    spec: { replicas: 2, selector: { matchLabels: { a: 'b' } }, template },
  };
  const scale = (replicas: number): object => ({
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name: 'd' },
    spec: { replicas },
  });
  const owners = async (): Promise<readonly string[]> =>
    ((await h.get(`${deployments}/d`)).metadata.managedFields ?? [])
      .filter(({ fieldsV1 }) => 'f:replicas' in ((fieldsV1 as JsonObject)['f:spec'] as JsonObject))
      .map(
        ({ manager, operation, subresource, apiVersion, time }) =>
          `${manager ?? ''} ${operation} ${subresource ?? ''} ${apiVersion} ` +
          `${time === undefined ? 'untimed' : 'timed'}`,
      );
  await h.patch(deployments.concat('/d'), 'apply', config, { fieldManager: 'one' });
  t.deepEqual(await owners(), ['one Apply  apps/v1 timed']);
  const refused = await h.patch(`${deployments}/d/scale`, 'apply', scale(3), { fieldManager: 'two' });
  t.is(statusLine(refused), '409 Conflict: Apply failed with 1 conflict: conflict with "one": .spec.replicas');
  t.like(await h.patch(`${deployments}/d/scale`, 'apply', scale(2), { fieldManager: 'two' }), {
    spec: { replicas: 2 },
  });
  t.deepEqual(await owners(), ['two Apply scale apps/v1 untimed', 'one Apply  apps/v1 timed']);
  await h.put(`${deployments}/d/scale`, scale(4), { fieldManager: 'three' });
  t.deepEqual(await owners(), ['three Update scale apps/v1 untimed']);
  const taken = await h.patch(`${deployments}/d/scale`, 'apply', scale(5), { fieldManager: 'two' });
  t.is(
    statusLine(taken),
    '409 Conflict: Apply failed with 1 conflict: conflict with "three" with subresource "scale" using ' +
      'autoscaling/v1: .spec.replicas',
  );
  await h.patch(`${deployments}/d/scale`, 'apply', scale(5), { fieldManager: 'two', force: true });
  t.deepEqual(await owners(), ['two Apply scale apps/v1 untimed']);
  const other = await h.patch(`${deployments}/d/scale`, 'apply', config, { fieldManager: 'two' });
  t.is(statusLine(other), '400 BadRequest: invalid object type: apps/v1, Kind=Deployment');
  const nameless = await h.patch(`${deployments}/d/scale`, 'merge', { metadata: { name: null } });
  t.is(
    statusLine(nameless),
    '400 BadRequest: the name of the object (d based on URL) was undeterminable: name must be provided',
  );
  const foreign = await h.put(`${deployments}/d/scale`, { ...scale(1), metadata: { name: 'd', uid: 'other' } });
  t.regex(
    statusLine(foreign),
    /^409 Conflict: .*Precondition failed: UID in precondition: other, UID in object meta: /,
  );
});

test('status and the rest of an object are written apart', async (t) => {
  const h = await startHarness();
  await h.post(pods, pod('p'));
  const changed = await h.patch(`${pods}/p/status`, 'merge', {
    spec: { activeDeadlineSeconds: 5 },
    status: { phase: 'Running' },
  });
  t.is((changed['status'] as JsonObject)['phase'], 'Running');
  t.is(specOf(changed)['activeDeadlineSeconds'], undefined);
});

test('an eviction spends the budget and then is refused', async (t) => {
  const h = await startHarness();
  for (const name of ['a', 'b']) {
    await h.post(pods, pod(name, { app: 'x' }));
    await h.patch(`${pods}/${name}/status`, 'merge', {
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
    });
  }
  const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
  await h.post(budgets, {
    metadata: { name: 'b' },
    spec: { minAvailable: 1, selector: { matchLabels: { app: 'x' } } },
  });
  await h.patch(`${budgets}/b/status`, 'merge', {
    status: { observedGeneration: 1, disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1, expectedPods: 2 },
  });
  t.like(await h.post(`${pods}/a/eviction`, { metadata: { name: 'a' } }), { status: 'Success' });
  const refused = await h.post(`${pods}/b/eviction`, { metadata: { name: 'b' } });
  t.is(statusLine(refused), "429 TooManyRequests: Cannot evict pod as it would violate the pod's disruption budget.");
});

test('a token is asked of the issuer with what it is bound to', async (t) => {
  const orders: unknown[] = [];
  const h = await startHarness({
    issueToken: (order) => {
      orders.push(order);
      return Promise.resolve({ token: 'T', expirationTimestamp: '2026-01-01T01:00:00Z', audiences: ['a'] });
    },
  });
  const made = await h.post(pods, pod('p'));
  const path = '/api/v1/namespaces/default/serviceaccounts/default/token';
  const answer = await h.post(path, {
    spec: { audiences: ['a'], boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: made.metadata.uid } },
  });
  t.like(answer, { kind: 'TokenRequest', status: { token: 'T' } });
  t.like(orders[0] as object, {
    serviceAccount: 'default',
    expirationSeconds: 3600,
    boundObject: { kind: 'Pod', name: 'p', uid: made.metadata.uid },
  });
});

interface Refused {
  readonly title: string;
  readonly at: string;
  readonly body: object;
  readonly answer: string;
}

test('an eviction is forbidden while too many are not noted', async (t) => {
  const h = await startHarness();
  await h.post(pods, pod('p', { app: 'x' }));
  await h.patch(`${pods}/p/status`, 'merge', {
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  });
  const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
  await h.post(budgets, {
    metadata: { name: 'b' },
    spec: { minAvailable: 1, selector: { matchLabels: { app: 'x' } } },
  });
  const disruptedPods = Object.fromEntries(
    Array.from({ length: 2_001 }, (_, index) => [`p${index}`, '2024-01-01T00:00:00Z']),
  );
  await h.patch(`${budgets}/b/status`, 'merge', {
    status: { observedGeneration: 1, disruptionsAllowed: 1, disruptedPods },
  });
  t.is(
    statusLine(await h.post(`${pods}/p/eviction`, { metadata: { name: 'p' } })),
    '403 Forbidden: poddisruptionbudget.policy "b" is forbidden: DisruptedPods map too big - too many ' +
      'evictions not confirmed by PDB controller',
  );
});

const eviction = (more: object = {}): object => ({
  apiVersion: 'policy/v1',
  kind: 'Eviction',
  metadata: { name: 'p' },
  ...more,
});
const refused: readonly Refused[] = [
  {
    title: 'an eviction with an unknown propagation',
    at: `${pods}/p/eviction`,
    body: eviction({ deleteOptions: { propagationPolicy: 'X' } }),
    answer:
      '422 Invalid: DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "X": ' +
      'supported values: "Foreground", "Background", "Orphan", "nil"',
  },
  {
    title: 'an eviction with an unknown dry run',
    at: `${pods}/p/eviction`,
    body: eviction({ deleteOptions: { dryRun: ['Some'] } }),
    answer:
      '422 Invalid: DeleteOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: []string{"Some"}: ' +
      'supported values: "All"',
  },
  {
    title: 'a binding of another pod of the name',
    at: `${pods}/p/binding`,
    body: { metadata: { name: 'p', uid: 'x' }, target: { name: 'n' } },
    answer:
      '409 Conflict: Operation cannot be fulfilled on pods "p": StorageError: invalid object, Code: 4, Key: ' +
      '/registry/pods/default/p, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in ' +
      'precondition: x, UID in object meta: UID',
  },
  {
    title: 'a binding of an older version',
    at: `${pods}/p/binding`,
    body: { metadata: { name: 'p', resourceVersion: '1' }, target: { name: 'n' } },
    answer:
      '409 Conflict: Operation cannot be fulfilled on pods "p": StorageError: invalid object, Code: 4, Key: ' +
      '/registry/pods/default/p, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: ' +
      'ResourceVersion in precondition: 1, ResourceVersion in object meta: VERSION',
  },
  {
    title: 'a token under another name',
    at: '/api/v1/namespaces/default/serviceaccounts/default/token',
    body: { metadata: { name: 'x' }, spec: {} },
    answer:
      '422 Invalid: TokenRequest.authentication.k8s.io "default" is invalid: metadata.name: Invalid value: ' +
      '"x": must match the service account name if specified',
  },
  {
    title: 'a short token of an absent account',
    at: '/api/v1/namespaces/default/serviceaccounts/none/token',
    body: { spec: { expirationSeconds: 1 } },
    answer: '404 NotFound: serviceaccounts "none" not found',
  },
];

for (const { title, at, body, answer } of refused) {
  test(`${title} is refused in upstream's words`, async (t) => {
    const h = await startHarness();
    const { metadata } = await h.post(pods, pod('p'));
    const text = statusLine(await h.post(at, body))
      .replaceAll(metadata.uid ?? '', 'UID')
      .replace(/object meta: \d+$/, 'object meta: VERSION');
    t.is(text, answer);
    t.is((await h.get(`${pods}/p`)).kind, 'Pod');
  });
}

test('an eviction of the older version is taken, and one under two budgets is told that it failed', async (t) => {
  const h = await startHarness();
  await h.post(pods, pod('p', { app: 'x' }));
  const old = { ...eviction(), apiVersion: 'policy/v1beta1' };
  t.like(await h.post(`${pods}/p/eviction`, old, { dryRun: true }), { status: 'Success' });
  for (const name of ['a', 'b'])
    await h.post('/apis/policy/v1/namespaces/default/poddisruptionbudgets', {
      metadata: { name },
      spec: { minAvailable: 1, selector: { matchLabels: { app: 'x' } } },
    });
  t.like(
    await h.post(`${pods}/p/eviction`, old, { dryRun: true }),
    { status: 'Success' },
    'budgets do not count a pending pod',
  );
  await h.patch(`${pods}/p/status`, 'merge', { status: { phase: 'Running' } });
  t.like(await h.post(`${pods}/p/eviction`, eviction()), {
    kind: 'Status',
    status: 'Failure',
    code: 500,
    message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
  });
});
