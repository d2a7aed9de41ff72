import test from 'ava';
import type { Revision } from '../../base/index.ts';
import { statusLine, startHarness } from '../testing/harness.ts';
import { StatusError } from '../../api/index.ts';

const maps = '/api/v1/namespaces/default/configmaps';

async function withMaps(): ReturnType<typeof startHarness> {
  const h = await startHarness();
  for (const [name, label] of [
    ['a', '1'],
    ['b', '2'],
    ['c', '1'],
    ['d', '1'],
  ])
    await h.post(maps, { metadata: { name, labels: { l: label } } });
  return h;
}

const refused = async (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'no error',
    (error: unknown) => (error instanceof StatusError ? statusLine(error.body()) : String(error)),
  );

test('a list is cut into pages that show one state', async (t) => {
  const h = await withMaps();
  const first = await h.list(maps, { limit: 2 });
  t.deepEqual([first.names, first.remaining], [['a', 'b'], 2]);
  await h.post(maps, { metadata: { name: 'bb' } });
  const second = await h.list(maps, { limit: 2, continue: first.continue ?? '' });
  t.deepEqual([second.names, second.continue, second.revision], [['c', 'd'], undefined, first.revision]);
  t.deepEqual((await h.list(maps, { limit: 2, labelSelector: 'l=1' })).names, ['a', 'c']);
  t.is((await h.list(maps, { limit: 2, labelSelector: 'l=1' })).remaining, undefined);
});

test('a page whose state is compacted is 410 with a token to go on from now', async (t) => {
  const h = await withMaps();
  const first = await h.list(maps, { limit: 2 });
  await h.post(maps, { metadata: { name: 'z' } });
  h.store.oldest = h.store.revision;
  const error = await t.throwsAsync(h.list(maps, { limit: 2, continue: first.continue ?? '' }), {
    instanceOf: StatusError,
  });
  t.is(error.code, 410);
  t.deepEqual((await h.list(maps, { continue: error.continueToken ?? '' })).names, ['c', 'd', 'z']);
});

test('selectors and versions of a list are checked as upstream does', async (t) => {
  const h = await withMaps();
  t.deepEqual((await h.list(maps, { fieldSelector: 'metadata.name=b' })).names, ['b']);
  t.deepEqual(
    (await h.list('/api/v1/configmaps', { fieldSelector: 'metadata.name!=b,metadata.namespace=default' })).names,
    ['a', 'c', 'd'],
  );
  t.is(
    await refused(h.list(maps, { fieldSelector: 'data=1' })),
    '400 BadRequest: "data" is not a known field selector: only "metadata.name", "metadata.namespace"',
  );
  t.is(
    await refused(h.list(maps, { resourceVersionMatch: 'Exact' })),
    '422 Invalid: ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: ' +
      'resourceVersionMatch is forbidden unless resourceVersion is provided',
  );
  t.regex(
    await refused(h.list(maps, { resourceVersion: '99999' })),
    /^504 Timeout: Timeout: Too large resource version: 99999, current: \d+$/,
  );
  t.regex(
    await refused(h.list(maps, { limit: 1, continue: 'garbage' })),
    /^400 BadRequest: invalid continue token: continue key is not valid: invalid character/,
  );
});

test('a watch shows what is there, then changes, each once', async (t) => {
  const h = await withMaps();
  const watch = await h.watch(maps, { labelSelector: 'l=1' });
  await h.patch(`${maps}/b`, 'merge', { metadata: { labels: { l: '1' } } });
  await h.patch(`${maps}/b`, 'merge', { data: { k: 'v' } });
  await h.patch(`${maps}/b`, 'merge', { metadata: { labels: null } });
  await h.remove(`${maps}/a`);
  t.deepEqual(watch.seen(), ['ADDED a', 'ADDED c', 'ADDED d', 'ADDED b', 'MODIFIED b', 'DELETED b', 'DELETED a']);
  const left = watch.events[5];
  const record = left !== undefined && 'record' in left ? left.record : undefined;
  t.deepEqual(record?.object<{ metadata: { labels: unknown } }>().metadata.labels, { l: '1' });
  t.true(new TextDecoder().decode(record?.bytes).includes(`"resourceVersion":"${record?.revision ?? 0}"`));
});

test('a watch from a version shows only what came after; one from a compacted version ends with 410', async (t) => {
  const h = await withMaps();
  const from = h.store.revision;
  await h.post(maps, { metadata: { name: 'e' } });
  t.deepEqual((await h.watch(maps, { resourceVersion: String(from) })).seen(), ['ADDED e']);
  h.store.oldest = h.store.revision;
  const late = await h.watch(maps, { resourceVersion: '2' });
  t.like(late.events[0], { type: 'ERROR', status: { code: 410, reason: 'Expired' } });
});

test('bookmarks come with the timer, and at the end of the initial events when those were asked for', async (t) => {
  const h = await withMaps();
  const plain = await h.watch(maps, { resourceVersion: String(h.store.revision), allowWatchBookmarks: true });
  await h.post('/api/v1/namespaces/default/secrets', { metadata: { name: 'other' } });
  await h.timers.pass(2_000);
  t.deepEqual(plain.events, [{ type: 'BOOKMARK', revision: h.store.revision as Revision, initialEventsEnd: false }]);
  const initial = await h.watch(maps, {
    sendInitialEvents: true,
    resourceVersionMatch: 'NotOlderThan',
    allowWatchBookmarks: true,
  });
  t.deepEqual(initial.seen(), ['ADDED a', 'ADDED b', 'ADDED c', 'ADDED d', 'BOOKMARK']);
});

test(
  'a watch ends with 410 when its replica jumps over changes that nobody keeps, after all that came before, ' +
    'and hears nothing more',
  async (t) => {
    const h = await withMaps();
    const watch = await h.watch(maps, { resourceVersion: String(h.store.revision), allowWatchBookmarks: true });
    await h.post(maps, { metadata: { name: 'e' } });
    h.store.loseHistory();
    await h.post(maps, { metadata: { name: 'f' } });
    await h.timers.pass(2_000);
    t.deepEqual(watch.seen().slice(0, 1), ['ADDED e']);
    t.is(watch.events.length, 2);
    t.like(watch.events[1], { type: 'ERROR', status: { code: 410, reason: 'Expired' } });
  },
);

test('a watch whose reader falls behind ends', async (t) => {
  const h = await withMaps();
  let calls = 0;
  await h.service.watch(h.target(maps), { resourceVersion: String(h.store.revision) }, () => {
    calls += 1;
    return false;
  });
  await h.post(maps, { metadata: { name: 'e' } });
  await h.post(maps, { metadata: { name: 'f' } });
  t.is(calls, 1);
});
