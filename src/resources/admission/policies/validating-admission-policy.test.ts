import test from 'ava';
import type { AccessQuestion } from '../../../api/index.ts';
import type { ServiceDependencies } from '../../ports.ts';
import { type Harness, startHarness, statusLine } from '../../testing/harness.ts';

const api = '/apis/admissionregistration.k8s.io/v1';
const configMaps = '/api/v1/namespaces/default/configmaps';

const match = {
  resourceRules: [
    { operations: ['CREATE', 'UPDATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] },
  ],
};

async function withPolicy(
  spec: object,
  binding: object = { validationActions: ['Deny'] },
  more: Partial<ServiceDependencies> = {},
): Promise<Harness> {
  const h = await startHarness(more);
  await h.post(`${api}/validatingadmissionpolicies`, {
    metadata: { name: 'p' },
    spec: { matchConstraints: match, ...spec },
  });
  await h.post(`${api}/validatingadmissionpolicybindings`, {
    metadata: { name: 'b' },
    spec: { policyName: 'p', ...binding },
  });
  return h;
}

const denied = (message: string, code = '422 Invalid'): string =>
  `${code}: configmaps "x" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: ${message}`;
const failing = "object.metadata.labels.a == 'b'";
const param = { paramKind: { apiVersion: 'v1', kind: 'Secret' }, validations: [{ expression: 'false' }] };

const table: readonly (readonly [what: string, spec: object, binding: object | undefined, line: string | undefined])[] =
  [
    ['a rule that holds', { validations: [{ expression: "object.metadata.name == 'x'" }] }, undefined, undefined],
    [
      'the default message',
      { validations: [{ expression: '1 == 2' }] },
      undefined,
      denied('failed expression: 1 == 2'),
    ],
    [
      'a message and a reason',
      { validations: [{ expression: 'false', message: 'no', reason: 'Forbidden' }] },
      undefined,
      denied('no', '403 Forbidden'),
    ],
    [
      'a message from variables',
      {
        variables: [{ name: 'n', expression: 'object.metadata.name' }],
        validations: [
          { expression: 'false', messageExpression: "variables.n + ' in ' + namespaceObject.metadata.name" },
        ],
      },
      undefined,
      denied('x in default'),
    ],
    [
      'the request',
      { validations: [{ expression: "request.operation != 'CREATE' || request.dryRun", message: 'created' }] },
      undefined,
      denied('created'),
    ],
    [
      'a failure',
      { validations: [{ expression: failing }] },
      undefined,
      denied(`expression '${failing}' resulted in error: no such key: labels`),
    ],
    [
      'a failure that is ignored',
      { failurePolicy: 'Ignore', validations: [{ expression: failing }] },
      undefined,
      undefined,
    ],
    [
      'a condition that does not hold',
      {
        matchConditions: [{ name: 'c', expression: "object.metadata.name == 'y'" }],
        validations: [{ expression: 'false' }],
      },
      undefined,
      undefined,
    ],
    [
      'a rule that excludes',
      {
        matchConstraints: { ...match, excludeResourceRules: [{ ...match.resourceRules[0], resourceNames: ['x'] }] },
        validations: [{ expression: 'false' }],
      },
      undefined,
      undefined,
    ],
    [
      'a binding that means others',
      { validations: [{ expression: 'false' }] },
      { validationActions: ['Deny'], matchResources: { objectSelector: { matchLabels: { a: 'b' } } } },
      undefined,
    ],
    [
      'no parameters',
      param,
      {
        validationActions: ['Deny'],
        paramRef: { name: 'none', namespace: 'default', parameterNotFoundAction: 'Deny' },
      },
      denied('failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction'),
    ],
    [
      'a kind of parameters that there is not',
      { ...param, paramKind: { apiVersion: 'v1', kind: 'Nope' } },
      { validationActions: ['Deny'], matchResources: { objectSelector: { matchLabels: { a: 'b' } } } },
      `422 Invalid: configmaps "x" is forbidden: ValidatingAdmissionPolicy 'p' denied request: failed to ` +
        `configure policy: failed to find resource referenced by paramKind: '/v1, Kind=Nope'`,
    ],
    [
      'a message of several lines',
      { validations: [{ expression: 'false', message: 'no', messageExpression: "'a\\nb'" }] },
      undefined,
      denied('no'),
    ],
    [
      'a message of blanks',
      { validations: [{ expression: 'false', messageExpression: "'  '" }] },
      undefined,
      denied('failed expression: false'),
    ],
    [
      'a message that fails',
      { validations: [{ expression: 'false', message: 'no', messageExpression: 'string(object.nope)' }] },
      undefined,
      denied('no'),
    ],
    [
      'a message that is too long',
      { validations: [{ expression: 'false', message: 'no', messageExpression: `'${'ä'.repeat(2_570)}'` }] },
      undefined,
      denied('no'),
    ],
    [
      'the last reason',
      { validations: [{ expression: 'false', message: 'big', reason: 'RequestEntityTooLarge' }] },
      undefined,
      denied('big', '413 RequestEntityTooLarge'),
    ],
    [
      'conditions that fail',
      {
        matchConditions: [
          { name: 'a', expression: 'object.nope == 1' },
          { name: 'b', expression: 'object.none == 1' },
        ],
        validations: [{ expression: 'true' }],
      },
      undefined,
      denied(
        "[expression 'object.nope == 1' resulted in error: no such key: nope, expression 'object.none == 1' " +
          'resulted in error: no such key: none]',
      ),
    ],
    [
      'conditions that fail beside one that does not hold',
      {
        matchConditions: [
          { name: 'a', expression: 'object.nope == 1' },
          { name: 'b', expression: 'false' },
        ],
        validations: [{ expression: 'false' }],
      },
      undefined,
      undefined,
    ],
    [
      'conditions that fail, ignored',
      {
        failurePolicy: 'Ignore',
        matchConditions: [{ name: 'a', expression: 'object.nope == 1' }],
        validations: [{ expression: 'false' }],
      },
      undefined,
      undefined,
    ],
    [
      'a variable that fails',
      { variables: [{ name: 'v', expression: 'object.nope' }], validations: [{ expression: 'variables.v == 1' }] },
      undefined,
      denied(
        `expression 'variables.v == 1' resulted in error: composited variable "v" fails to evaluate: no such key: nope`,
      ),
    ],
    [
      'a variable that fails and nobody asks for',
      {
        variables: [{ name: 'v', expression: 'object.nope' }],
        validations: [{ expression: 'true || variables.v == 1' }],
      },
      undefined,
      undefined,
    ],
    [
      'no parameters, allowed',
      param,
      {
        validationActions: ['Deny'],
        paramRef: { name: 'none', namespace: 'default', parameterNotFoundAction: 'Allow' },
      },
      undefined,
    ],
  ];

for (const [what, spec, binding, line] of table) {
  test(`a policy: ${what}`, async (t) => {
    const h = await withPolicy(spec, binding);
    const made = await h.post(configMaps, { metadata: { name: 'x' } });
    t.is(made.kind === 'Status' ? statusLine(made) : undefined, line);
  });
}

test('a binding that only warns', async (t) => {
  const h = await withPolicy(
    {
      validations: [
        { expression: 'false', message: 'one' },
        { expression: 'false', message: 'two' },
      ],
    },
    { validationActions: ['Warn'] },
  );
  t.is((await h.post(configMaps, { metadata: { name: 'x' } })).kind, 'ConfigMap');
  t.deepEqual(
    h.warnings,
    ['one', 'two'].map((text) => `Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': ${text}`),
  );
});

test('a policy that does not compile is refused', async (t) => {
  const h = await startHarness();
  const line = statusLine(
    await h.post(`${api}/validatingadmissionpolicies`, {
      metadata: { name: 'p' },
      spec: { matchConstraints: match, validations: [{ expression: 'object.' }, { expression: 'params.a == 1' }] },
    }),
  );
  t.true(
    line.includes('spec.validations[0].expression: Invalid value: "object."') &&
      line.includes('spec.validations[1].expression: Invalid value: "params.a == 1"'),
    line,
  );
});

const asks = "authorizer.group('').resource('secrets').namespace('default').name('s').check('get').allowed()";
const accessTable: readonly (readonly [expression: string, question: string])[] = [
  [asks, 'admin get /secrets default/s'],
  [
    "authorizer.serviceAccount('ns', " +
      "'sa').group('apps').resource('deployments').subresource('scale').check('update').allowed()",
    'system:serviceaccount:ns:sa update apps/deployments/scale /',
  ],
  ["authorizer.path('/metrics').check('get').allowed()", 'admin get /metrics'],
  ["authorizer.requestResource.check('custom').allowed()", 'admin custom /configmaps default/x'],
];
const questionText = ({
  user,
  verb,
  isResource,
  group,
  resource,
  subresource,
  namespace,
  name,
  path,
}: AccessQuestion): string => {
  const kind = `${group}/${resource}${subresource === '' ? '' : `/${subresource}`}`;
  return `${user.name} ${verb} ${isResource ? `${kind} ${namespace}/${name}` : path}`;
};

for (const [expression, question] of accessTable) {
  test(`an expression asks the authorizers: ${question}`, async (t) => {
    const asked: string[] = [];
    let allowed = true;
    for (const later of [false, true]) {
      const authorize: ServiceDependencies['authorize'] = (given) => {
        asked.push(questionText(given));
        const answer = { allowed, reason: 'so' };
        return later ? Promise.resolve(answer) : answer;
      };
      allowed = true;
      const h = await withPolicy({ validations: [{ expression }] }, undefined, { authorize });
      t.is((await h.post(configMaps, { metadata: { name: 'x' } })).kind, 'ConfigMap');
      allowed = false;
      t.true(statusLine(await h.put(`${configMaps}/x`, { metadata: { name: 'x' } })).includes('denied request'));
    }
    t.deepEqual(new Set(asked), new Set([question]));
    t.is(asked.length, 4);
  });
}

test('a warning is given once, however often an authorizer is waited for', async (t) => {
  const authorize: ServiceDependencies['authorize'] = () => Promise.resolve({ allowed: false, reason: '' });
  const h = await withPolicy(
    { validations: [{ expression: `${asks} || authorizer.path('/a').check('get').allowed()`, message: 'no' }] },
    { validationActions: ['Warn'] },
    { authorize },
  );
  await h.post(configMaps, { metadata: { name: 'x' } });
  t.is(h.warnings.length, 1);
});

const dear =
  "'0123456789'.split('').all(a, '0123456789'.split('').all(b, '0123456789'.split('').all(c, " +
  "'0123456789'.split('').all(d, '0123456789'.split('').all(e, a + b + c + d + e != 'x')))))";
const dearly = (count: number): object =>
  Object.fromEntries([['validations', Array.from({ length: count }, () => ({ expression: `${dear} || true` }))]]);

test('an expression that costs too much is a failure', async (t) => {
  const h = await withPolicy({ validations: [{ expression: dear }] });
  t.is(
    statusLine(await h.post(configMaps, { metadata: { name: 'x' } })),
    denied(`expression '${dear}' resulted in error: operation cancelled: actual cost limit exceeded`),
  );
});

test('expressions of one policy spend one budget', async (t) => {
  const h = await withPolicy(dearly(11));
  t.is(
    statusLine(await h.post(configMaps, { metadata: { name: 'x' } })),
    denied('validation failed due to running out of cost budget, no further validation rules will be run'),
  );
});

const annotations = (list: readonly (readonly [key: string, valueExpression: string])[]): object => ({
  auditAnnotations: list.map(([key, valueExpression]) => ({ key, valueExpression })),
});

test('a policy adds facts to the trail; what gives no text adds none', async (t) => {
  const noted: Record<string, string> = {};
  const h = await withPolicy(
    annotations([
      ['who', "object.metadata.name + ' in ' + namespaceObject.metadata.name"],
      ['blank', "' '"],
      ['none', 'null'],
      ['any', 'string(object.data.a)'],
    ]),
  );
  await h.post(
    configMaps,
    { metadata: { name: 'x' }, data: { a: ' b ' } },
    {
      annotate: (key, value) => {
        noted[key] = value;
      },
    },
  );
  t.deepEqual(noted, { 'p/who': 'x in default', 'p/any': 'b' });
});

test('a fact that cannot be had is a reason against the request, unless failures are ignored', async (t) => {
  const failures: readonly (readonly [expression: string, message: string])[] = [
    ['string(object.data.nope)', "expression 'string(object.data.nope)' resulted in error: no such key: nope"],
    [
      'dyn(1)',
      "valueExpression 'dyn(1)' resulted in unsupported return type: int. Return type must be either string or null.",
    ],
  ];
  for (const [expression, message] of failures) {
    const spec = annotations([['k', expression]]);
    const made = { metadata: { name: 'x' }, data: { a: 'b' } };
    t.is(statusLine(await (await withPolicy(spec)).post(configMaps, made)), denied(message));
    const ignored = await (await withPolicy({ ...spec, failurePolicy: 'Ignore' })).post(configMaps, made);
    // What is no text is no failure of the expression: the policy itself is wrong.
    t.is(ignored.kind === 'Status' ? statusLine(ignored) : 'made', expression === 'dyn(1)' ? denied(message) : 'made');
  }
});

test('a fact that could only be a number is refused with its policy', async (t) => {
  const h = await startHarness();
  const line = statusLine(
    await h.post(`${api}/validatingadmissionpolicies`, {
      metadata: { name: 'p' },
      spec: { matchConstraints: match, ...annotations([['k', '1 + 1']]) },
    }),
  );
  t.true(
    line.includes(
      'spec.auditAnnotations[0].valueExpression: Invalid value: "1 + 1": must evaluate to one of [string null_type]',
    ),
    line,
  );
});

test('the namespace is seen without who manages it', async (t) => {
  const h = await withPolicy({
    validations: [
      { expression: "!has(namespaceObject.metadata.managedFields) && namespaceObject.metadata.name == 'default'" },
    ],
  });
  t.is((await h.post(configMaps, { metadata: { name: 'x' } })).kind, 'ConfigMap');
});

test('the trail has the first failure of a binding that audits', async (t) => {
  const noted: (readonly [key: string, value: unknown])[] = [];
  const h = await withPolicy(
    {
      validations: [
        { expression: 'true' },
        { expression: 'false', message: 'one' },
        { expression: 'false', message: 'two' },
      ],
    },
    { validationActions: ['Audit'] },
  );
  await h.post(
    configMaps,
    { metadata: { name: 'x' } },
    {
      annotate: (key, value) => {
        noted.push([key, JSON.parse(value)]);
      },
    },
  );
  t.deepEqual(noted, [
    [
      'validation.policy.admission.k8s.io/validation_failure',
      [{ message: 'one', policy: 'p', binding: 'b', expressionIndex: 1, validationActions: ['Audit'] }],
    ],
  ]);
});

test('of a collection that is deleted each object is asked about, and the collection is not', async (t) => {
  const deletes = {
    matchConstraints: {
      resourceRules: [{ operations: ['DELETE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }],
    },
  };
  const h = await withPolicy({
    ...deletes,
    validations: [{ expression: "object == null && oldObject.metadata.name != 'kept'", message: 'kept' }],
  });
  for (const name of ['a', 'b']) await h.post(configMaps, { metadata: { name } });
  await h.service.deleteCollection(
    h.target(configMaps),
    {},
    {},
    {
      user: { name: 'admin', groups: ['system:masters'] },
      dryRun: false,
      fieldManager: 'test',
      fieldValidation: 'Strict',
      warn: () => undefined,
    },
  );
  t.deepEqual((await h.list(configMaps)).names, []);
  await h.post(configMaps, { metadata: { name: 'kept' } });
  t.is(
    statusLine(await h.remove(`${configMaps}/kept`)),
    `422 Invalid: configmaps "kept" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: kept`,
  );
});

test('webhook configurations are subject to policies, policies and bindings are not', async (t) => {
  const all = {
    matchConstraints: {
      resourceRules: [
        { operations: ['*'], apiGroups: ['admissionregistration.k8s.io'], apiVersions: ['*'], resources: ['*'] },
      ],
    },
  };
  const h = await withPolicy({ ...all, validations: [{ expression: 'false', message: 'no' }] });
  t.is((await h.post(`${api}/validatingwebhookconfigurations`, { metadata: { name: 'w' } })).kind, 'Status');
  t.is(
    (
      await h.post(`${api}/validatingadmissionpolicybindings`, {
        metadata: { name: 'c' },
        spec: { policyName: 'p', validationActions: ['Warn'] },
      })
    ).kind,
    'ValidatingAdmissionPolicyBinding',
  );
});

test('what is wrong with a policy is told by its field', async (t) => {
  const h = await startHarness();
  const spec = {
    matchConstraints: {
      ...match,
      resourceRules: [
        {
          operations: ['*', 'CREATE'],
          apiGroups: [''],
          apiVersions: [''],
          resources: ['pods/*', 'pods/log', '*', 'x'],
          resourceNames: ['a/b', 'c', 'c'],
          scope: 'Some',
        },
      ],
    },
    variables: [
      { name: 'in', expression: '1' },
      { name: '', expression: ' ' },
    ],
    validations: [
      { expression: 'true', message: ' ', messageExpression: ' ' },
      { expression: 'true', message: 'a\nb', reason: 'Unauthorized' },
      { expression: 'true', messageExpression: "string(authorizer.path('/').check('get').allowed())" },
    ],
    auditAnnotations: [
      { key: 'a b', valueExpression: "'x'" },
      { key: 'k', valueExpression: '' },
    ],
  };
  const { details } = (await h.post(`${api}/validatingadmissionpolicies`, {
    metadata: { name: 'p' },
    spec,
  })) as unknown as { details: { causes: readonly { field: string; message: string }[] } };
  const qualified =
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an " +
    "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is " +
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
  const rule = 'spec.matchConstraints.resourceRules[0]';
  t.deepEqual(
    details.causes
      .map(
        ({ field, message }) =>
          `${field}: ${message.replace(/\[\]string\{.*?\}|\[\]admissionregistration.*?\}/, '<list>')}`,
      )
      .sort(),
    [
      `spec.auditAnnotations[0].key: Invalid value: "p/a b": ${qualified}`,
      'spec.auditAnnotations[1].valueExpression: Required value: valueExpression is not specified',
      `${rule}.apiVersions[0]: Required value`,
      `${rule}.operations: Invalid value: ["*","CREATE"]: if '*' is present, must not specify other operations`,
      `${rule}.resourceNames[0]: Invalid value: "a/b": may not contain '/'`,
      `${rule}.resourceNames[2]: Duplicate value: "c"`,
      `${rule}.resources: Invalid value: ["pods/*","pods/log","*","x"]: if '*' is present, must not specify ` +
        'other resources without subresources',
      `${rule}.resources[1]: Invalid value: "pods/log": if 'pods/*' is present, must not specify pods/log`,
      `${rule}.scope: Unsupported value: "Some": supported values: "*", "Cluster", "Namespaced"`,
      'spec.validations[0].message: Invalid value: " ": message must be non-empty if specified',
      'spec.validations[0].messageExpression: Invalid value: " ": must be non-empty if specified',
      'spec.validations[1].message: Invalid value: "a\\nb": message must not contain line breaks',
      'spec.validations[1].reason: Unsupported value: "Unauthorized": supported values: "Forbidden", ' +
        '"Invalid", "RequestEntityTooLarge"',
      'spec.validations[2].messageExpression: Invalid value: ' +
        "\"string(authorizer.path('/').check('get').allowed())\": compilation failed: ERROR: <input>:1:8: " +
        "undeclared reference to 'authorizer' (in container '')\n | " +
        "string(authorizer.path('/').check('get').allowed())\n | .......^",
      'spec.variables[0].name: Invalid value: "in": name is not a valid CEL identifier',
      'spec.variables[1].expression: Required value: expression is not specified',
      'spec.variables[1].name: Required value: name is not specified',
    ].sort(),
  );
});

test('connections are asked about, with their options', async (t) => {
  const pods = {
    resourceRules: [{ operations: ['CONNECT'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods/exec'] }],
  };
  const h = await withPolicy({
    matchConstraints: pods,
    validations: [
      {
        expression:
          "object.kind == 'PodExecOptions' && oldObject == null && request.options == null && " +
          "object.?command[0].orValue('') != 'sh'",
        message: 'no shells',
      },
    ],
  });
  const user = { name: 'node', groups: ['system:nodes'] };
  const connect = (subresource: string, command: string): Promise<unknown> =>
    h.service.connect(
      { ...h.target('/api/v1/namespaces/default/pods/x'), subresource },
      { apiVersion: 'v1', kind: 'PodExecOptions', command: [command] },
      { user, warn: () => undefined },
    );
  await t.notThrowsAsync(connect('exec', 'ls'));
  await t.notThrowsAsync(connect('attach', 'sh'));
  await t.throwsAsync(connect('exec', 'sh'), {
    message: `pods "x" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no shells`,
  });
});

test('what may be of any type is no answer', async (t) => {
  const h = await startHarness();
  const line = statusLine(
    await h.post(`${api}/validatingadmissionpolicies`, {
      metadata: { name: 'p' },
      spec: {
        matchConstraints: match,
        validations: [{ expression: 'object.data.on', messageExpression: 'object.metadata.name' }],
      },
    }),
  );
  t.true(
    line.includes(
      'spec.validations[0].expression: Invalid value: "object.data.on": must evaluate to bool but got dyn',
    ) && line.includes('must evaluate to string but got dyn'),
    line,
  );
  t.is(
    (
      await h.post(`${api}/validatingadmissionpolicies`, {
        metadata: { name: 'q' },
        spec: {
          matchConstraints: match,
          variables: [{ name: 'b', expression: 'true' }],
          validations: [{ expression: 'variables.b', messageExpression: 'namespaceObject.metadata.name' }],
        },
      })
    ).kind,
    'ValidatingAdmissionPolicy',
  );
});

const untypable: readonly (readonly [what: string, spec: object, text: string])[] = [
  [
    'what requests do not have',
    { validations: [{ expression: 'request.object == null' }] },
    "ERROR: <input>:1:8: undefined field 'object'",
  ],
  [
    'a user by a wrong name',
    {
      matchConditions: [{ name: 'a', expression: "request.userInfo.name == 'x'" }],
      validations: [{ expression: 'true' }],
    },
    "ERROR: <input>:1:17: undefined field 'name'",
  ],
  [
    'a variable of another type',
    { variables: [{ name: 'v', expression: "'a'" }], validations: [{ expression: 'variables.v > 1' }] },
    "found no matching overload for '_>_' applied to '(string, int)'",
  ],
];
for (const [what, spec, text] of untypable) {
  test(`a policy is refused for ${what}`, async (t) => {
    const h = await startHarness();
    const line = statusLine(
      await h.post(`${api}/validatingadmissionpolicies`, {
        metadata: { name: 'p' },
        spec: { matchConstraints: match, ...spec },
      }),
    );
    t.true(line.startsWith('422') && line.includes(text), line);
  });
}

test('the request has its user, its kinds and its options', async (t) => {
  const asked =
    "request.userInfo.username == 'admin' && 'system:masters' in request.userInfo.groups && " +
    "!has(request.userInfo.uid) && request.kind == request.requestKind && request.resource.resource == 'configmaps'" +
    " && request.options.kind == 'CreateOptions' && !has(request.subResource) && request.namespace == " +
    "'default' && request.?userInfo.extra.orValue({}).size() == 0 && variables.n.startsWith('x')";
  const h = await withPolicy({
    variables: [{ name: 'n', expression: 'request.name' }],
    validations: [{ expression: asked }],
  });
  t.is((await h.post(configMaps, { metadata: { name: 'x' } })).kind, 'ConfigMap');
});
