import test from 'ava';
import type { JsonObject, KubeObject } from '../../../api/index.ts';
import { seededRandom, silentLogger } from '../../../base/index.ts';
import { createTraces, systemClock } from '../../../platform/index.ts';
import { type Harness, startHarness, statusLine } from '../../testing/harness.ts';
import { type CallOptions, tracedCalls, type WebhookCall } from '../../webhook-client.ts';
import { webhookAdmission } from './index.ts';
import { namesResource, ruleMatches } from '../request-matching.ts';

interface Call {
  readonly url: string;
  readonly options: CallOptions;
  readonly request: JsonObject;
}

type Answer = (request: JsonObject, url: string) => object | Error | string;

/**
 * A harness whose webhooks are answered by a function: a response without uid, text that is no review, or a failure.
 */
async function world(answer: Answer): Promise<{ readonly h: Harness; readonly calls: Call[] }> {
  const calls: Call[] = [];
  const call: WebhookCall = (url, body, options) => {
    const { request, ...review } = JSON.parse(new TextDecoder().decode(body)) as { request: JsonObject };
    calls.push({ url, options, request });
    const made = answer(request, url);
    if (made instanceof Error) return Promise.reject(made);
    const text =
      typeof made === 'string' ? made : JSON.stringify({ ...review, response: { uid: request['uid'], ...made } });
    return Promise.resolve({ status: 200, body: new TextEncoder().encode(text) });
  };
  return { h: await startHarness({ admission: webhookAdmission({ call }) }), calls };
}

const group = '/apis/admissionregistration.k8s.io/v1';
const maps = '/api/v1/namespaces/default/configmaps';
const rule = {
  operations: ['CREATE', 'UPDATE', 'DELETE'],
  apiGroups: [''],
  apiVersions: ['v1'],
  resources: ['configmaps'],
};
const hook = (name: string, more: object = {}): object => ({
  name: `${name}.hooks.example.com`,
  clientConfig: { url: `https://h.example.com/${name}` },
  rules: [rule],
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
  ...more,
});
const patchOf = (operations: readonly object[]): object => ({
  allowed: true,
  patchType: 'JSONPatch',
  patch: btoa(JSON.stringify(operations)),
});

function configure(
  h: Harness,
  kind: 'Mutating' | 'Validating',
  webhooks: readonly object[],
  name = 'c',
): Promise<KubeObject> {
  return h.post(`${group}/${kind.toLowerCase()}webhookconfigurations`, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: `${kind}WebhookConfiguration`,
    metadata: { name },
    webhooks,
  });
}

test('rules name resources as patterns, versions, operations and scopes', (t) => {
  const patterns: readonly (readonly [string, string, string, boolean])[] = [
    ['pods', 'pods', '', true],
    ['pods', 'pods', 'status', false],
    ['pods/*', 'pods', 'status', true],
    ['*', 'pods', '', true],
    ['*', 'pods', 'status', false],
    ['*/status', 'pods', 'status', true],
    ['*/*', 'pods', 'exec', true],
    ['pods/log', 'pods', 'status', false],
  ];
  for (const [pattern, resource, subresource, named] of patterns)
    t.is(namesResource(pattern, resource, subresource), named, `${pattern} ${resource}/${subresource}`);
  const info = { group: '', version: 'v1', resource: 'configmaps' } as never;
  const request = { operation: 'CREATE', subresource: '', namespace: 'n' } as const;
  t.true(ruleMatches({ ...rule, scope: 'Namespaced' }, request, info));
  t.false(ruleMatches({ ...rule, scope: 'Cluster' }, request, info));
  t.false(ruleMatches({ ...rule, operations: ['CONNECT'] }, request, info));
  t.false(ruleMatches({ ...rule, apiVersions: ['v2'] }, request, info));
  t.true(ruleMatches({ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'] }, request, info));
});

test('a mutating hook changes what is stored, and sees who asks for what', async (t) => {
  const { h, calls } = await world(() => patchOf([{ op: 'add', path: '/data', value: { a: 'hooked' } }]));
  await configure(h, 'Mutating', [hook('m')]);
  t.deepEqual((await h.post(maps, { metadata: { name: 'x' } }))['data'], { a: 'hooked' });
  t.is(calls[0]?.url, 'https://h.example.com/m?timeout=10s');
  t.like(calls[0]?.request, {
    operation: 'CREATE',
    name: 'x',
    namespace: 'default',
    kind: { group: '', version: 'v1', kind: 'ConfigMap' },
    userInfo: { username: 'admin', groups: ['system:masters'] },
    dryRun: false,
    oldObject: null,
  });
  t.is((calls[0]?.request['options'] as JsonObject)['kind'], 'CreateOptions');
});

test('refusals are told with the status of the hook', async (t) => {
  const rows: readonly (readonly [object, string])[] = [
    [
      { allowed: false },
      '400 undefined: admission webhook "v.hooks.example.com" denied the request without explanation',
    ],
    [
      { allowed: false, status: { message: 'no', code: 403, reason: 'Forbidden' } },
      '403 Forbidden: admission webhook "v.hooks.example.com" denied the request: no',
    ],
    [
      { allowed: false, status: { reason: 'Odd', code: 200 } },
      '400 Odd: admission webhook "v.hooks.example.com" denied the request: Odd',
    ],
    [
      { allowed: true, patch: 'W10=' },
      '500 InternalError: Internal error occurred: failed calling webhook "v.hooks.example.com": received ' +
        'invalid webhook response: validating webhook may not return response.patch',
    ],
    [{ allowed: true, uid: 'other' }, 'invalid uid'],
  ];
  for (const [answer, line] of rows) {
    const { h } = await world(() => answer);
    await configure(h, 'Validating', [hook('v')]);
    const said = statusLine(await h.post(maps, { metadata: { name: 'x' } }));
    if (line === 'invalid uid')
      t.regex(said, /received invalid webhook response: expected response.uid="[^"]+", got "other"$/);
    else t.is(said, line);
  }
});

test('what is wrong with the patch of a hook is told', async (t) => {
  const rows: readonly (readonly [object, string])[] = [
    [
      { op: 'remove', path: '/spec/a' },
      'remove operation does not apply: doc is missing path: "/spec/a": missing value',
    ],
    [{ op: 'test', path: '/data/a', value: '2' }, 'testing value /data/a failed: test failed'],
    [
      { op: 'add', path: '/data', value: { a: 5 } },
      'json: cannot unmarshal number into Go struct field ConfigMap.data of type string',
    ],
  ];
  for (const [operation, said] of rows) {
    const { h } = await world(() => patchOf([operation]));
    await configure(h, 'Mutating', [hook('m')]);
    t.is(
      statusLine(await h.post(maps, { metadata: { name: 'x' }, data: { a: '1' } })),
      `500 InternalError: Internal error occurred: ${said}`,
    );
  }
});

test('the patch of a hook is a fact for the trails that have bodies', async (t) => {
  const operations = [{ op: 'add', path: '/data', value: { a: '2' } }];
  const { h } = await world(() => patchOf(operations));
  await configure(h, 'Mutating', [hook('m')]);
  const noted: (readonly [key: string, value: unknown, level: string | undefined])[] = [];
  await h.post(
    maps,
    { metadata: { name: 'x' } },
    {
      annotate: (key, value, level) => {
        noted.push([key, JSON.parse(value), level]);
      },
    },
  );
  const place = 'webhook.admission.k8s.io/round_0_index_0';
  const facts = { configuration: 'c', webhook: 'm.hooks.example.com' };
  t.deepEqual(noted, [
    [`patch.${place}`, { ...facts, patch: operations, patchType: 'JSONPatch' }, 'Request'],
    [`mutation.${place}`, { ...facts, mutated: true }, undefined],
  ]);
});

test('a patch that is no JSON is told as Go tells it', async (t) => {
  const { h } = await world(() => ({ ...patchOf([]), patch: btoa('[{') }));
  await configure(h, 'Mutating', [hook('m')]);
  t.is(
    statusLine(await h.post(maps, { metadata: { name: 'x' } })),
    '500 InternalError: Internal error occurred: unexpected end of JSON input',
  );
});

test('a hook that cannot be asked stops the request, or does not, as its policy says', async (t) => {
  const { h } = await world(() => new Error('context deadline exceeded'));
  await configure(h, 'Validating', [hook('v')]);
  t.is(
    statusLine(await h.post(maps, { metadata: { name: 'x' } })),
    '500 InternalError: Internal error occurred: failed calling webhook "v.hooks.example.com": failed to ' +
      'call webhook: Post "https://h.example.com/v?timeout=10s": context deadline exceeded',
  );
  const { h: open } = await world(() => new Error('context deadline exceeded'));
  await configure(open, 'Validating', [hook('v', { failurePolicy: 'Ignore' })]);
  t.is((await open.post(maps, { metadata: { name: 'x' } })).kind, 'ConfigMap');
});

test('selectors choose by the labels of the object, old or new, and of its namespace', async (t) => {
  const { h, calls } = await world(() => ({ allowed: true, warnings: ['careful'] }));
  await configure(h, 'Validating', [
    hook('v', {
      objectSelector: { matchLabels: { a: 'b' } },
      namespaceSelector: { matchExpressions: [{ key: 'off', operator: 'DoesNotExist' }] },
    }),
  ]);
  await h.post(maps, { metadata: { name: 'x' } });
  t.is(calls.length, 0);
  await h.post(maps, { metadata: { name: 'y', labels: { a: 'b' } } });
  await h.patch(`${maps}/y`, 'merge', { metadata: { labels: { a: null } } });
  t.deepEqual(
    calls.map(({ request }) => request['operation']),
    ['CREATE', 'UPDATE'],
  );
  t.deepEqual(h.warnings, ['careful', 'careful']);
  await h.patch('/api/v1/namespaces/default', 'merge', { metadata: { labels: { off: '1' } } });
  await h.post(maps, { metadata: { name: 'z', labels: { a: 'b' } } });
  t.is(calls.length, 2);
});

test('a dry run is refused for hooks with effects elsewhere, and said to the others', async (t) => {
  const { h, calls } = await world(() => ({ allowed: true }));
  await configure(h, 'Mutating', [hook('m', { sideEffects: 'NoneOnDryRun' })]);
  t.is((await h.post(maps, { metadata: { name: 'x' } }, { dryRun: true })).kind, 'ConfigMap');
  t.true(calls[0]?.request['dryRun']);
});

test('hooks that ask for it look again when a later one changes the object', async (t) => {
  const { h, calls } = await world((_request, url) =>
    url.includes('/second') ? patchOf([{ op: 'add', path: '/data', value: { b: '2' } }]) : { allowed: true },
  );
  await configure(h, 'Mutating', [hook('first', { reinvocationPolicy: 'IfNeeded' }), hook('never'), hook('second')]);
  await h.post(maps, { metadata: { name: 'x' } });
  t.deepEqual(
    calls.map(({ url }) => /com\/(\w+)/.exec(url)?.[1]),
    ['first', 'never', 'second', 'first'],
  );
  t.deepEqual((calls[3]?.request['object'] as JsonObject)['data'], { b: '2' });
});

test('hooks of other versions of a resource see it in theirs, unless they want an exact match', async (t) => {
  const scaler = {
    metadata: { name: 'x' },
    spec: { scaleTargetRef: { kind: 'Deployment', name: 'd' }, maxReplicas: 3, targetCPUUtilizationPercentage: 50 },
  };
  for (const matchPolicy of ['Equivalent', 'Exact']) {
    const { h, calls } = await world(() => patchOf([{ op: 'replace', path: '/spec/maxReplicas', value: 7 }]));
    await configure(h, 'Mutating', [
      hook('m', {
        matchPolicy,
        rules: [
          {
            operations: ['CREATE'],
            apiGroups: ['autoscaling'],
            apiVersions: ['v2'],
            resources: ['horizontalpodautoscalers'],
          },
        ],
      }),
    ]);
    const made = await h.post('/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers', {
      apiVersion: 'autoscaling/v1',
      kind: 'HorizontalPodAutoscaler',
      ...scaler,
    });
    t.is((made.spec as JsonObject)['maxReplicas'], matchPolicy === 'Exact' ? 3 : 7);
    if (matchPolicy === 'Exact') continue;
    t.like(calls[0]?.request, { kind: { version: 'v2' }, requestKind: { version: 'v1' } });
    t.is((made.spec as JsonObject)['targetCPUUtilizationPercentage'], 50);
  }
});

test('scales are shown as Scale, and their replicas may be changed', async (t) => {
  const { h, calls } = await world(() => patchOf([{ op: 'replace', path: '/spec/replicas', value: 2 }]));
  const labels = { a: 'b' };
  await h.post('/apis/apps/v1/namespaces/default/deployments', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd' },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    },
  });
  await configure(h, 'Mutating', [
    hook('m', { rules: [{ operations: ['UPDATE'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/scale'] }] }),
  ]);
  await h.patch('/apis/apps/v1/namespaces/default/deployments/d/scale', 'merge', { spec: { replicas: 5 } });
  t.like(calls[0]?.request, {
    kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
    resource: { group: 'apps', resource: 'deployments' },
    subResource: 'scale',
  });
  t.is(((await h.get('/apis/apps/v1/namespaces/default/deployments/d')).spec as JsonObject)['replicas'], 2);
});

test('a service is called at a ready endpoint under its own name', async (t) => {
  const { h, calls } = await world(() => ({ allowed: true }));
  const service = { namespace: 'default', name: 's', path: '/check', port: 443 };
  await configure(h, 'Validating', [hook('v', { clientConfig: { service, caBundle: btoa('PEM') } })]);
  t.regex(
    statusLine(await h.post(maps, { metadata: { name: 'x' } })),
    /failed to call webhook: Post "https:\/\/s.default.svc:443\/check\?timeout=10s": service "s" not found$/,
  );
  await h.post('/api/v1/namespaces/default/services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's' },
    spec: { ports: [{ port: 443, targetPort: 8443 }] },
  });
  t.regex(statusLine(await h.post(maps, { metadata: { name: 'x' } })), /no endpoints available for service "s"$/);
  await h.post('/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 's-1', labels: { 'kubernetes.io/service-name': 's' } },
    addressType: 'IPv4',
    ports: [{ name: '', port: 8443 }],
    endpoints: [{ addresses: ['10.244.0.9'], conditions: { ready: true } }],
  });
  t.is((await h.post(maps, { metadata: { name: 'x' } })).kind, 'ConfigMap');
  t.is(calls[0]?.url, 'https://s.default.svc:443/check?timeout=10s');
  t.deepEqual(calls[0]?.options, {
    ca: 'PEM',
    serverName: 's.default.svc',
    connectTo: { host: '10.244.0.9', port: 8443 },
    timeoutMs: 10_000,
  });
});

test('a webhook is told which step of which trace asks it, and outside of traces nothing', async (t) => {
  const traces = createTraces({ process: 'p', clock: systemClock, random: seededRandom(1), log: silentLogger });
  const told: (string | undefined)[] = [];
  const call = tracedCalls((_url, _body, { traceparent }) => {
    told.push(traceparent);
    return Promise.resolve({ status: 200, body: new Uint8Array() });
  }, traces);
  const options = { serverName: 'h', timeoutMs: 1 };
  const traceId = 'ab'.repeat(16);
  await call('https://h/', new Uint8Array(), options);
  await traces.step({ parent: { traceId, spanId: '' }, what: 'a request' }, () =>
    call('https://h/check', new Uint8Array(), options),
  );
  const [asked, request] = traces.steps(traceId);
  t.deepEqual(told, [undefined, `00-${traceId}-${asked?.spanId ?? ''}-01`]);
  t.like(asked, { what: 'webhook https://h/check', parentId: request?.spanId });
});

test('configurations of admission are never asked about, so that they can be mended', async (t) => {
  const { h, calls } = await world(() => ({ allowed: false }));
  await configure(h, 'Validating', [
    hook('v', { rules: [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'] }] }),
  ]);
  t.is((await h.remove(`${group}/validatingwebhookconfigurations/c`)).kind, 'ValidatingWebhookConfiguration');
  t.is(calls.length, 0);
});

test('hooks see connections by their options, and may change them', async (t) => {
  const { h, calls } = await world(() => patchOf([{ op: 'add', path: '/container', value: 'safe' }]));
  await configure(h, 'Mutating', [
    hook('a', { rules: [{ ...rule, operations: ['CONNECT'], resources: ['pods/exec'] }] }),
  ]);
  const options = await h.service.connect(
    { ...h.target('/api/v1/namespaces/default/pods/x'), subresource: 'exec' },
    { apiVersion: 'v1', kind: 'PodExecOptions', command: ['ls'] },
    { user: { name: 'u', groups: [] }, warn: () => undefined },
  );
  t.deepEqual(options, { apiVersion: 'v1', kind: 'PodExecOptions', command: ['ls'], container: 'safe' });
  t.like(calls[0]?.request, {
    operation: 'CONNECT',
    subResource: 'exec',
    name: 'x',
    namespace: 'default',
    kind: { group: '', version: 'v1', kind: 'PodExecOptions' },
    resource: { group: '', version: 'v1', resource: 'pods' },
    object: { kind: 'PodExecOptions', apiVersion: 'v1', command: ['ls'] },
    oldObject: null,
    options: null,
    dryRun: false,
  });
});

test('a hook whose patch does nothing may be asked about a deletion', async (t) => {
  const { h } = await world((request) => (request['operation'] === 'DELETE' ? patchOf([]) : { allowed: true }));
  await configure(h, 'Mutating', [hook('m')]);
  await h.post(maps, { metadata: { name: 'x' } });
  t.is((await h.remove(`${maps}/x`)).kind, 'ConfigMap');
  const { h: other } = await world((request) =>
    request['operation'] === 'DELETE' ? patchOf([{ op: 'add', path: '/a', value: 1 }]) : { allowed: true },
  );
  await configure(other, 'Mutating', [hook('m')]);
  await other.post(maps, { metadata: { name: 'x' } });
  t.regex(
    statusLine(await other.remove(`${maps}/x`)),
    /^500 InternalError: .*attempted to modify the object, which is not supported for this operation$/,
  );
});

test('a hook that leaves the record of owners unreadable has it put back, with a warning', async (t) => {
  const fields = '/metadata/managedFields/0';
  const breaks = ['apiVersion', 'fieldsV1', 'fieldsType'].map((field) => ({
    op: 'remove',
    path: `${fields}/${field}`,
  }));
  const label = { op: 'add', path: '/metadata/labels', value: { hooked: 'yes' } };
  const { h } = await world(() => patchOf([...breaks, label]));
  await h.post(maps, { metadata: { name: 'x' }, data: { a: '1' } });
  const before = (await h.get(`${maps}/x`)).metadata['managedFields'];
  await configure(h, 'Mutating', [hook('m')]);
  const after = await h.patch(`${maps}/x`, 'json', []);
  t.deepEqual(after.metadata['labels'], { hooked: 'yes' });
  t.deepEqual(after.metadata['managedFields'], before);
  t.is(h.warnings.length, 1);
  t.regex(h.warnings[0] ?? '', /^\.metadata\.managedFields was in an invalid state after admission; /);
  await h.post(maps, { metadata: { name: 'y' }, data: { a: '1' } });
  t.is((await h.get(`${maps}/y`)).metadata['managedFields']?.length, 1);
  t.is(h.warnings.length, 2);
});

test('a hook may take the record of owners away', async (t) => {
  const { h } = await world(() => patchOf([{ op: 'remove', path: '/metadata/managedFields' }]));
  await configure(h, 'Mutating', [hook('m')]);
  t.is((await h.post(maps, { metadata: { name: 'x' }, data: { a: '1' } })).metadata['managedFields'], undefined);
  t.deepEqual(h.warnings, []);
});
