import test from 'ava';
import type { JsonObject, KubeObject } from '../../../api/index.ts';
import { type Harness, startHarness, statusLine } from '../../testing/harness.ts';
import type { WebhookCall } from '../../webhook-client.ts';
import { webhookAdmission } from '../webhooks/index.ts';

const group = 'admissionregistration.k8s.io/v1alpha1';
const api = `/apis/${group}`;
const configMaps = '/api/v1/namespaces/default/configmaps';
const deployments = '/apis/apps/v1/namespaces/default/deployments';
const on = { settings: { features: ['MutatingAdmissionPolicy'], optionalVersions: [group] } };

const match = {
  resourceRules: [
    {
      operations: ['CREATE', 'UPDATE'],
      apiGroups: ['', 'apps'],
      apiVersions: ['v1'],
      resources: ['configmaps', 'deployments'],
    },
  ],
};
const applied = (expression: string): object => ({
  patchType: 'ApplyConfiguration',
  applyConfiguration: { expression },
});
const patched = (expression: string): object => ({ patchType: 'JSONPatch', jsonPatch: { expression } });
const labelled = (labels: string): object => applied(`Object{metadata: Object.metadata{labels: ${labels}}}`);

async function addPolicy(h: Harness, name: string, spec: object, binding: object = {}): Promise<void> {
  for (const [resource, made] of [
    ['mutatingadmissionpolicies', { matchConstraints: match, reinvocationPolicy: 'Never', ...spec }],
    ['mutatingadmissionpolicybindings', { policyName: name, ...binding }],
  ] as const) {
    const answer = await h.post(`${api}/${resource}`, { apiVersion: group, metadata: { name }, spec: made });
    if (answer.kind === 'Status') throw new Error(statusLine(answer));
  }
}

async function withPolicy(spec: object, binding?: object): Promise<Harness> {
  const h = await startHarness(on);
  await addPolicy(h, 'p', spec, binding);
  return h;
}

const container = { name: 'c', image: 'i', env: [{ name: 'A', value: '1' }] };
const deployment = {
  metadata: { name: 'x' },
  spec: {
    replicas: 1,
    selector: { matchLabels: { a: 'b' } },
    template: {
      metadata: { labels: { a: 'b' } },
      spec: { containers: [container], tolerations: [{ key: 't', operator: 'Exists' }] },
    },
  },
};
const template = (fields: string): object =>
  applied(`Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{${fields}}}}}`);

type Pick = (made: KubeObject & { readonly spec?: JsonObject; readonly data?: JsonObject }) => unknown;
const labels: Pick = ({ metadata }) => metadata.labels;
const podSpec: Pick = ({ spec }) => (spec as { readonly template: { readonly spec: JsonObject } }).template.spec;

const changes: readonly (readonly [
  what: string,
  mutation: object,
  path: string,
  object: object,
  pick: Pick,
  expected: unknown,
])[] = [
  [
    'a label beside others',
    labelled("{'team': object.metadata.name}"),
    configMaps,
    { metadata: { name: 'x', labels: { a: 'b' } } },
    labels,
    { a: 'b', team: 'x' },
  ],
  [
    'a number that is computed',
    applied('Object{spec: Object.spec{replicas: object.spec.replicas + 100}}'),
    deployments,
    deployment,
    ({ spec }) => spec?.['replicas'],
    101,
  ],
  [
    'a variable of a container of the same name',
    template(
      "containers: [Object.spec.template.spec.containers{name: 'c', env: " +
        "[Object.spec.template.spec.containers.env{name: 'B', value: '2'}]}]",
    ),
    deployments,
    deployment,
    (made) =>
      (podSpec(made) as { readonly containers: readonly JsonObject[] }).containers.map(({ name, image, env }) => ({
        name,
        image,
        env,
      })),
    [{ ...container, env: [...container.env, { name: 'B', value: '2' }] }],
  ],
  [
    'a container beside others, with its defaults',
    template("containers: [Object.spec.template.spec.containers{name: 'd', image: 'j:1'}]"),
    deployments,
    deployment,
    (made) =>
      (podSpec(made) as { readonly containers: readonly JsonObject[] }).containers.map(({ name, imagePullPolicy }) => [
        name,
        imagePullPolicy,
      ]),
    [
      ['c', 'Always'],
      ['d', 'IfNotPresent'],
    ],
  ],
  [
    'a patch',
    patched(
      "[JSONPatch{op: 'add', path: '/data', value: {'k': 'v'}}, JSONPatch{op: 'add', path: " +
        "'/metadata/labels', value: {}}, JSONPatch{op: 'add', path: '/metadata/labels/' + " +
        "jsonpatch.escapeKey('a.b/c'), value: 'd'}]",
    ),
    configMaps,
    { metadata: { name: 'x' } },
    ({ data, metadata }) => [data, metadata.labels],
    [{ k: 'v' }, { 'a.b/c': 'd' }],
  ],
  [
    'a patch of an object that is written out',
    patched(
      "[JSONPatch{op: 'add', path: '/spec/template/spec/containers/-', value: " +
        "Object.spec.template.spec.containers{name: 'd', image: 'j'}}]",
    ),
    deployments,
    deployment,
    (made) => (podSpec(made) as { readonly containers: readonly unknown[] }).containers.length,
    2,
  ],
  [
    'nothing, by a patch whose test fails',
    patched(
      "[JSONPatch{op: 'test', path: '/spec/replicas', value: 5}, JSONPatch{op: 'replace', path: " +
        "'/spec/replicas', value: 3}]",
    ),
    deployments,
    deployment,
    ({ spec }) => spec?.['replicas'],
    1,
  ],
  [
    'a part that is moved',
    patched("[JSONPatch{op: 'move', from: '/data/a', path: '/data/b'}]"),
    configMaps,
    { metadata: { name: 'x' }, data: { a: '1' } },
    ({ data }) => data,
    { b: '1' },
  ],
  [
    'nothing, by an empty list',
    patched("has(object.data) ? [JSONPatch{op: 'remove', path: '/data'}] : []"),
    configMaps,
    { metadata: { name: 'x' } },
    labels,
    undefined,
  ],
];

for (const [what, mutation, path, object, pick, expected] of changes) {
  test(`a policy makes ${what}`, async (t) => {
    const h = await withPolicy({ mutations: [mutation] });
    const made = await h.post(path, object);
    t.deepEqual(made.kind === 'Status' ? statusLine(made) : pick(made as Parameters<Pick>[0]), expected);
  });
}

const denied = (message: string): string => `403 Invalid: policy 'p' with binding 'p' denied request: ${message}`;
const nope = "Object{metadata: Object.metadata{labels: {'a': object.nope}}}";
const failures: readonly (readonly [what: string, mutation: object, line: string])[] = [
  ['an expression that fails', applied(nope), denied(`expression '${nope}' resulted in error: no such key: nope`)],
  [
    'a struct that is owned as a whole',
    applied("Object{spec: Object.spec{selector: Object.spec.selector{matchLabels: {'a': 'b'}}}}"),
    denied(
      'error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: .spec.selector',
    ),
  ],
  [
    'a list that is owned as a whole',
    template("tolerations: [Object.spec.template.spec.tolerations{key: 'x'}]"),
    denied(
      'error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ' +
        '.spec.template.spec.tolerations',
    ),
  ],
  [
    'a field that there is not',
    applied('Object{spec: Object.spec{replicasx: 1}}'),
    denied(
      'error applying patch: failed to convert patch object to typed object: .spec.replicasx: field not ' +
        'declared in schema',
    ),
  ],
  [
    'a type in the wrong place',
    applied('Object{spec: Object.specx{replicas: 1}}'),
    denied(
      'type mismatch: unexpected type name "Object.specx", expected "Object.spec", which matches field name ' +
        'path from root Object type',
    ),
  ],
  [
    'a patch of what is not there',
    patched("[JSONPatch{op: 'remove', path: '/spec/nope/x'}]"),
    denied('JSONPath: remove operation does not apply: doc is missing path: "/spec/nope/x": missing value'),
  ],
  [
    'a patch with a field that there is not',
    patched("[JSONPatch{op: 'add', path: '/spec/replicasx', value: 1}]"),
    '500 InternalError: Internal error occurred: strict decoding error: unknown field "spec.replicasx"',
  ],
];

for (const [what, mutation, line] of failures) {
  test(`${what} is refused, unless failures are ignored`, async (t) => {
    const made = await (await withPolicy({ mutations: [mutation] })).post(deployments, deployment);
    t.is(made.kind === 'Status' ? statusLine(made) : 'made', line);
    const ignored = await (
      await withPolicy({ failurePolicy: 'Ignore', mutations: [mutation] })
    ).post(deployments, deployment);
    t.is(ignored.kind === 'Status' ? statusLine(ignored) : 'made', line.startsWith('500') ? line : 'made');
  });
}

test(
  'mutations run in order, variables see what those before made, and names, conditions and parameters are as ' +
    'in other policies',
  async (t) => {
    const h = await startHarness(on);
    await h.post(configMaps, { metadata: { name: 'params' }, data: { suffix: '!' } });
    await addPolicy(
      h,
      'p',
      {
        paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
        matchConditions: [{ name: 'not-params', expression: "!(object.metadata.name in ['skipped', 'params'])" }],
        variables: [{ name: 'n', expression: "object.metadata.?labels['n'].orValue('') + 'x' + params.data.suffix" }],
        mutations: [labelled("{'n': variables.n}"), labelled("{'m': variables.n}")],
      },
      { paramRef: { name: 'params', namespace: 'default' } },
    );
    t.deepEqual((await h.post(configMaps, { metadata: { name: 'a' } })).kind, 'Status');
    await h.put(`${configMaps}/params`, { metadata: { name: 'params' }, data: { suffix: '-y' } });
    t.deepEqual((await h.post(configMaps, { metadata: { name: 'b' } })).metadata.labels, { n: 'x-y', m: 'x-yx-y' });
    t.is((await h.post(configMaps, { metadata: { name: 'skipped' } })).metadata.labels, undefined);
    await h.remove(`${configMaps}/params`);
    t.is(
      statusLine(await h.post(configMaps, { metadata: { name: 'c' } })),
      "403 Forbidden: policy 'p' with binding 'p' denied request: failed to configure binding: no params " +
        'found for policy binding with `Deny` parameterNotFoundAction',
    );
  },
);

test('a policy that asks for it looks again after those behind it, once', async (t) => {
  const counted = (name: string): object =>
    labelled(`{'${name}': object.metadata.?labels['${name}'].orValue('') + 'x', 'last': '${name}'}`);
  const h = await startHarness(on);
  await addPolicy(h, 'a', { reinvocationPolicy: 'IfNeeded', mutations: [counted('a')] });
  await addPolicy(h, 'b', { reinvocationPolicy: 'Never', mutations: [counted('b')] });
  await addPolicy(h, 'c', { reinvocationPolicy: 'IfNeeded', mutations: [labelled("{'c': 'x'}")] });
  t.deepEqual((await h.post(configMaps, { metadata: { name: 'x' } })).metadata.labels, {
    a: 'xx',
    last: 'a',
    b: 'x',
    c: 'x',
  });
});

test('policies come before webhooks, and again after one has changed the object', async (t) => {
  const seen: unknown[] = [];
  const call: WebhookCall = (_url, body) => {
    const { request, ...review } = JSON.parse(new TextDecoder().decode(body)) as {
      request: { uid: string; object: KubeObject };
    };
    seen.push(request.object.metadata.labels);
    const patch = btoa(JSON.stringify([{ op: 'add', path: '/data', value: { hook: 'yes' } }]));
    return Promise.resolve({
      status: 200,
      body: new TextEncoder().encode(
        JSON.stringify({ ...review, response: { uid: request.uid, allowed: true, patchType: 'JSONPatch', patch } }),
      ),
    });
  };
  const h = await startHarness({ ...on, admission: webhookAdmission({ call }) });
  await h.post('/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations', {
    metadata: { name: 'h' },
    webhooks: [
      {
        name: 'h.hooks.example.com',
        clientConfig: { url: 'https://h.example.com' },
        rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }],
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
      },
    ],
  });
  await addPolicy(h, 'p', {
    reinvocationPolicy: 'IfNeeded',
    mutations: [labelled("{'data': string(has(object.data))}")],
  });
  const made = await h.post(configMaps, { metadata: { name: 'x' } });
  t.deepEqual([made.metadata.labels, seen], [{ data: 'true' }, [{ data: 'false' }]]);
});

test('the scale of a workload is changed as a Scale', async (t) => {
  const h = await withPolicy({
    matchConstraints: {
      resourceRules: [
        { operations: ['UPDATE'], apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments/scale'] },
      ],
    },
    mutations: [applied('Object{spec: Object.spec{replicas: object.spec.replicas > 3 ? 3 : object.spec.replicas}}')],
  });
  await h.post(deployments, deployment);
  await h.patch(`${deployments}/x/scale`, 'merge', { spec: { replicas: 9 } });
  t.is(((await h.get(`${deployments}/x`)) as unknown as { spec: JsonObject }).spec['replicas'], 3);
});

test('custom objects are changed by the schema of their definition', async (t) => {
  const h = await startHarness(on);
  const items = {
    type: 'array',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['name'],
    items: { type: 'object', required: ['name'], properties: { name: { type: 'string' }, size: { type: 'integer' } } },
  };
  await h.post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'widgets', kind: 'Widget', singular: 'widget', listKind: 'WidgetList' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: { items } } } },
          },
        },
      ],
    },
  });
  const conditions = ['NamesAccepted', 'Established'].map((type) => ({
    type,
    status: 'True',
    lastTransitionTime: '2020-01-01T00:00:00Z',
    reason: 'x',
    message: 'x',
  }));
  await h.patch('/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com/status', 'merge', {
    status: {
      conditions,
      acceptedNames: { plural: 'widgets', kind: 'Widget', singular: 'widget', listKind: 'WidgetList' },
    },
  });
  await addPolicy(h, 'p', {
    matchConstraints: {
      resourceRules: [{ operations: ['*'], apiGroups: ['example.com'], apiVersions: ['*'], resources: ['*'] }],
    },
    mutations: [
      applied(
        "Object{spec: Object.spec{items: [Object.spec.items{name: 'a', size: 2}, Object.spec.items{name: " +
          "'b', size: 3}]}}",
      ),
    ],
  });
  const made = (await h.post('/apis/example.com/v1/namespaces/default/widgets', {
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: { name: 'x' },
    spec: { items: [{ name: 'a', size: 1 }] },
  })) as unknown as { spec: JsonObject };
  t.deepEqual(made.spec, {
    items: [
      { name: 'a', size: 2 },
      { name: 'b', size: 3 },
    ],
  });
});

test(
  'without the feature policies are kept and change nothing; without the group version there are ' + 'none',
  async (t) => {
    const h = await startHarness({ settings: { optionalVersions: [group] } });
    await addPolicy(h, 'p', { mutations: [labelled("{'a': 'b'}")] });
    t.is((await h.post(configMaps, { metadata: { name: 'x' } })).metadata.labels, undefined);
    const off = await startHarness();
    t.is(
      off.service.catalogue.find('admissionregistration.k8s.io', 'v1alpha1', 'mutatingadmissionpolicies'),
      undefined,
    );
    t.false(off.service.catalogue.all().some(({ version }) => version === 'v1alpha1'));
  },
);

test('what is wrong with a policy or a binding is told by its field', async (t) => {
  const h = await startHarness(on);
  const causes = (answer: KubeObject): readonly string[] =>
    (answer as unknown as { details: { causes: readonly { field: string; message: string }[] } }).details.causes
      .map(({ field, message }) => `${field}: ${message}`)
      .sort();
  t.deepEqual(causes(await h.post(`${api}/mutatingadmissionpolicies`, { metadata: { name: 'p' }, spec: {} })), [
    'spec.matchConstraints: Required value',
    'spec.mutations: Required value: mutations must contain at least one item',
    'spec.reinvocationPolicy: Required value',
  ]);
  const spec = {
    matchConstraints: { resourceRules: [{ ...match.resourceRules[0], operations: ['DELETE'] }] },
    reinvocationPolicy: 'Often',
    failurePolicy: 'Odd',
    mutations: [
      {},
      { patchType: 'Merge' },
      { patchType: 'JSONPatch' },
      { ...applied(' '), jsonPatch: { expression: '[]' } },
      applied('1'),
      patched('[1]'),
      applied('Object.spec{}'),
      applied('object.nope('),
    ],
  };
  t.deepEqual(causes(await h.post(`${api}/mutatingadmissionpolicies`, { metadata: { name: 'p' }, spec })), [
    'spec.failurePolicy: Unsupported value: "Odd": supported values: "Fail", "Ignore"',
    'spec.matchConstraints.resourceRules.operations: Unsupported value: "DELETE": supported values: "*", ' +
      '"CONNECT", "CREATE", "UPDATE"',
    'spec.mutations[0].patchType: Required value',
    'spec.mutations[1].patchType: Unsupported value: "Merge": supported values: "ApplyConfiguration", "JSONPatch"',
    'spec.mutations[2].jsonPatch: Required value: must be specified when patchType is JSONPatch',
    'spec.mutations[3].applyConfiguration.expression: Required value',
    'spec.mutations[3].jsonPatch: Invalid value: "{jsonPatch}": must not be specified when patchType is ' +
      'ApplyConfiguration',
    'spec.mutations[4].applyConfiguration.expression: Invalid value: "1": must evaluate to Object but got int',
    'spec.mutations[5].jsonPatch.expression: Invalid value: "[1]": must evaluate to list(JSONPatch) but got list(int)',
    'spec.mutations[6].applyConfiguration.expression: Invalid value: "Object.spec{}": must evaluate to ' +
      'Object but got Object.spec',
    'spec.mutations[7].applyConfiguration.expression: Invalid value: "object.nope(": compilation failed: ' +
      "ERROR: <input>:1:13: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', ')', '.', '-', " +
      "'!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | " +
      'object.nope(\n | ............^',
    'spec.reinvocationPolicy: Unsupported value: "Often": supported values: "IfNeeded", "Never"',
  ]);
  t.deepEqual(
    causes(
      await h.post(`${api}/mutatingadmissionpolicybindings`, {
        metadata: { name: 'b' },
        spec: {
          paramRef: { name: 'a', selector: {} },
          matchResources: {
            resourceRules: [{ operations: ['DELETE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
          },
        },
      }),
    ),
    [
      'spec.matchResources.resourceRules.operations: Unsupported value: "DELETE": supported values: "*", ' +
        '"CONNECT", "CREATE", "UPDATE"',
      'spec.paramRef.name: Forbidden: name and selector are mutually exclusive',
      'spec.paramRef.selector: Forbidden: name and selector are mutually exclusive',
      'spec.policyName: Required value',
    ],
  );
});
