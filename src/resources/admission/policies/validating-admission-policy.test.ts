import test from 'ava';
import type { AccessQuestion } from '../../../api/index.ts';
import type { ServiceDependencies } from '../../ports.ts';
import { startHarness, statusLine } from '../../testing/harness.ts';
import { api, configMaps, match, denied, failing, param, withPolicy } from './validating-policy.fixture.ts';

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
