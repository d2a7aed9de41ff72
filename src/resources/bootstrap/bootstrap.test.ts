import test from 'ava';
import { silentLogger } from '../../base/index.ts';
import type { JsonObject } from '../../api/index.ts';
import { type Harness, startHarness } from '../testing/harness.ts';
import { ownControllerRoles } from './own-controller-roles.ts';
import { bootstrapObjects } from './index.ts';
import { policyRule } from './rbac-objects.ts';
import { covers } from './rbac-upgrade.ts';

const settings = { serviceCidrs: ['10.96.0.0/16'], apiEndpoints: [{ address: '192.0.2.1', port: 6443 }] };

type Rule = Parameters<typeof covers>[1];

const endpointsWrite = { verbs: ['create', 'update'], apiGroups: [''], resources: ['endpoints'] };

async function bootstrapped(): Promise<{ readonly h: Harness; readonly run: () => Promise<void> }> {
  const h = await startHarness();
  const clock = { now: () => h.now, monotonic: () => h.now };
  const run = (): Promise<void> =>
    bootstrapObjects({ service: h.service, store: h.store, clock, log: silentLogger, settings });
  return { h, run };
}

test('a cluster that gets a second address family has its range beside the first one', async (t) => {
  const h = await startHarness();
  const run = (...serviceCidrs: readonly string[]): Promise<void> =>
    bootstrapObjects({
      service: h.service,
      store: h.store,
      clock: { now: () => h.now, monotonic: () => h.now },
      log: silentLogger,
      settings: { serviceCidrs, apiEndpoints: [{ address: 'fd00::1', port: 6443 }] },
    });
  const range = async (): Promise<unknown> => (await h.get('/apis/networking.k8s.io/v1/servicecidrs/kubernetes')).spec;
  await run('10.96.0.0/16');
  await run('10.96.0.0/16', 'fd00:96::/112');
  t.deepEqual(await range(), { cidrs: ['10.96.0.0/16', 'fd00:96::/112'] });
  await run('10.96.0.0/16');
  t.deepEqual(await range(), { cidrs: ['10.96.0.0/16', 'fd00:96::/112'] });
  const slices = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes';
  t.is((await h.get(slices))['addressType'], 'IPv6');
});

test('a new cluster has its namespaces, roles and the API service, and a second run changes nothing', async (t) => {
  const h = await startHarness();
  const run = (changes: object = {}): Promise<void> =>
    bootstrapObjects({
      service: h.service,
      store: h.store,
      clock: { now: () => h.now, monotonic: () => h.now },
      log: silentLogger,
      settings: { ...settings, ...changes },
    });
  await run();
  t.deepEqual((await h.list('/api/v1/namespaces')).names, ['default', 'kube-node-lease', 'kube-public', 'kube-system']);
  for (const [resource, count] of [
    ['clusterroles', 68],
    ['clusterrolebindings', 47],
  ] as const) {
    const { names } = await h.list(`/apis/rbac.authorization.k8s.io/v1/${resource}`);
    const own = names.filter((name) => name.startsWith('troupe:controller:'));
    t.is(names.length - own.length, count);
    t.deepEqual(own, ownControllerRoles.map(({ name }) => `troupe:controller:${name}`).sort());
  }
  t.like((await h.get('/api/v1/namespaces/default/services/kubernetes')).spec as JsonObject, {
    clusterIP: '10.96.0.1',
  });
  const view = await h.get('/apis/rbac.authorization.k8s.io/v1/clusterroles/view');
  t.true((view['rules'] as unknown[]).length > 5);
  t.deepEqual(
    (await h.get('/api/v1/namespaces/kube-system/configmaps/kube-apiserver-legacy-service-account-token-tracking'))[
      'data'
    ],
    { since: new Date(h.now).toISOString().slice(0, 10) },
  );
  const { revision } = h.store;
  await run();
  t.is(h.store.revision, revision);
  await run({ apiEndpoints: [{ address: '192.0.2.2', port: 6443 }] });
  t.like(await h.get('/api/v1/namespaces/default/endpoints/kubernetes'), {
    subsets: [{ addresses: [{ ip: '192.0.2.2' }] }],
  });
});

test('a rule of the table is read as a policy rule', (t) => {
  t.deepEqual(policyRule('get,list core,apps pods =a,b'), {
    verbs: ['get', 'list'],
    apiGroups: ['', 'apps'],
    resources: ['pods'],
    resourceNames: ['a', 'b'],
  });
  t.deepEqual(policyRule('get url /healthz'), { verbs: ['get'], nonResourceURLs: ['/healthz'] });
});

test(
  'roles of the cluster get what a new version wants, keep what was added, and are left alone when they say ' + 'so',
  async (t) => {
    const h = await startHarness();
    const run = (): Promise<void> =>
      bootstrapObjects({
        service: h.service,
        store: h.store,
        clock: { now: () => h.now, monotonic: () => h.now },
        log: silentLogger,
        settings,
      });
    const role = '/apis/rbac.authorization.k8s.io/v1/clusterroles/system:discovery';
    const own = { verbs: ['get'], nonResourceURLs: ['/own'] };
    await run();
    const { rules } = await h.get(role);
    await h.patch(role, 'merge', { rules: [own], metadata: { labels: { 'kubernetes.io/bootstrapping': null } } });
    await run();
    t.deepEqual((await h.get(role))['rules'], [own, ...(rules as object[])]);
    t.is((await h.get(role)).metadata.labels?.['kubernetes.io/bootstrapping'], 'rbac-defaults');
    await h.patch(role, 'merge', {
      rules: [own],
      metadata: { annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'false' } },
    });
    await run();
    t.deepEqual((await h.get(role))['rules'], [own]);
  },
);

const clusterRole = '/apis/rbac.authorization.k8s.io/v1/clusterroles/';
/** What gave tenants the writing of Endpoints in clusters of earlier versions. */
const formerRule = policyRule(
  'create,delete,deletecollection,patch,update core configmaps,endpoints,events,persistentvolumeclaims,' +
    'replicationcontrollers,replicationcontrollers/scale,secrets,serviceaccounts,services,services/proxy',
);

test('edit and admin do not write Endpoints (CVE-2021-25740)', async (t) => {
  const { h, run } = await bootstrapped();
  await run();
  for (const name of ['system:aggregate-to-edit', 'edit', 'admin']) {
    const { rules } = (await h.get(`${clusterRole}${name}`)) as unknown as { readonly rules: readonly Rule[] };
    for (const verbs of [['create'], ['update'], ['patch'], ['delete'], ['deletecollection']])
      t.false(covers(rules, { verbs, apiGroups: [''], resources: ['endpoints'] }), `${name} ${verbs[0]}`);
    t.true(covers(rules, { verbs: ['update'], apiGroups: [''], resources: ['services', 'configmaps', 'secrets'] }));
  }
});

test('a cluster of an earlier version loses that rule, and keeps what an administrator granted', async (t) => {
  const { h, run } = await bootstrapped();
  await run();
  const role = `${clusterRole}system:aggregate-to-edit`;
  const rulesOf = async (): Promise<readonly Rule[]> => (await h.get(role))['rules'] as readonly Rule[];
  const own = { verbs: ['get'], apiGroups: ['example.com'], resources: ['widgets'] };
  const wanted = await rulesOf();
  await h.patch(role, 'merge', { rules: [own, formerRule] });
  await run();
  t.false((await rulesOf()).some((rule) => covers([rule], { ...endpointsWrite, verbs: ['create'] })));
  t.true(covers(await rulesOf(), own));
  for (const rule of wanted) t.true(covers(await rulesOf(), rule));
  await h.patch(role, 'merge', { rules: [...wanted, endpointsWrite] });
  await run();
  t.deepEqual(await rulesOf(), [...wanted, endpointsWrite], 'a rule that somebody wrote stays');
  const annotations = { 'rbac.authorization.kubernetes.io/autoupdate': 'false' };
  await h.patch(role, 'merge', { rules: [formerRule], metadata: { annotations } });
  await run();
  t.deepEqual(await rulesOf(), [formerRule], 'a role that says so is left alone');
});

test('rules cover a wanted one together', (t) => {
  const wanted = { verbs: ['get', 'list'], apiGroups: [''], resources: ['pods'] };
  t.true(
    covers(
      [
        { verbs: ['get'], apiGroups: ['*'], resources: ['*'] },
        { verbs: ['list'], apiGroups: [''], resources: ['pods'] },
      ],
      wanted,
    ),
  );
  t.false(covers([{ verbs: ['get'], apiGroups: ['*'], resources: ['*'] }], wanted));
  t.false(covers([{ ...wanted, resourceNames: ['a'] }], wanted));
  t.true(covers([{ verbs: ['*'], nonResourceURLs: ['*'] }], { verbs: ['get'], nonResourceURLs: ['/healthz'] }));
});

test('other API servers are told of the authorities in a home of an earlier version too', async (t) => {
  const h = await startHarness();
  const run = (changes: object): Promise<void> =>
    bootstrapObjects({
      service: h.service,
      store: h.store,
      clock: { now: () => h.now, monotonic: () => h.now },
      log: silentLogger,
      settings: { ...settings, ...changes },
    });
  const data = async (): Promise<unknown> =>
    (await h.get('/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication'))['data'];
  await run({ clientCa: 'one' });
  t.deepEqual(await data(), { 'client-ca-file': 'one' });
  await h.patch('/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication', 'merge', {
    data: { own: 'kept' },
  });
  await run({ clientCa: 'two', frontProxyCa: 'proxies' });
  t.like(await data(), {
    own: 'kept',
    'client-ca-file': 'two',
    'requestheader-client-ca-file': 'proxies',
    'requestheader-username-headers': '["X-Remote-User"]',
  });
  const { revision } = h.store;
  await run({ clientCa: 'two', frontProxyCa: 'proxies' });
  t.is(h.store.revision, revision);
});

test('roles hold claims on devices where the cluster has them, also from the next start on', async (t) => {
  const { h, run } = await bootstrapped();
  const roles = '/apis/rbac.authorization.k8s.io/v1/clusterroles';
  const rulesOf = async (name: string): Promise<string> => JSON.stringify((await h.get(`${roles}/${name}`))['rules']);
  await run();
  for (const name of ['edit', 'system:kube-scheduler', 'system:node'])
    t.false((await rulesOf(name)).includes('resource.k8s.io'), name);
  t.is((await h.get(`${roles}/system:controller:resource-claim-controller`)).kind, 'Status');
  await bootstrapObjects({
    service: h.service,
    store: h.store,
    clock: { now: () => h.now, monotonic: () => h.now },
    log: silentLogger,
    settings: { ...settings, features: ['DynamicResourceAllocation'] },
  });
  // The controller of sums does the rest.
  for (const name of ['system:aggregate-to-edit', 'system:aggregate-to-view', 'system:kube-scheduler', 'system:node'])
    t.true((await rulesOf(name)).includes('resourceclaims'), name);
  t.is((await h.get(`${roles}/system:controller:resource-claim-controller`)).kind, 'ClusterRole');
});
