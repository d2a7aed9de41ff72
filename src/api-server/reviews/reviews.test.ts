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
