import test from 'ava';
import type { KubeObject, PolicyRule } from '../../../api/index.ts';
import { escalationError } from './escalation.ts';
import type { Rbac } from './rbac.ts';

const user = { name: 'alice', groups: ['dev-team', 'system:authenticated'] };

function portsWith(
  held: readonly PolicyRule[],
  allowedVerbs: readonly string[] = [],
): Parameters<typeof escalationError>[0] {
  const roles: Readonly<Record<string, readonly PolicyRule[]>> = {
    strong: [
      {
        apiGroups: ['certificates.k8s.io'],
        resources: ['certificatesigningrequests'],
        verbs: ['create', 'get', 'list', 'watch'],
      },
    ],
  };
  const rbac = {
    rulesOf: () => ({ rules: held, errors: [] }),
    roleRules: ({ name }: { readonly name: string }) => roles[name],
  } as unknown as Rbac;
  return { rbac, authorize: ({ verb }) => ({ allowed: allowedVerbs.includes(verb), reason: '' }) };
}

const roleOf = (rules: readonly PolicyRule[]): KubeObject => ({
  kind: 'Role',
  apiVersion: 'rbac.authorization.k8s.io/v1',
  metadata: { name: 'r', namespace: 'n' },
  rules,
});
const bindingOf = (name: string): KubeObject => ({
  kind: 'RoleBinding',
  apiVersion: 'rbac.authorization.k8s.io/v1',
  metadata: { name: 'esc', namespace: 'n' },
  roleRef: { kind: 'ClusterRole', name },
  subjects: [{ kind: 'User', name: 'alice' }],
});
const held: readonly PolicyRule[] = [
  { apiGroups: [''], resources: ['configmaps', 'pods/*', '*/scale'], verbs: ['get', 'list'] },
];

test('a role within the rights of its writer is taken', async (t) => {
  t.is(
    await escalationError(portsWith(held), {
      user,
      resource: 'roles',
      namespace: 'n',
      object: roleOf([{ apiGroups: [''], resources: ['configmaps', 'pods/scale'], verbs: ['get'] }]),
    }),
    undefined,
  );
});

test('a role beyond the rights of its writer is refused with what is missing', async (t) => {
  const error = await escalationError(portsWith(held), {
    user,
    resource: 'roles',
    namespace: 'n',
    object: roleOf([
      { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list'] },
      { apiGroups: [''], resources: ['configmaps'], verbs: ['delete', 'get'] },
    ]),
  });
  t.is(
    error?.message,
    'roles.rbac.authorization.k8s.io "r" is forbidden: user "alice" (groups=["dev-team" "system:authenticated"]) ' +
      'is attempting to grant RBAC permissions not currently held:\n' +
      '{APIGroups:[""], Resources:["configmaps"], Verbs:["delete"]}\n' +
      '{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}',
  );
});

test('escalate, system:masters and unchanged rules lift the check', async (t) => {
  const object = roleOf([{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }]);
  t.is(
    await escalationError(portsWith(held, ['escalate']), { user, resource: 'roles', namespace: 'n', object }),
    undefined,
  );
  t.is(
    await escalationError(portsWith(held), {
      user: { name: 'root', groups: ['system:masters'] },
      resource: 'roles',
      namespace: 'n',
      object,
    }),
    undefined,
  );
  t.is(
    await escalationError(portsWith(held), { user, resource: 'roles', namespace: 'n', object, old: object }),
    undefined,
  );
});

test('a binding needs the rights of its role, or the verb bind', async (t) => {
  const write = { user, resource: 'rolebindings', namespace: 'n', object: bindingOf('strong') };
  t.regex(
    (await escalationError(portsWith(held), write))?.message ?? '',
    new RegExp(
      'not currently held:\\n\\{APIGroups:\\["certificates\\.k8s\\.io"\\], ' +
        'Resources:\\["certificatesigningrequests"\\], Verbs:\\["create" "get" "list" "watch"\\]\\}$',
    ),
  );
  t.is(await escalationError(portsWith(held, ['bind']), write), undefined);
  t.is((await escalationError(portsWith(held), { ...write, object: bindingOf('missing') }))?.code, 404);
});

test('rules with resource names and URLs are covered exactly', async (t) => {
  const named: readonly PolicyRule[] = [
    { apiGroups: ['*'], resources: ['*'], verbs: ['get'], resourceNames: ['a'] },
    { nonResourceURLs: ['/logs/*'], verbs: ['*'] },
  ];
  const refused = async (rule: PolicyRule): Promise<boolean> =>
    (await escalationError(portsWith(named), {
      user,
      resource: 'clusterroles',
      namespace: undefined,
      object: roleOf([rule]),
    })) !== undefined;
  t.false(await refused({ apiGroups: [''], resources: ['pods'], verbs: ['get'], resourceNames: ['a'] }));
  t.true(await refused({ apiGroups: [''], resources: ['pods'], verbs: ['get'] }));
  t.false(await refused({ nonResourceURLs: ['/logs/x'], verbs: ['get'] }));
  t.true(await refused({ nonResourceURLs: ['/metrics'], verbs: ['get'] }));
});
