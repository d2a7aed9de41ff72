import test from 'ava';
import { type Harness, startHarness, statusLine } from '../testing/harness.ts';

const api = '/apis/admissionregistration.k8s.io/v1';
const configMaps = '/api/v1/namespaces/default/configmaps';

const match = { resourceRules: [{ operations: ['CREATE', 'UPDATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }] };

async function withPolicy(spec: object, binding: object = { validationActions: ['Deny'] }): Promise<Harness> {
  const h = await startHarness();
  await h.post(`${api}/validatingadmissionpolicies`, { metadata: { name: 'p' }, spec: { matchConstraints: match, ...spec } });
  await h.post(`${api}/validatingadmissionpolicybindings`, { metadata: { name: 'b' }, spec: { policyName: 'p', ...binding } });
  return h;
}

const denied = (message: string, code = '422 Invalid'): string => `${code}: configmaps "x" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: ${message}`;
const failing = "object.metadata.labels.a == 'b'";
const param = { paramKind: { apiVersion: 'v1', kind: 'Secret' }, validations: [{ expression: 'false' }] };

const table: readonly (readonly [what: string, spec: object, binding: object | undefined, line: string | undefined])[] = [
  ['a rule that holds', { validations: [{ expression: "object.metadata.name == 'x'" }] }, undefined, undefined],
  ['the default message', { validations: [{ expression: '1 == 2' }] }, undefined, denied('failed expression: 1 == 2')],
  ['a message and a reason', { validations: [{ expression: 'false', message: 'no', reason: 'Forbidden' }] }, undefined, denied('no', '403 Forbidden')],
  ['a message from variables', { variables: [{ name: 'n', expression: 'object.metadata.name' }], validations: [{ expression: 'false', messageExpression: "variables.n + ' in ' + namespaceObject.metadata.name" }] }, undefined, denied('x in default')],
  ['the request', { validations: [{ expression: "request.operation != 'CREATE' || request.dryRun", message: 'created' }] }, undefined, denied('created')],
  ['a failure', { validations: [{ expression: failing }] }, undefined, denied(`expression '${failing}' resulted in error: no such key: labels`)],
  ['a failure that is ignored', { failurePolicy: 'Ignore', validations: [{ expression: failing }] }, undefined, undefined],
  ['a condition that does not hold', { matchConditions: [{ name: 'c', expression: "object.metadata.name == 'y'" }], validations: [{ expression: 'false' }] }, undefined, undefined],
  ['a rule that excludes', { matchConstraints: { ...match, excludeResourceRules: [{ ...match.resourceRules[0], resourceNames: ['x'] }] }, validations: [{ expression: 'false' }] }, undefined, undefined],
  ['a binding that means others', { validations: [{ expression: 'false' }] }, { validationActions: ['Deny'], matchResources: { objectSelector: { matchLabels: { a: 'b' } } } }, undefined],
  ['no parameters', param, { validationActions: ['Deny'], paramRef: { name: 'none', namespace: 'default', parameterNotFoundAction: 'Deny' } },
    denied('failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction')],
  ['no parameters, allowed', param, { validationActions: ['Deny'], paramRef: { name: 'none', namespace: 'default', parameterNotFoundAction: 'Allow' } }, undefined],
];

for (const [what, spec, binding, line] of table) {
  test(`a policy: ${what}`, async (t) => {
    const h = await withPolicy(spec, binding);
    const made = await h.post(configMaps, { metadata: { name: 'x' } });
    t.is(made.kind === 'Status' ? statusLine(made) : undefined, line);
  });
}

test('a binding that only warns', async (t) => {
  const h = await withPolicy({ validations: [{ expression: 'false', message: 'one' }, { expression: 'false', message: 'two' }] }, { validationActions: ['Warn'] });
  t.is((await h.post(configMaps, { metadata: { name: 'x' } })).kind, 'ConfigMap');
  t.deepEqual(h.warnings, ['one', 'two'].map((text) => `Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': ${text}`));
});

test('a policy that does not compile is refused', async (t) => {
  const h = await startHarness();
  const line = statusLine(await h.post(`${api}/validatingadmissionpolicies`, { metadata: { name: 'p' }, spec: { matchConstraints: match, validations: [{ expression: 'object.' }, { expression: 'params.a == 1' }] } }));
  t.true(line.includes('spec.validations[0].expression: Invalid value: "object."') && line.includes('spec.validations[1].expression: Invalid value: "params.a == 1"'), line);
});
