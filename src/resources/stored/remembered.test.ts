import test from 'ava';
import { readObjects } from './reading.ts';
import { remembered } from './remembered.ts';
import { startHarness } from '../testing/harness.ts';

test('what was read of a collection is kept until something of it is made, changed or deleted', async (t) => {
  const h = await startHarness();
  const configMaps = { group: '', resource: 'configmaps' };
  let reads = 0;
  const names = remembered([configMaps], (store) => {
    reads += 1;
    return readObjects(store, configMaps, 'default').map(({ metadata }) => metadata.name);
  });
  t.deepEqual([names(h.store), names(h.store), reads], [[], [], 1]);
  await h.post('/api/v1/namespaces/default/secrets', { metadata: { name: 's' } });
  t.deepEqual([names(h.store), reads], [[], 1]);
  await h.post('/api/v1/namespaces/default/configmaps', { metadata: { name: 'c' } });
  t.deepEqual([names(h.store), names(h.store), reads], [['c'], ['c'], 2]);
  await h.remove('/api/v1/namespaces/default/configmaps/c');
  t.deepEqual([names(h.store), reads], [[], 3]);
});
