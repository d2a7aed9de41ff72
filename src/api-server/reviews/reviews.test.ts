import test from 'ava';
import { bind, bodyJson, role, startDoor } from '../testing/index.ts';

test('access reviews answer what authorization would', async (t) => {
  const { ask, view } = startDoor();
  role(view, 'r', [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'], resourceNames: ['only'] }], 'n');
  bind(view, 'b', { namespace: 'n', role: 'r', subjects: [{ kind: 'User', name: 'zoe' }] });
  const review = async (resourceAttributes: object): Promise<unknown> =>
    bodyJson(
      await ask('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
        body: {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SubjectAccessReview',
          spec: { user: 'zoe', resourceAttributes },
        },
      }),
    )['status'];
  t.deepEqual(await review({ verb: 'get', resource: 'configmaps', name: 'only', namespace: 'n' }), {
    allowed: true,
    reason: 'RBAC: allowed by RoleBinding "b/n" of Role "r" to User "zoe"',
  });
  t.deepEqual(await review({ verb: 'get', resource: 'configmaps', name: 'other', namespace: 'n' }), { allowed: false });
});

test('a review is held against its schema and has no metadata of its own', async (t) => {
  const { ask } = startDoor();
  const reviews = '/apis/authorization.k8s.io/v1/';
  const spec = { resourceAttributes: { verb: 'get', resource: 'pods' } };
  const say = async (path: string, body: object): Promise<string> => {
    const answer = await ask('POST', `${reviews}${path}`, { body });
    const { message = '' } = bodyJson(answer) as { message?: string };
    return `${answer.status} ${message}`;
  };
  t.regex(
    await say('selfsubjectaccessreviews?fieldValidation=Strict', { spec: { ...spec, colour: 'red' } }),
    /^400 .*strict decoding error: unknown field "spec.colour"$/,
  );
  const warned = await ask('POST', `${reviews}selfsubjectaccessreviews`, {
    body: { spec: { ...spec, colour: 'red' } },
  });
  t.deepEqual(warned.headers['warning'], ['299 - "unknown field \\"spec.colour\\""']);
  t.regex(
    await say('selfsubjectaccessreviews', { kind: 'Pod', apiVersion: 'v1', spec }),
    /^400 .*cannot be handled as a SelfSubjectAccessReview/,
  );
  t.regex(
    await say('selfsubjectaccessreviews', { metadata: { name: 'x' }, spec }),
    /^422 .*metadata: Invalid value: .*: must be empty$/,
  );
  t.regex(
    await say('namespaces/n/localsubjectaccessreviews', { metadata: { namespace: 'm' }, spec: { ...spec, user: 'x' } }),
    /^400 the namespace of the provided object does not match/,
  );
  t.regex(
    await say('namespaces/n/localsubjectaccessreviews', {
      spec: { user: 'x', nonResourceAttributes: { path: '/', verb: 'get' } },
    }),
    new RegExp(
      '^422 \\.authorization\\.k8s\\.io "" is invalid: spec\\.nonResourceAttributes: Invalid value: .*: ' +
        'disallowed on this kind of request$',
    ),
  );
  t.regex(
    await say('selfsubjectaccessreviews', {
      spec: { resourceAttributes: { ...spec.resourceAttributes, labelSelector: {} } },
    }),
    new RegExp(
      'requirements: Required value: when spec\\.resourceAttributes\\.labelSelector is specified, ' +
        'requirements or rawSelector is required$',
    ),
  );
  t.regex(
    await say('selfsubjectaccessreviews', {
      spec: {
        resourceAttributes: {
          ...spec.resourceAttributes,
          fieldSelector: { rawSelector: 'a=b', requirements: [{ key: 'a', operator: 'In', values: ['b'] }] },
        },
      },
    }),
    /rawSelector: Invalid value: "a=b": may not specified at the same time as requirements$/,
  );
});

const nodeAsks = { verb: 'list', resource: 'pods' };
const ofNode = (operator: string, ...values: string[]): object => ({ key: 'spec.nodeName', operator, values });
const ignored = 'ignored due to parse error';
const selectorRows: readonly (readonly [
  what: string,
  attributes: object,
  allowed: boolean,
  evaluationError?: string,
])[] = [
  ['a field in requirements', { fieldSelector: { requirements: [ofNode('In', 'n')] } }, true],
  ['a field in text', { fieldSelector: { rawSelector: 'spec.nodeName=n' } }, true],
  ['a field of another node', { fieldSelector: { requirements: [ofNode('In', 'm')] } }, false],
  ['what a field is not', { fieldSelector: { requirements: [ofNode('NotIn', 'n')] } }, false],
  [
    'a value that looks like two terms',
    { fieldSelector: { requirements: [{ ...ofNode('NotIn', 'x,spec.nodeName=n') }] } },
    false,
  ],
  [
    'several values of a field',
    { fieldSelector: { requirements: [ofNode('In', 'n', 'm')] } },
    false,
    `spec.resourceAttributes.fieldSelector ${ignored}`,
  ],
  [
    'an operator that fields do not have, beside one that they have',
    { fieldSelector: { requirements: [ofNode('In', 'n'), ofNode('Exists')] } },
    true,
    `spec.resourceAttributes.fieldSelector partially ${ignored}`,
  ],
  [
    'text that is no selector',
    { fieldSelector: { rawSelector: 'spec.nodeName' }, labelSelector: { rawSelector: 'a in (' } },
    false,
    `spec.resourceAttributes.fieldSelector ${ignored}; spec.resourceAttributes.labelSelector ${ignored}`,
  ],
  [
    'labels, one of which cannot be',
    {
      labelSelector: {
        requirements: [
          { key: 'a', operator: 'Exists' },
          { key: '-', operator: 'Exists' },
        ],
      },
    },
    false,
    `spec.resourceAttributes.labelSelector partially ${ignored}`,
  ],
];
for (const [what, attributes, allowed, evaluationError] of selectorRows)
  test(`a review asks about ${what}`, async (t) => {
    const { ask } = startDoor();
    const spec = {
      user: 'system:node:n',
      groups: ['system:nodes'],
      resourceAttributes: { ...nodeAsks, ...attributes },
    };
    const answer = await ask('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', { body: { spec } });
    const { status } = bodyJson(answer) as { status: { allowed: boolean; evaluationError?: string } };
    t.is(status.allowed, allowed);
    t.is(status.evaluationError, evaluationError);
  });
