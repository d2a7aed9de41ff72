import test from 'ava';
import type { JsonObject } from '../../api/index.ts';
import { startHarness, statusLine } from '../testing/harness.ts';

const quotas = '/api/v1/namespaces/default/resourcequotas';
const maps = '/api/v1/namespaces/default/configmaps';
const pods = '/api/v1/namespaces/default/pods';
const pod = (name: string, resources: object): object => ({
  metadata: { name },
  spec: { containers: [{ name: 'c', image: 'i', resources }] },
});
const usedOf = async (h: Awaited<ReturnType<typeof startHarness>>): Promise<unknown> =>
  ((await h.get(`${quotas}/q`))['status'] as JsonObject)['used'];

test('objects are counted, also those that were there before, and one too many is refused', async (t) => {
  const h = await startHarness();
  await h.post(maps, { metadata: { name: 'a' } });
  await h.post(quotas, { metadata: { name: 'q' }, spec: { hard: { 'count/configmaps': '2' } } });
  t.is((await h.post(maps, { metadata: { name: 'b' } })).kind, 'ConfigMap');
  t.deepEqual(await usedOf(h), { 'count/configmaps': '2' });
  t.is(
    statusLine(await h.post(maps, { metadata: { name: 'c' } })),
    '403 Forbidden: configmaps "c" is forbidden: exceeded quota: q, requested: count/configmaps=1, used: ' +
      'count/configmaps=2, limited: count/configmaps=2',
  );
});

test('pods have to say what they need, and are charged for it', async (t) => {
  const h = await startHarness();
  await h.post(quotas, {
    metadata: { name: 'q' },
    spec: { hard: { pods: '2', 'requests.cpu': '1', 'limits.memory': '1Gi' } },
  });
  t.is(
    statusLine(await h.post(pods, pod('a', {}))),
    '403 Forbidden: pods "a" is forbidden: failed quota: q: must specify limits.memory for: c; requests.cpu for: c',
  );
  await h.post(pods, pod('a', { requests: { cpu: '400m' }, limits: { memory: '400Mi' } }));
  t.deepEqual(await usedOf(h), { pods: '1', 'requests.cpu': '400m', 'limits.memory': '400Mi' });
  await h.post(pods, pod('b', { requests: { cpu: '400m' }, limits: { memory: '400Mi' } }));
  const refused = await h.post(pods, pod('c', { requests: { cpu: '300m' }, limits: { memory: '100Mi' } }));
  t.is(
    statusLine(refused),
    '403 Forbidden: pods "c" is forbidden: exceeded quota: q, requested: pods=1,requests.cpu=300m, used: ' +
      'pods=2,requests.cpu=800m, limited: pods=2,requests.cpu=1',
  );
});

test('writers at the same time do not exceed a quota together', async (t) => {
  const h = await startHarness();
  await h.post(quotas, { metadata: { name: 'q' }, spec: { hard: { 'count/configmaps': '3' } } });
  const made = await Promise.all(Array.from({ length: 8 }, (_, i) => h.post(maps, { metadata: { name: `m${i}` } })));
  t.is(made.filter(({ kind }) => kind === 'ConfigMap').length, 3);
});

test('of a container only cpu and memory are asked, by sorted names, and huge pages are counted', async (t) => {
  const h = await startHarness();
  await h.post(quotas, {
    metadata: { name: 'q' },
    spec: { hard: { 'requests.cpu': '1', 'requests.ephemeral-storage': '1Gi', 'hugepages-2Mi': '8Mi' } },
  });
  const two = {
    metadata: { name: 'two' },
    spec: {
      containers: [
        { name: 'b', image: 'i' },
        { name: 'a', image: 'i' },
      ],
    },
  };
  t.is(
    statusLine(await h.post(pods, two)),
    '403 Forbidden: pods "two" is forbidden: failed quota: q: must specify requests.cpu for: a,b',
  );
  const amounts = { cpu: '100m', 'hugepages-2Mi': '4Mi' };
  await h.post(pods, pod('huge', { requests: amounts, limits: amounts }));
  t.deepEqual(await usedOf(h), { 'requests.cpu': '100m', 'requests.ephemeral-storage': '0', 'hugepages-2Mi': '4Mi' });
});

test('a quota for pods with a deadline, and one for those without, count and limit their own', async (t) => {
  const h = await startHarness();
  for (const [name, scopeName] of [
    ['ending', 'Terminating'],
    ['lasting', 'NotTerminating'],
  ] as const)
    await h.post(quotas, {
      metadata: { name },
      spec: {
        hard: { pods: '1', 'requests.cpu': '1' },
        scopeSelector: { matchExpressions: [{ scopeName, operator: 'Exists' }] },
      },
    });
  const used = async (name: string): Promise<unknown> =>
    ((await h.get(`${quotas}/${name}`))['status'] as JsonObject)['used'];
  const ask = (name: string, more: object) =>
    h.post(pods, {
      metadata: { name },
      spec: { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '400m' } } }], ...more },
    });
  await ask('a', {});
  await ask('b', { activeDeadlineSeconds: 60 });
  for (const name of ['ending', 'lasting']) t.deepEqual(await used(name), { pods: '1', 'requests.cpu': '400m' }, name);
  t.regex(statusLine(await ask('c', {})), /^403 Forbidden: .* exceeded quota: lasting, /);
  t.regex(statusLine(await ask('d', { activeDeadlineSeconds: 1 })), /^403 Forbidden: .* exceeded quota: ending, /);
});

test('a resize is charged, and refused where the quota does not have as much', async (t) => {
  const h = await startHarness();
  await h.post(quotas, { metadata: { name: 'q' }, spec: { hard: { 'requests.cpu': '1' } } });
  await h.post(pods, pod('a', { requests: { cpu: '400m' } }));
  const resized = (cpu: string): ReturnType<typeof h.patch> =>
    h.patch(`${pods}/a/resize`, 'strategic', {
      spec: { containers: [{ name: 'c', resources: { requests: { cpu } } }] },
    });
  t.is((await resized('900m')).kind, 'Pod');
  t.deepEqual(await usedOf(h), { 'requests.cpu': '900m' });
  t.is(
    statusLine(await resized('1100m')),
    '403 Forbidden: pods "a" is forbidden: exceeded quota: q, requested: requests.cpu=200m, used: requests.cpu=900m, ' +
      'limited: requests.cpu=1',
  );
});
