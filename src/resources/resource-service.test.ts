import test from 'ava';
import type { JsonObject } from '../api/index.ts';
import { startHarness, statusLine } from './testing/harness.ts';

const maps = '/api/v1/namespaces/default/configmaps';
const modified = 'the object has been modified; please apply your changes to the latest version and try again';

test('a created object gets what only the server sets', async (t) => {
  const h = await startHarness();
  const made = await h.post(maps, { metadata: { name: 'x' }, data: { b: '2', a: '1' } });
  t.is(made.kind, 'ConfigMap');
  t.regex(made.metadata.uid ?? '', /^[0-9a-f-]{36}$/);
  t.is(made.metadata.creationTimestamp, '2026-01-01T00:00:00Z');
  t.deepEqual(
    made.metadata.managedFields?.map(({ manager, operation }) => [manager, operation]),
    [['test', 'Update']],
  );
  t.deepEqual(await h.get(`${maps}/x`), made);
  t.is(made.metadata.resourceVersion, String(h.store.revision));
});

test('a name that is taken is a conflict, a missing namespace is not found', async (t) => {
  const h = await startHarness();
  await h.post(maps, { metadata: { name: 'x' } });
  t.is(statusLine(await h.post(maps, { metadata: { name: 'x' } })), '409 AlreadyExists: configmaps "x" already exists');
  t.is(
    statusLine(await h.post('/api/v1/namespaces/nowhere/configmaps', { metadata: { name: 'x' } })),
    '404 NotFound: namespaces "nowhere" not found',
  );
});

test('generateName makes another name when one is taken', async (t) => {
  const h = await startHarness();
  const made = await h.post(maps, { metadata: { generateName: 'gen-' } });
  t.regex(made.metadata.name ?? '', /^gen-[a-z0-9]{5}$/);
  t.is(
    statusLine(await h.post(maps, { metadata: {} })),
    '422 Invalid: ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
  );
});

test(
  'an update under a stale version is refused, one without a version is taken, one without a change is ' + 'none',
  async (t) => {
    const h = await startHarness();
    const first = await h.post(maps, { metadata: { name: 'x' } });
    const second = await h.put(`${maps}/x`, {
      metadata: { name: 'x', resourceVersion: first.metadata.resourceVersion, labels: { a: '1' } },
    });
    t.not(second.metadata.resourceVersion, first.metadata.resourceVersion);
    const stale = await h.put(`${maps}/x`, {
      metadata: { name: 'x', resourceVersion: first.metadata.resourceVersion, labels: { a: '2' } },
    });
    t.is(statusLine(stale), `409 Conflict: Operation cannot be fulfilled on configmaps "x": ${modified}`);
    const same = await h.put(`${maps}/x`, { metadata: { name: 'x', labels: { a: '1' } } });
    t.is(same.metadata.resourceVersion, second.metadata.resourceVersion);
    t.is((await h.put(`${maps}/x`, { metadata: { name: 'x' }, data: { k: 'v' } })).metadata.uid, first.metadata.uid);
    t.is(
      statusLine(await h.put(`${maps}/missing`, { metadata: { name: 'missing' } })),
      '404 NotFound: configmaps "missing" not found',
    );
    t.is(
      statusLine(await h.put(`${maps}/x`, { metadata: { name: 'y' } })),
      '400 BadRequest: the name of the object (y) does not match the name on the URL (x)',
    );
  },
);

test('a patch that another writer overtakes is computed anew', async (t) => {
  const h = await startHarness();
  await h.post(maps, { metadata: { name: 'x' }, data: { a: '1' } });
  let other: Promise<unknown> | undefined;
  h.store.beforeTransact = () => {
    other = h.patch(`${maps}/x`, 'merge', { data: { b: '2' } });
  };
  await h.patch(`${maps}/x`, 'merge', { data: { c: '3' } });
  await other;
  t.deepEqual((await h.get(`${maps}/x`))['data'], { a: '1', b: '2', c: '3' });
});

test('patches of all types change an object, and what they break is told at `patch`', async (t) => {
  const h = await startHarness();
  await h.post(maps, { metadata: { name: 'x' }, data: { a: '1' } });
  t.deepEqual((await h.patch(`${maps}/x`, 'json', [{ op: 'add', path: '/data/b', value: '2' }]))['data'], {
    a: '1',
    b: '2',
  });
  t.deepEqual((await h.patch(`${maps}/x`, 'merge', { data: { a: null } }))['data'], { b: '2' });
  t.deepEqual((await h.patch(`${maps}/x`, 'strategic', { data: { c: '3' } }))['data'], { b: '2', c: '3' });
  t.is(
    statusLine(await h.patch(`${maps}/x`, 'json', {})),
    '400 BadRequest: error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch',
  );
  const broken = (await h.patch(`${maps}/x`, 'merge', { data: { a: 5 } })) as unknown as JsonObject;
  t.is(broken['code'], 422);
  t.regex(String(broken['message']), /^ "" is invalid: patch: Invalid value: /);
});

test('server-side apply creates, owns and meets conflicts', async (t) => {
  const h = await startHarness();
  const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data: { a: '1' } };
  const made = await h.patch(`${maps}/x`, 'apply', config, { fieldManager: 'one' });
  t.deepEqual(
    made.metadata.managedFields?.map(({ manager, operation }) => [manager, operation]),
    [['one', 'Apply']],
  );
  const again = await h.patch(`${maps}/x`, 'apply', config, { fieldManager: 'one' });
  t.is(again.metadata.resourceVersion, made.metadata.resourceVersion);
  const conflict = await h.patch(`${maps}/x`, 'apply', { ...config, data: { a: '2' } }, { fieldManager: 'two' });
  t.is(statusLine(conflict), '409 Conflict: Apply failed with 1 conflict: conflict with "one": .data.a');
  t.deepEqual(
    (await h.patch(`${maps}/x`, 'apply', { ...config, data: { a: '2' } }, { fieldManager: 'two', force: true }))[
      'data'
    ],
    { a: '2' },
  );
});

test('a dry run answers as a write does and stores nothing', async (t) => {
  const h = await startHarness();
  const before = h.store.revision;
  const made = await h.post(maps, { metadata: { name: 'x' } }, { dryRun: true });
  t.is(made.metadata.name, 'x');
  t.is(h.store.revision, before);
  await h.post(maps, { metadata: { name: 'x' } });
  t.is(
    statusLine(await h.post(maps, { metadata: { name: 'x' } }, { dryRun: true })),
    '409 AlreadyExists: configmaps "x" already exists',
  );
  t.deepEqual((await h.patch(`${maps}/x`, 'merge', { data: { a: '1' } }, { dryRun: true }))['data'], { a: '1' });
  t.is((await h.get(`${maps}/x`))['data'], undefined);
});
