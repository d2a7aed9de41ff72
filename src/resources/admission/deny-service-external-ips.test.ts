import test from 'ava';
import { type Harness, startHarness } from '../testing/harness.ts';

const path = '/api/v1/namespaces/default/services';
const body = (externalIPs: readonly string[]): object => ({
  metadata: { name: 's' },
  spec: { ports: [{ port: 80 }], externalIPs },
});
const refusal = {
  code: 403,
  message: 'services "s" is forbidden: Use of external IPs is denied by admission control.',
};

/** The write path over the same store with the plug-in switched on. */
const switchedOn = ({ store }: Harness): Promise<Harness> =>
  startHarness({ store, settings: { admissionPlugins: ['DenyServiceExternalIPs'] } });

test('Services get external addresses unless the plug-in is switched on', async (t) => {
  const h = await startHarness();
  t.is((await h.post(path, body(['203.0.113.9']))).kind, 'Service');
});

test('with the plug-in no Service comes with an external address', async (t) => {
  const h = await switchedOn(await startHarness());
  t.like(await h.post(path, body(['203.0.113.9'])), refusal);
  t.is((await h.post(path, body([]))).kind, 'Service');
});

test('external addresses of before may stay or go, none may come', async (t) => {
  const before = await startHarness();
  await before.post(path, body(['203.0.113.9', '203.0.113.10']));
  const h = await switchedOn(before);
  const set = (externalIPs: readonly string[]): Promise<object> =>
    h.patch(`${path}/s`, 'merge', { spec: { externalIPs } });
  t.like(await set(['203.0.113.9', '203.0.113.11']), refusal);
  t.like(await set(['203.0.113.10']), { kind: 'Service' });
  t.like(await set(['203.0.113.10', '203.0.113.9']), refusal);
  t.like(await set([]), { kind: 'Service' });
});
