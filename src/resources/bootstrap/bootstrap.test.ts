import test from 'ava';
import { silentLogger } from '../../base/index.ts';
import type { JsonObject } from '../../api/index.ts';
import { startHarness } from '../testing/harness.ts';
import { bootstrapObjects } from './index.ts';
import { policyRule } from './rbac-objects.ts';

const settings = { serviceCidr: '10.96.0.0/16', apiAddresses: ['192.0.2.1'], apiPort: 6443 };

test('a new cluster has its namespaces, roles and the API service, and a second run changes nothing', async (t) => {
  const h = await startHarness();
  const run = (changes: object = {}): Promise<void> => bootstrapObjects({ service: h.service, store: h.store, clock: { now: () => h.now, monotonic: () => h.now }, log: silentLogger, settings: { ...settings, ...changes } });
  await run();
  t.deepEqual((await h.list('/api/v1/namespaces')).names, ['default', 'kube-node-lease', 'kube-public', 'kube-system']);
  t.is((await h.list('/apis/rbac.authorization.k8s.io/v1/clusterroles')).names.length, 66);
  t.is((await h.list('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings')).names.length, 47);
  t.like((await h.get('/api/v1/namespaces/default/services/kubernetes')).spec as JsonObject, { clusterIP: '10.96.0.1' });
  const view = await h.get('/apis/rbac.authorization.k8s.io/v1/clusterroles/view');
  t.true((view['rules'] as unknown[]).length > 5);
  const { revision } = h.store;
  await run();
  t.is(h.store.revision, revision);
  await run({ apiAddresses: ['192.0.2.2'] });
  t.like(await h.get('/api/v1/namespaces/default/endpoints/kubernetes'), { subsets: [{ addresses: [{ ip: '192.0.2.2' }] }] });
});

test('a rule of the table is read as a policy rule', (t) => {
  t.deepEqual(policyRule('get,list core,apps pods =a,b'), { verbs: ['get', 'list'], apiGroups: ['', 'apps'], resources: ['pods'], resourceNames: ['a', 'b'] });
  t.deepEqual(policyRule('get url /healthz'), { verbs: ['get'], nonResourceURLs: ['/healthz'] });
});
