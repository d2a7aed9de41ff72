import test from 'ava';
import { type Harness, startHarness } from '../testing/harness.ts';

/** Notes what a watch asks of the store, and how many records it reads at its start. */
function noted(h: Harness): { readonly fields: unknown[]; readonly read: () => number } {
  const fields: unknown[] = [];
  let read = 0;
  const { watch, range } = h.store;
  Object.assign(h.store, {
    watch: (query: Parameters<typeof watch>[0] & { readonly field?: unknown }, ...rest: never[]) => {
      fields.push(query.field);
      return watch.apply(h.store, [query, ...rest] as never);
    },
    range: (query: Parameters<typeof range>[0]) => {
      const found = range.call(h.store, query);
      read += found.records.length;
      return found;
    },
  });
  return { fields, read: () => read };
}

async function nodes(count: number): Promise<Harness> {
  const h = await startHarness();
  for (let i = 0; i < count; i++) await h.post('/api/v1/nodes', { metadata: { name: `n${i}` } });
  return h;
}

test('an agent that watches its own Node costs the changes of the others nothing', async (t) => {
  const h = await nodes(20);
  const { fields, read } = noted(h);
  const { seen, close } = await h.watch('/api/v1/nodes', { fieldSelector: 'metadata.name=n7' });
  t.is(read(), 0, 'only the one Node is looked at');
  t.deepEqual(fields, [{ name: 'metadata.name', value: 'n7' }]);
  await h.patch('/api/v1/nodes/n7', 'merge', { metadata: { labels: { a: 'b' } } });
  await h.remove('/api/v1/nodes/n7');
  await h.post('/api/v1/nodes', { metadata: { name: 'n7' } });
  t.deepEqual(seen(), ['ADDED n7', 'MODIFIED n7', 'DELETED n7', 'ADDED n7']);
  close();
});

test('a watch of one name in all namespaces shows each object of that name', async (t) => {
  const h = await startHarness();
  const maps = (namespace: string): string => `/api/v1/namespaces/${namespace}/configmaps`;
  await h.post('/api/v1/namespaces', { metadata: { name: 'other' } });
  for (const [namespace, name] of [
    ['default', 'same'],
    ['other', 'same'],
    ['other', 'differs'],
  ] as const)
    await h.post(maps(namespace), { metadata: { name } });
  const { seen, close } = await h.watch('/api/v1/configmaps', { fieldSelector: 'metadata.name=same' });
  t.deepEqual(seen(), ['ADDED same', 'ADDED same']);
  close();
  const one = await h.watch(maps('other'), { fieldSelector: 'metadata.name=absent' });
  t.deepEqual(one.seen(), []);
  await h.post(maps('other'), { metadata: { name: 'absent' } });
  t.deepEqual(one.seen(), ['ADDED absent']);
  one.close();
});

test('what a node watches of its pods is found by the index, not among all pods', async (t) => {
  const h = await nodes(2);
  const pods = '/api/v1/namespaces/default/pods';
  for (const nodeName of ['n0', 'n1'])
    await h.post(pods, {
      metadata: { name: `on-${nodeName}` },
      spec: { nodeName, containers: [{ name: 'c', image: 'i' }] },
    });
  const { read } = noted(h);
  const { seen, close } = await h.watch('/api/v1/pods', { fieldSelector: 'spec.nodeName=n1' });
  t.deepEqual(seen(), ['ADDED on-n1']);
  t.is(read(), 1);
  close();
});
