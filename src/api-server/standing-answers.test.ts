import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import { bind, bodyText, type CollectingSink, type DoorHarness, role, startDoor, streamOf } from './testing/index.ts';

const path = '/api/v1/namespaces/apps/configmaps?watch=true';
const account = { kind: 'ServiceAccount', apiVersion: 'v1', metadata: { name: 'web', namespace: 'apps', uid: 'sa-1' } };

/** An account that may watch, with a token. */
async function start(
  more: Parameters<typeof startDoor>[0] = {},
): Promise<{ readonly door: DoorHarness; readonly token: string }> {
  const door = startDoor(more);
  door.view.put('', 'serviceaccounts', account);
  role(door.view, 'watchers', [{ apiGroups: [''], resources: ['configmaps'], verbs: ['watch', 'list'] }]);
  bind(door.view, 'watchers', {
    role: 'watchers',
    subjects: [{ kind: 'ServiceAccount', name: 'web', namespace: 'apps' }],
  });
  const { token } = await door.credentials.issueToken({
    namespace: 'apps',
    serviceAccount: 'web',
    serviceAccountUid: 'sa-1',
    audiences: [],
    expirationSeconds: 3600,
  });
  return { door, token };
}

async function watch({ door, token }: Awaited<ReturnType<typeof start>>, user = token): Promise<CollectingSink> {
  return streamOf(await door.ask('GET', path, { user }));
}

/** Five seconds: within them a watch must end. */
async function pass(door: DoorHarness): Promise<void> {
  for (let i = 0; i < 50; i++) {
    door.time.pass(100);
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

/** Signatures are checked on threads, which no simulated time waits for. */
async function hasEnded(sink: CollectingSink): Promise<boolean> {
  for (let waits = 0; waits < 5_000 && !sink.ended; waits++) await setTimeout(1);
  return sink.ended;
}

test("a watch ends within five seconds after its user's binding went, others go on", async (t) => {
  const world = await start();
  const { door } = world;
  const [own, administrators] = [await watch(world), await watch(world, 'admin')];
  role(door.view, 'watchers', [{ apiGroups: [''], resources: ['configmaps'], verbs: ['watch'] }]);
  await pass(door);
  t.false(own.ended, 'it may still watch');
  role(door.view, 'watchers', []);
  await pass(door);
  t.true(await hasEnded(own));
  t.false(administrators.ended);
});

test('a watch ends with the account of its token, whatever is remembered of the token', async (t) => {
  const world = await start();
  const { door } = world;
  const sink = await watch(world);
  door.view.put('', 'serviceaccounts', { ...account, metadata: { ...account.metadata, uid: 'sa-2' } });
  await pass(door);
  t.true(await hasEnded(sink));
});

test('a user has so many answers under way at most; agents, administrators and other requests go on', async (t) => {
  const { door, token } = await start({ standingPerUserMax: 2 });
  const ask = (url: string, user: string): ReturnType<DoorHarness['ask']> => door.ask('GET', url, { user });
  const first = streamOf(await ask(path, token));
  streamOf(await ask(path, token));
  const refused = await ask(path, token);
  t.is(refused.status, 429);
  t.regex(
    bodyText(refused),
    /user \\"system:serviceaccount:apps:web\\" has 2 watches and streams under way; end some/u,
  );
  t.is((await ask('/api/v1/namespaces/apps/configmaps', token)).status, 200);
  for (let count = 0; count < 3; count += 1) streamOf(await ask(path, 'admin'));
  first.close();
  t.is((await ask(path, token)).status, 200);
});
