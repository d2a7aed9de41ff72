import test from 'ava';
import { allResources } from '../../schema/index.ts';
import { typeWarnings } from './type-checks.ts';

const rule = { apiGroups: ['apps'], apiVersions: ['v1'], operations: ['*'], resources: ['deployments', 'daemonsets'] };
const warnings = (
  expression: string,
  more: object = {},
): readonly (readonly [string | undefined, string | undefined])[] =>
  typeWarnings(
    { matchConstraints: { resourceRules: [rule] }, validations: [{ expression }], ...more },
    allResources,
  ).map(({ fieldRef, warning }) => [fieldRef, warning]);
const first = 'spec.validations[0].expression';

test('what fits every kind gives no warning', (t) => {
  for (const expression of [
    "object.metadata.labels['a'] == 'b' && object.spec.template.spec.containers.all(c, c.image != '' && " +
      "c.resources.limits['cpu'] == '1')",
    'object.metadata.creationTimestamp < oldObject.metadata.creationTimestamp',
    "request.userInfo.username == 'x' && authorizer.path('/').check('get').allowed()",
    'object.spec.template.spec.containers[0].livenessProbe.httpGet.port == 80',
  ])
    t.deepEqual(warnings(expression), [], expression);
});

test('a field that one of the kinds lacks is told for that kind', (t) => {
  t.deepEqual(warnings('object.spec.replicas > 1'), [
    [
      first,
      "apps/v1, Kind=DaemonSet: ERROR: <input>:1:12: undefined field 'replicas'\n | object.spec.replicas > 1\n " +
        '| ...........^\n',
    ],
  ]);
  t.is(warnings("object.spec.template.spec.hostNetwork == 'yes'")[0]?.[1]?.split('Kind=').length, 3);
});

test('variables have the types of their expressions', (t) => {
  const variables = [{ name: 'spec', expression: 'object.spec.template.spec' }];
  t.deepEqual(warnings('variables.spec.containers.size() > 0', { variables }), []);
  t.is(warnings('variables.spec.nope', { variables }).length, 1);
});

test('parameters have the type of their kind', (t) => {
  const paramKind = { apiVersion: 'v1', kind: 'ConfigMap' };
  t.deepEqual(warnings("params.data['a'] == 'b'", { paramKind }), []);
  t.is(warnings('params.spec.x', { paramKind }).length, 1);
});

test('wildcards and subresources are not checked', (t) => {
  for (const change of [{ apiGroups: ['*'] }, { apiVersions: ['*'] }, { resources: ['*', 'deployments/*'] }]) {
    t.deepEqual(warnings('object.spec.nope', { matchConstraints: { resourceRules: [{ ...rule, ...change }] } }), []);
  }
});
