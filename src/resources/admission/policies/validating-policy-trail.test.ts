import test from 'ava';
import { startHarness, statusLine } from '../../testing/harness.ts';
import { api, configMaps, match, denied, withPolicy } from './validating-policy.fixture.ts';

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
