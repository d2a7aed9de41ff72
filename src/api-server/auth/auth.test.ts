import test from 'ava';
import type { KubeObject } from '../../api/index.ts';
import { bind, bodyJson, configMap, role, startDoor } from '../testing/index.ts';
import { RememberedTokens } from './remembered-tokens.ts';
import { Withdrawals } from './withdrawals.ts';

test('what is not granted is denied before it is missing, in Kubernetes words', async (t) => {
  const { ask } = startDoor();
  const message = async (path: string, user = 'alice'): Promise<unknown> =>
    bodyJson(await ask('GET', path, { user }))['message'];
  t.is(
    await message('/api/v1/namespaces/n/pods'),
    'pods is forbidden: User "alice" cannot list resource "pods" in API group "" in the namespace "n"',
  );
  t.is(
    await message('/apis/apps/v1/namespaces/n/deployments/d/scale'),
    'deployments.apps "d" is forbidden: User "alice" cannot get resource "deployments/scale" in API group "apps" ' +
      'in the namespace "n"',
  );
  t.is(
    await message('/api/v1/nodes'),
    'nodes is forbidden: User "alice" cannot list resource "nodes" in API group "" at the cluster scope',
  );
  t.is(await message('/metrics', 'anonymous'), 'forbidden: User "system:anonymous" cannot get path "/metrics"');
});

test('a binding takes effect at once and so does its removal', async (t) => {
  const { ask, view } = startDoor();
  role(view, 'reader', [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list'] }], 'n');
  t.is((await ask('GET', '/api/v1/namespaces/n/configmaps', { user: 'alice' })).status, 403);
  bind(view, 'b', { namespace: 'n', role: 'reader', subjects: [{ kind: 'Group', name: 'dev-team' }] });
  t.is((await ask('GET', '/api/v1/namespaces/n/configmaps', { user: 'alice' })).status, 200);
  t.is((await ask('GET', '/api/v1/namespaces/other/configmaps', { user: 'alice' })).status, 403);
  bind(view, 'b', { namespace: 'n', role: 'none', subjects: [{ kind: 'User', name: 'alice' }] });
  t.regex(
    String(bodyJson(await ask('GET', '/api/v1/namespaces/n/configmaps', { user: 'alice' }))['message']),
    /: RBAC: role\.rbac\.authorization\.k8s\.io "none" not found$/,
  );
});

test('a bad token is refused, other credentials are no credentials', async (t) => {
  const { ask } = startDoor();
  t.like(bodyJson(await ask('GET', '/api', { user: 'nobody' })), { code: 401, message: 'Unauthorized' });
  t.like(bodyJson(await ask('GET', '/api/v1', { headers: { authorization: 'Basic eDp5' } })), { code: 403 });
});

test('a service account token lives as long as its account and its pod', async (t) => {
  const { ask, view, credentials, time } = startDoor();
  view.put('', 'serviceaccounts', {
    kind: 'ServiceAccount',
    apiVersion: 'v1',
    metadata: { name: 'sa', namespace: 'n', uid: 'u1' },
  });
  view.put('', 'pods', {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { name: 'p', namespace: 'n', uid: 'u2' },
    spec: { nodeName: 'node-1' },
  });
  const order = {
    namespace: 'n',
    serviceAccount: 'sa',
    serviceAccountUid: 'u1',
    audiences: [],
    expirationSeconds: 3600,
    boundObject: { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u2' },
  };
  const { token } = await credentials.issueToken(order);
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  role(view, 'basic', [{ apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'], verbs: ['create'] }]);
  bind(view, 'basic', { role: 'basic', subjects: [{ kind: 'Group', name: 'system:authenticated' }] });
  const review = bodyJson(await ask('POST', path, { user: token, body: {} }));
  t.like(review, {
    status: {
      userInfo: {
        username: 'system:serviceaccount:n:sa',
        uid: 'u1',
        groups: ['system:serviceaccounts', 'system:serviceaccounts:n', 'system:authenticated'],
      },
    },
  });
  view.put('', 'pods', { kind: 'Pod', apiVersion: 'v1', metadata: { name: 'p', namespace: 'n', uid: 'other' } });
  t.is((await ask('POST', path, { user: token, body: {} })).status, 201, 'changes are heard of soon, not at once');
  time.pass(1_000);
  t.is((await ask('POST', path, { user: token, body: {} })).status, 401);
});

test('the token of a Secret ends with it, and every remembered token when credentials are withdrawn', async (t) => {
  const { view, time } = startDoor();
  const withdrawals = new Withdrawals();
  const tokens = new RememberedTokens({ view, clock: time.clock, timers: time.timers, withdrawals });
  const user = { name: 'system:serviceaccount:n:sa', groups: [], uid: 'u1' };
  const put = (kind: string, type?: string): void => {
    view.put('', `${kind.toLowerCase()}s`, {
      apiVersion: 'v1',
      kind,
      metadata: { name: 'x', namespace: 'n', uid: 'u2' },
      type,
    } as KubeObject);
  };
  tokens.remember('t', user);
  put('Secret', 'Opaque');
  put('ConfigMap');
  time.pass(1_000);
  t.is(tokens.userOf('t'), user, 'changes of other objects forget nothing');
  put('Secret', 'kubernetes.io/service-account-token');
  time.pass(1_000);
  t.is(tokens.userOf('t'), undefined);
  tokens.remember('t', user);
  t.is(tokens.userOf('t'), user);
  withdrawals.announce();
  t.is(tokens.userOf('t'), undefined);
});

test('an expired or foreign token is refused', async (t) => {
  const { ask, credentials, time } = startDoor();
  const token = await credentials.issueAdminToken('root', 60);
  t.is((await ask('GET', '/api', { user: token })).status, 200);
  time.pass(120_000);
  t.is((await ask('GET', '/api', { user: token })).status, 401);
  const [head, , signature] = token.split('.');
  const claims = '{"iss":"troupe","sub":"root","groups":["system:masters"]}';
  const rootClaims = Buffer.from(claims).toString('base64url');
  t.is(
    (
      await ask('GET', '/api', {
        user: `${head}.${rootClaims}.${signature}`,
      })
    ).status,
    401,
  );
});

test('a client certificate is a user with groups', async (t) => {
  const { handler } = startDoor();
  const answer = await handler({
    method: 'POST',
    path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    query: '',
    headers: { 'content-type': 'application/json' },
    body: new TextEncoder().encode('{}'),
    certificate: {
      commonName: 'carol',
      organizations: ['system:masters'],
      fingerprint: 'ab',
      notBefore: 0,
      notAfter: Infinity,
    },
  });
  t.like(bodyJson(answer), {
    status: { userInfo: { username: 'carol', groups: ['system:masters', 'system:authenticated'] } },
  });
});

test('impersonation is authorised part by part', async (t) => {
  const { ask, view } = startDoor();
  const as = async (user: string, headers: Record<string, string>): Promise<Record<string, unknown>> =>
    bodyJson(await ask('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', { user, headers, body: {} }));
  role(view, 'basic', [{ apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'], verbs: ['create'] }]);
  bind(view, 'basic', { role: 'basic', subjects: [{ kind: 'Group', name: 'system:authenticated' }] });
  t.like(
    await as('admin', {
      'impersonate-user': 'carol',
      'impersonate-group': 'g1',
      'impersonate-extra-acme.com%2fproject': 'p',
    }),
    {
      status: {
        userInfo: { username: 'carol', groups: ['g1', 'system:authenticated'], extra: { 'acme.com/project': ['p'] } },
      },
    },
  );
  t.like(await as('bob', { 'impersonate-user': 'carol' }), {
    code: 403,
    message:
      'users "carol" is forbidden: User "bob" cannot impersonate resource "users" in API group "" at the cluster scope',
  });
  role(view, 'imp', [{ apiGroups: [''], resources: ['users'], verbs: ['impersonate'], resourceNames: ['carol'] }]);
  bind(view, 'imp', { role: 'imp', subjects: [{ kind: 'User', name: 'bob' }] });
  t.like(await as('bob', { 'impersonate-user': 'carol' }), { status: { userInfo: { username: 'carol' } } });
  t.like(await as('bob', { 'impersonate-user': 'carol', 'impersonate-group': 'system:masters' }), { code: 403 });
  // Names that every object has are names as others are: each is asked for, and shown.
  for (const key of ['constructor', '__proto__']) {
    const extra = { 'impersonate-user': 'carol', [`impersonate-extra-${key}`]: 'v' };
    t.like(await as('bob', extra), { code: 403 }, key);
    const shown = (await as('admin', extra)) as {
      readonly status?: { readonly userInfo?: { readonly extra?: object } };
    };
    t.deepEqual(Object.entries(shown.status?.userInfo?.extra ?? {}), [[key, ['v']]]);
  }
  t.like(bodyJson(await ask('GET', '/x', { headers: { 'impersonate-group': 'g1' } })), {
    code: 400,
    reason: 'BadRequest',
    message: 'requested [{Group  g1    }] without impersonating a user',
  });
});

test('a node reads what belongs to it and its pods, nothing else', async (t) => {
  const { ask, view, service, credentials } = startDoor();
  const node = await credentials.issueNodeToken('node-1', 3600);
  service.put(configMap('used', 'n'));
  const pod = (name: string, nodeName: string): KubeObject => ({
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { name, namespace: 'n', uid: name },
    spec: { nodeName, containers: [{ name: 'c', envFrom: [{ configMapRef: { name: 'used' } }] }] },
  });
  const status = async (method: string, path: string): Promise<number> =>
    (await ask(method, path, { user: node, ...(method === 'GET' ? {} : { body: {} }) })).status;
  t.is(await status('GET', '/api/v1/namespaces/n/configmaps/used'), 403);
  view.put('', 'pods', pod('p', 'node-1'));
  view.put('', 'pods', pod('q', 'node-2'));
  t.is(await status('GET', '/api/v1/namespaces/n/configmaps/used'), 200);
  t.is(await status('GET', '/api/v1/namespaces/n/configmaps/other'), 403);
  t.is(await status('GET', '/api/v1/pods'), 403);
  t.is(await status('GET', '/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-1'), 200);
  t.is(await status('GET', '/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-2'), 403);
  t.is(await status('GET', '/api/v1/services'), 200);
  t.is(await status('GET', '/api/v1/namespaces/n/secrets'), 403);
  t.is(await status('DELETE', '/api/v1/namespaces/n/configmaps/used'), 403);
});
