import test from 'ava';
import { fieldErrorText } from '../../machinery/index.ts';
import type { JsonObject, KubeObject } from '../../object.ts';
import { rbacBehaviours } from './index.ts';

const behaviour = (resource: string) => {
  const found = rbacBehaviours[`rbac.authorization.k8s.io/${resource}`];
  if (found === undefined) throw new Error(`no behaviour for ${resource}`);
  return found;
};

function made(resource: string, fields: object): KubeObject {
  const object: JsonObject = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'X',
    metadata: { name: 'x' },
    ...fields,
  };
  behaviour(resource).defaults?.(object);
  return object as unknown as KubeObject;
}

const texts = (resource: string, object: KubeObject): string[] =>
  (behaviour(resource).validate?.(object) ?? []).map((error) => `${error.field}: ${fieldErrorText(error)}`);

test('rules need verbs, groups and resources, and roles of a namespace no URLs', (t) => {
  const rules = [{ verbs: [] }, { nonResourceURLs: ['/x'], verbs: ['get'] }];
  t.deepEqual(texts('roles', made('roles', { rules })), [
    'rules[0].verbs: Required value: verbs must contain at least one value',
    'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
    'rules[0].resources: Required value: resource rules must supply at least one resource',
    'rules[1].nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to non-resource URLs',
  ]);
  t.deepEqual(texts('clusterroles', made('clusterroles', { rules: rules.slice(1) })), []);
});

test('bindings default the groups of their role and of users', (t) => {
  const binding = made('rolebindings', {
    roleRef: { kind: 'ClusterRole', name: 'view' },
    subjects: [
      { kind: 'User', name: 'u' },
      { kind: 'ServiceAccount', name: 's', namespace: 'n' },
    ],
  });
  t.like(binding, {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io' },
    subjects: [
      { apiGroup: 'rbac.authorization.k8s.io' },
      { kind: 'ServiceAccount', name: 's', namespace: 'n' },
    ] as never,
  });
  t.deepEqual(texts('rolebindings', binding), []);
});

test('cluster bindings grant cluster roles only, and service accounts by their namespace', (t) => {
  const binding = made('clusterrolebindings', {
    roleRef: { kind: 'Role', name: 'r' },
    subjects: [{ kind: 'ServiceAccount', name: 's' }, { kind: 'Robot' }],
  });
  t.deepEqual(texts('clusterrolebindings', binding), [
    'roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"',
    'subjects[0].namespace: Required value',
    'subjects[1].name: Required value',
    'subjects[1].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"',
  ]);
});

test('the role of a binding is fixed', (t) => {
  const old = made('rolebindings', { roleRef: { kind: 'Role', name: 'a' } });
  const errors =
    behaviour('rolebindings').validateUpdate?.(made('rolebindings', { roleRef: { kind: 'Role', name: 'b' } }), old) ??
    [];
  t.deepEqual(
    errors.map(({ field, detail }) => [field, detail]),
    [['roleRef', 'cannot change roleRef']],
  );
});

test('what is wrong with a changed role or binding is said twice', (t) => {
  const updateErrors = (resource: string, fields: object): unknown =>
    (behaviour(resource).validateUpdate?.(made(resource, fields), made(resource, fields)) ?? []).map(
      ({ field }) => field,
    );
  for (const resource of ['roles', 'clusterroles'])
    t.deepEqual(updateErrors(resource, { rules: [{ nonResourceURLs: [], apiGroups: [''], resources: ['pods'] }] }), [
      'rules[0].verbs',
      'rules[0].verbs',
    ]);
  for (const resource of ['rolebindings', 'clusterrolebindings'])
    t.deepEqual(updateErrors(resource, { roleRef: { kind: 'ClusterRole' } }), ['roleRef.name', 'roleRef.name']);
});

test('names of roles are as free as a URL allows', (t) => {
  t.deepEqual(behaviour('roles').nameCheck?.('system:a_B', false), []);
  t.deepEqual(behaviour('roles').nameCheck?.('a%b', false), ["may not contain '%'"]);
});
