import test from 'ava';
import { AdministrationError } from '../../../state/index.ts';
import type { RequestContext } from '../../request-context.ts';
import { type ApiHttpResponse, textOf } from '../../request.ts';
import { type MemberOperator, memberPaths } from './members.ts';

const calls: string[] = [];
const operator: MemberOperator = {
  rotation: { status: () => ({}), order: () => Promise.resolve({ status: 200, body: {} }) },
  list: () => [{ name: 'm1', role: 'voter', leader: true, alive: true, drained: false, shards: [] }],
  drain: (member, drained) => {
    calls.push(`drain ${member} ${drained}`);
    return Promise.resolve();
  },
  remove: (member) => {
    calls.push(`remove ${member}`);
    return member === 'm1' ? Promise.reject(new AdministrationError('last-voter', 'the last one')) : Promise.resolve();
  },
  admit: (_user, request) =>
    Promise.resolve(
      'name' in (request as object) ? { status: 200, body: { files: {} } } : { status: 400, body: { message: 'no' } },
    ),
};

async function ask(
  method: string,
  path: string,
  body?: unknown,
  asked = operator,
): Promise<{ readonly status: number; readonly type: unknown; readonly body: unknown }> {
  const context = {
    info: { path },
    user: { name: 'system:bootstrap:abcdef' },
    http: { method, body: new TextEncoder().encode(body === undefined ? '' : JSON.stringify(body)) },
  } as unknown as RequestContext;
  const { status, headers, body: answer } = (await memberPaths(asked)(context)) as ApiHttpResponse;
  return { status, type: headers['content-type'], body: JSON.parse(textOf(answer as Uint8Array)) as unknown };
}

test('members are listed, drained and removed, and what cannot be is said', async (t) => {
  t.like(await ask('GET', '/troupe/api/members'), { status: 200 });
  t.like(await ask('POST', '/troupe/api/members', { member: 'm1', drained: true }), { status: 200 });
  t.deepEqual(
    await ask('POST', '/troupe/api/members', { member: 'm1', removed: true }).then(({ status, body }) => ({
      status,
      body,
    })),
    { status: 500, body: { code: 'last-voter', message: 'the last one' } },
  );
  t.like(await ask('POST', '/troupe/api/members', { member: 'm9', removed: true }), { status: 404 });
  t.like(await ask('POST', '/troupe/api/members', { member: 'm1' }), { status: 400 });
  t.like(await ask('PUT', '/troupe/api/members', {}), { status: 405 });
  t.deepEqual(calls, ['drain m1 true', 'remove m1']);
});

test('the keys of tokens are changed on all members, where each has its own', async (t) => {
  const path = '/troupe/api/members/keys';
  const dropped: string[] = [];
  const rotating: MemberOperator = {
    ...operator,
    signingKeys: {
      rotate: () => Promise.resolve({ signing: 'b', before: 'a' }),
      drop: (id) => {
        dropped.push(id);
        return Promise.resolve();
      },
    },
  };
  t.like(await ask('POST', path, { rotate: true }, rotating), { status: 200, body: { signing: 'b', before: 'a' } });
  t.like(await ask('POST', path, { drop: 'a' }, rotating), { status: 200 });
  t.deepEqual(dropped, ['a']);
  t.like(await ask('POST', path, {}, rotating), { status: 400 });
  t.like(await ask('GET', path, undefined, rotating), { status: 405 });
  t.like(await ask('POST', path, { rotate: true }), {
    status: 409,
    body: { message: 'the members of this cluster share the files of their keys' },
  });
});

test('the keys that a new member is given have a type that no audit policy records', async (t) => {
  t.like(await ask('POST', '/troupe/api/members/join', { name: 'm2' }), {
    status: 200,
    type: 'application/vnd.troupe.member-keys',
  });
  t.like(await ask('POST', '/troupe/api/members/join', {}), { status: 400, type: 'application/json' });
  t.like(await ask('GET', '/troupe/api/members/join'), { status: 405 });
});
