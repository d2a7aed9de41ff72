import test from 'ava';
import { createAccess } from '../../access.ts';
import { bodyJson, FakeView, startDoor } from '../../testing/index.ts';
import type { AccessAttributes, Decision } from '../attributes.ts';
import type { AuthenticationPlugIn, AuthorizationPlugIn } from '../plug-ins.ts';

const carol = { name: 'carol', groups: ['dev'] };
const me = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
const allowAll: AuthorizationPlugIn = {
  name: 'all',
  authorize: () => Promise.resolve({ allowed: true, reason: 'all may' }),
};

test("a token plug-in is asked after the cluster's own tokens; what it recognises is remembered", async (t) => {
  let asked = 0;
  const plugIn: AuthenticationPlugIn = {
    name: 'p',
    token: (token) => {
      asked += 1;
      return token === 'theirs.token' ? { user: carol } : undefined;
    },
  };
  const { ask, time } = startDoor({
    authentication: { plugIns: [plugIn] },
    access: createAccess(new FakeView(), [allowAll]),
  });
  const review = async (user: string): Promise<unknown> => bodyJson(await ask('POST', me, { user, body: {} }));
  t.like(await review('theirs.token'), {
    status: { userInfo: { username: 'carol', groups: ['dev', 'system:authenticated'] } },
  });
  await review('theirs.token');
  await review('admin');
  t.is(asked, 1);
  time.pass(11_000);
  await review('theirs.token');
  t.is(asked, 2);
  t.like(await review('other.token'), { code: 401, message: 'Unauthorized' });
});

test('a plug-in that fails lets nobody in; the next one is still asked', async (t) => {
  const broken: AuthenticationPlugIn = { name: 'broken', token: () => Promise.reject(new Error('down')) };
  const good: AuthenticationPlugIn = {
    name: 'good',
    token: (token) => (token === 'a.b' ? { user: carol } : { error: 'not known' }),
  };
  const { ask } = startDoor({ authentication: { plugIns: [broken, good] } });
  t.is((await ask('GET', '/version', { user: 'a.b' })).status, 200);
  t.is((await ask('GET', '/version', { user: 'c.d' })).status, 401);
  const review = await ask('POST', '/apis/authentication.k8s.io/v1/tokenreviews', { body: { spec: { token: 'c.d' } } });
  t.like(bodyJson(review), { status: { error: '[invalid bearer token, broken failed, not known]' } });
});

test('a request plug-in is asked only for requests that show nothing else', async (t) => {
  const plugIn: AuthenticationPlugIn = {
    name: 'p',
    request: ({ headers }) => {
      if (headers['x-key'] === 'bad') throw new Error('bad');
      return headers['x-key'] === 'good' ? carol : undefined;
    },
  };
  const { ask } = startDoor({
    authentication: { plugIns: [plugIn] },
    access: createAccess(new FakeView(), [allowAll]),
  });
  const who = async (user: string, key: string): Promise<unknown> =>
    bodyJson(await ask('POST', me, { user, headers: { 'x-key': key }, body: {} }));
  t.like(await who('anonymous', 'good'), { status: { userInfo: { username: 'carol' } } });
  t.like(await who('admin', 'good'), { status: { userInfo: { username: 'admin' } } });
  t.like(await who('anonymous', 'other'), { status: { userInfo: { username: 'system:anonymous' } } });
  t.like(await who('anonymous', 'bad'), { code: 401 });
});

test('authorisers are asked in order until one allows or denies, whether they answer at once or later', async (t) => {
  const asked: string[] = [];
  const voice = (name: string, decision: Decision, later = false): AuthorizationPlugIn => ({
    name,
    authorize: () => {
      asked.push(name);
      return later ? Promise.resolve(decision) : decision;
    },
  });
  const silent: Decision = { allowed: false, reason: '' };
  const attributes = {
    user: carol,
    verb: 'get',
    isResource: true,
    group: '',
    version: 'v1',
    resource: 'pods',
    subresource: '',
    namespace: 'n',
    name: 'p',
    path: '',
  } satisfies AccessAttributes;
  const decide = async (...order: readonly AuthorizationPlugIn[]): Promise<Decision> =>
    await createAccess(new FakeView(), order).authorize(attributes);
  t.deepEqual(
    await decide(voice('a', silent, true), voice('b', { allowed: true, reason: 'b may' }), voice('c', silent)),
    { allowed: true, reason: 'b may' },
  );
  t.deepEqual(asked.splice(0), ['a', 'b']);
  t.deepEqual(
    await decide(
      voice('a', silent),
      voice('b', { allowed: false, denied: true, reason: 'never' }, true),
      voice('c', { allowed: true, reason: '' }),
    ),
    { allowed: false, denied: true, reason: 'never' },
  );
  t.deepEqual(asked.splice(0), ['a', 'b']);
  t.deepEqual(
    await decide(
      voice('a', { allowed: false, reason: 'one' }),
      voice('b', { allowed: false, reason: 'two', error: 'down' }, true),
    ),
    { allowed: false, reason: 'one\ntwo', error: 'down' },
  );
});

test('a refusal by a plug-in stands in the 403, and masters pass whatever it says', async (t) => {
  const never: AuthorizationPlugIn = {
    name: 'never',
    authorize: () => Promise.resolve({ allowed: false, denied: true, reason: 'not today' }),
  };
  const { ask } = startDoor({ access: createAccess(new FakeView(), [never, 'RBAC']) });
  t.is(
    bodyJson(await ask('GET', '/api/v1/nodes', { user: 'alice' }))['message'],
    'nodes is forbidden: User "alice" cannot list resource "nodes" in API group "" at the cluster scope: not today',
  );
  t.is((await ask('GET', '/api/v1/nodes')).status, 200);
});

test('RBAC is decided without a promise', (t) => {
  const decision = createAccess(new FakeView()).authorize({
    user: carol,
    verb: 'get',
    isResource: true,
    group: '',
    version: 'v1',
    resource: 'pods',
    subresource: '',
    namespace: 'n',
    name: 'p',
    path: '',
  });
  t.deepEqual(decision, { allowed: false, reason: '' });
});
