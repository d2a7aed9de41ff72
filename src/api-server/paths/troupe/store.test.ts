import test from 'ava';
import { AdministrationError, StoreError } from '../../../state/index.ts';
import { type ApiHttpResponse, utf8 } from '../../request.ts';
import { bodyJson, CollectingSink, startDoor } from '../../testing/index.ts';
import type { StoreOperator } from './store.ts';

const list = [{ name: 'a', role: 'voter', leader: true }] as const;

function operator(
  overrides: Partial<StoreOperator['members']> = {},
  backup: StoreOperator['backup'] = pieces,
): { readonly calls: string[]; readonly storeOperator: StoreOperator } {
  const calls: string[] = [];
  const note =
    (name: string) =>
    async (member: string): Promise<void> => {
      calls.push(`${name} ${member}`);
      await Promise.resolve();
    };
  const members = {
    list: () => list,
    addLearner: note('add'),
    promote: note('promote'),
    remove: note('remove'),
    transferLeadership: note('transfer'),
    ...overrides,
  } as StoreOperator['members'];
  const compact = async (revision?: number): Promise<void> => note('compact')(String(revision));
  return {
    calls,
    storeOperator: {
      members,
      backup,
      compact,
      status: () => ({ member: 'a', oldestRevision: 7 }),
    } as unknown as StoreOperator,
  };
}

async function* pieces(): AsyncGenerator<Uint8Array, void, undefined> {
  for (const text of ['one ', 'two ', 'three']) yield await Promise.resolve(utf8(text));
}

test('an administrator changes the members and compacts; users without a rule for the path may not', async (t) => {
  const { calls, storeOperator } = operator();
  const { ask } = startDoor({}, { storeOperator });
  for (const change of ['add', 'promote', 'transfer', 'remove'])
    t.like(bodyJson(await ask('POST', '/troupe/api/store/members', { body: { change, member: 'b' } })), {
      members: list,
    });
  t.like(bodyJson(await ask('POST', '/troupe/api/store/compact', { body: { revision: 7 } })), { oldestRevision: 7 });
  t.deepEqual(calls, ['add b', 'promote b', 'transfer b', 'remove b', 'compact 7']);
  for (const user of ['alice', 'anonymous']) {
    t.is(
      (await ask('POST', '/troupe/api/store/members', { user, body: { change: 'remove', member: 'a' } })).status,
      403,
    );
    t.is((await ask('GET', '/troupe/api/store/backup', { user })).status, 403);
  }
  t.is(calls.length, 5);
});

test('a wrong body and a refused command are told by code, and change nothing', async (t) => {
  const { calls, storeOperator } = operator({
    promote: () => Promise.reject(new AdministrationError('not-caught-up', 'b has entry 1 of 9')),
  });
  const { ask } = startDoor({}, { storeOperator });
  const post = (path: string, body: unknown): Promise<ApiHttpResponse> =>
    ask('POST', `/troupe/api/store/${path}`, { body });
  for (const [path, body] of [
    ['members', { change: 'explode', member: 'b' }],
    ['members', { change: 'add' }],
    ['members', '{'],
    ['compact', { revision: -1 }],
    ['compact', { revision: 'x' }],
  ] as const) {
    t.is((await post(path, body)).status, 400, JSON.stringify(body));
  }
  const refused = await post('members', { change: 'promote', member: 'b' });
  t.is(refused.status, 409);
  t.deepEqual(bodyJson(refused), { code: 'not-caught-up', message: 'b has entry 1 of 9' });
  t.is((await ask('GET', '/troupe/api/store/nothing')).status, 404);
  t.is((await ask('DELETE', '/troupe/api/store/members')).status, 404);
  t.deepEqual(calls, []);
});

test('a backup is given as the reader takes it, ends with the reader, and says when it cannot begin', async (t) => {
  const settled = (): Promise<void> =>
    new Promise((resolve) => {
      setImmediate(resolve);
    });
  const run = (answer: ApiHttpResponse, sink: CollectingSink): void => {
    if (typeof answer.body === 'function') answer.body(sink);
  };
  const { ask } = startDoor({}, operator());
  const sink = new CollectingSink();
  run(await ask('GET', '/troupe/api/store/backup'), sink);
  await settled();
  t.is(sink.text, 'one two three');
  t.true(sink.ended);
  const held = new CollectingSink();
  held.full = true;
  run(await ask('GET', '/troupe/api/store/backup'), held);
  await settled();
  t.is(held.text, 'one ');
  held.close();
  await settled();
  t.true(held.ended);
  t.is(held.text, 'one ');
  const broken = startDoor(
    {},
    operator({}, () => {
      throw new StoreError('no-leader', 'a snapshot is being installed');
    }),
  );
  t.is((await broken.ask('GET', '/troupe/api/store/backup')).status, 503);
});
