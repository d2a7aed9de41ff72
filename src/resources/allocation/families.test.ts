import test from 'ava';
import type { JsonObject, KubeObject } from '../../api/index.ts';
import { defaultResourceSettings } from '../settings.ts';
import { type Harness, startHarness, statusLine } from '../testing/harness.ts';
import { repairAllocations } from './index.ts';

const services = '/api/v1/namespaces/default/services';
const held = '/apis/networking.k8s.io/v1/ipaddresses';
const inCluster = (...serviceCidrs: readonly string[]): Promise<Harness> =>
  startHarness({ settings: { ...defaultResourceSettings, serviceCidrs } });
const dual = (): Promise<Harness> => inCluster('10.96.0.0/16', 'fd00:96::/112');
const specOf = (object: KubeObject): JsonObject => (object.spec ?? {}) as JsonObject;
const addressesOf = (object: KubeObject): readonly string[] => (specOf(object)['clusterIPs'] ?? []) as string[];
const serviceOf = (name: string, spec: object): object => ({
  metadata: { name },
  spec: { ports: [{ port: 80 }], ...spec },
});

test('a Service of two families has an address of each, and each is held until it goes', async (t) => {
  const h = await dual();
  const made = await h.post(services, serviceOf('s', { ipFamilyPolicy: 'RequireDualStack' }));
  const [four = '', six = ''] = addressesOf(made);
  t.regex(four, /^10\.96\./);
  t.regex(six, /^fd00:96::/);
  t.like(specOf(made), { clusterIP: four, ipFamilies: ['IPv4', 'IPv6'] });
  t.deepEqual((await h.list(held)).names, [four, six].sort());
  t.is((await h.get(`${held}/${six}`)).metadata.labels?.['ipaddress.kubernetes.io/ip-family'], 'IPv6');
  const taken = await h.post(services, serviceOf('t', { clusterIP: six }));
  t.regex(statusLine(taken), /failed to allocate IP fd00:96::\S+: provided IP is already allocated$/);
  await h.remove(`${services}/s`);
  t.deepEqual((await h.list(held)).names, []);
});

test('the second address comes and goes with the policy, and the first stays', async (t) => {
  const h = await dual();
  const [first] = addressesOf(await h.post(services, serviceOf('s', {})));
  const patch = (ipFamilyPolicy: string): Promise<KubeObject> =>
    h.patch(`${services}/s`, 'merge', { spec: { ipFamilyPolicy } });
  const grown = addressesOf(await patch('PreferDualStack'));
  t.is(grown.length, 2);
  t.is(grown[0], first);
  t.deepEqual((await h.list(held)).names, [...grown].sort());
  t.deepEqual(addressesOf(await patch('SingleStack')), [first]);
  t.deepEqual((await h.list(held)).names, [first]);
});

test('the first family does not change; the second may be named', async (t) => {
  const h = await dual();
  const made = await h.post(services, serviceOf('s', {}));
  const swapped = await h.patch(`${services}/s`, 'merge', {
    spec: { ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv6', 'IPv4'] },
  });
  t.regex(statusLine(swapped), /clusterIPs\[0\]: .* expected an IPv6 value as indicated by `ipFamilies\[0\]`$/);
  const clusterIPs = ['fd00:96::7', ...addressesOf(made)];
  const turned = await h.patch(`${services}/s`, 'merge', {
    spec: { ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv6', 'IPv4'], clusterIP: clusterIPs[0], clusterIPs },
  });
  t.regex(statusLine(turned), /^422 Invalid: .*spec\.clusterIPs\[0\]: .*: may not change once set/);
  const named = await h.patch(`${services}/s`, 'merge', {
    spec: { ipFamilyPolicy: 'RequireDualStack', clusterIPs: [...addressesOf(made), 'fd00:96::77'] },
  });
  t.deepEqual(addressesOf(named), [...addressesOf(made), 'fd00:96::77']);
});

test('an external name gives both addresses back, and a name with a cluster address gets new ones', async (t) => {
  const h = await dual();
  await h.post(services, serviceOf('s', { ipFamilyPolicy: 'PreferDualStack' }));
  const external = await h.patch(`${services}/s`, 'merge', {
    spec: { type: 'ExternalName', externalName: 'shop.example.com' },
  });
  t.like(specOf(external), { clusterIP: undefined, clusterIPs: undefined, ipFamilies: undefined });
  t.deepEqual((await h.list(held)).names, []);
  const back = await h.patch(`${services}/s`, 'merge', { spec: { type: 'ClusterIP', externalName: null } });
  t.like(specOf(back), { ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' });
  t.is((await h.list(held)).names.length, 1);
});

test('an address is held by its preferred text, whatever the Service writes', async (t) => {
  const h = await inCluster('fd00:96::/112');
  const made = await h.post(services, serviceOf('s', { clusterIP: 'FD00:96:0::00AB' }));
  t.deepEqual(addressesOf(made), ['FD00:96:0::00AB']);
  t.deepEqual((await h.list(held)).names, ['fd00:96::ab']);
  t.is(await repairAllocations(h.store), 0);
});

test('IPv6 ranges of any size are given out of, but not their first address', async (t) => {
  const h = await inCluster('fd00:96::/64');
  t.regex(addressesOf(await h.post(services, serviceOf('s', {})))[0] ?? '', /^fd00:96::/);
  t.regex(statusLine(await h.post(services, serviceOf('t', { clusterIP: 'fd00:96::' }))), /does not match the current/);
  const small = await inCluster('fd00:96::/126');
  for (const name of ['a', 'b', 'c']) await small.post(services, serviceOf(name, {}));
  t.deepEqual((await small.list(held)).names, ['fd00:96::1', 'fd00:96::2', 'fd00:96::3']);
  t.regex(statusLine(await small.post(services, serviceOf('d', {}))), /range is full/);
});
