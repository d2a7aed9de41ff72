import test from 'ava';
import { fieldErrorText, type IpFamily } from '../../../machinery/index.ts';
import type { Sent, Service, ServiceSpec } from '../../../objects/index.ts';
import { completeFamilies } from './service-families.ts';

type Spec = Sent<ServiceSpec>;

interface Completed {
  readonly spec: Spec;
  readonly errors: readonly string[];
}

function completed(families: readonly IpFamily[], spec: Spec, old?: Spec): Completed {
  const service = { spec: { type: 'ClusterIP', selector: { app: 'a' }, ...spec } } as Sent<Service>;
  const before = old === undefined ? undefined : ({ spec: { type: 'ClusterIP', ...old } } as Sent<Service>);
  const errors = completeFamilies(service, before, families);
  return { spec: service.spec ?? {}, errors: errors.map((error) => `${error.field}: ${fieldErrorText(error)}`) };
}

const single: readonly IpFamily[] = ['IPv4'];
const singleSix: readonly IpFamily[] = ['IPv6'];
const dual: readonly IpFamily[] = ['IPv4', 'IPv6'];
const dualSix: readonly IpFamily[] = ['IPv6', 'IPv4'];
const none: Spec = { clusterIP: 'None', clusterIPs: ['None'] };

const creations: readonly (readonly [string, readonly IpFamily[], Spec, string, readonly string[]])[] = [
  ['says nothing', dual, {}, 'SingleStack', ['IPv4']],
  ['says nothing where IPv6 comes first', dualSix, {}, 'SingleStack', ['IPv6']],
  ['says nothing in a cluster of IPv6', singleSix, {}, 'SingleStack', ['IPv6']],
  ['prefers two families', dual, { ipFamilyPolicy: 'PreferDualStack' }, 'PreferDualStack', ['IPv4', 'IPv6']],
  ['prefers two where there is one', single, { ipFamilyPolicy: 'PreferDualStack' }, 'PreferDualStack', ['IPv4']],
  ['requires two families', dualSix, { ipFamilyPolicy: 'RequireDualStack' }, 'RequireDualStack', ['IPv6', 'IPv4']],
  ['names the second family', dual, { ipFamilies: ['IPv6'] }, 'SingleStack', ['IPv6']],
  [
    'prefers two with its own order',
    dual,
    { ipFamilyPolicy: 'PreferDualStack', ipFamilies: ['IPv6'] },
    'PreferDualStack',
    ['IPv6', 'IPv4'],
  ],
  [
    'names an address of the second family',
    dual,
    { clusterIP: 'fd00:96::5', clusterIPs: ['fd00:96::5'] },
    'SingleStack',
    ['IPv6'],
  ],
  [
    'names two addresses',
    dual,
    { ipFamilyPolicy: 'PreferDualStack', clusterIP: 'fd00:96::5', clusterIPs: ['fd00:96::5', '10.96.0.5'] },
    'PreferDualStack',
    ['IPv6', 'IPv4'],
  ],
  ['is headless', dual, none, 'SingleStack', ['IPv4']],
  ['is headless without a selector', singleSix, { ...none, selector: {} }, 'RequireDualStack', ['IPv6', 'IPv4']],
  [
    'is headless without a selector, of one family',
    dual,
    { ...none, selector: {}, ipFamilyPolicy: 'SingleStack' },
    'SingleStack',
    ['IPv4'],
  ],
];
for (const [what, families, spec, policy, expected] of creations)
  test(`a new Service that ${what} has the families ${expected.join(' and ')}`, (t) => {
    t.like(completed(families, spec), { errors: [], spec: { ipFamilyPolicy: policy, ipFamilies: expected } });
  });

const notConfigured = 'this cluster is not configured for dual-stack services';
const refused: readonly (readonly [string, readonly IpFamily[], Spec, Spec | undefined, readonly string[]])[] = [
  [
    'two families where there is one',
    singleSix,
    { ipFamilyPolicy: 'RequireDualStack' },
    undefined,
    [`spec.ipFamilyPolicy: Invalid value: "RequireDualStack": ${notConfigured}`],
  ],
  [
    'a family that is not there',
    singleSix,
    { ipFamilies: ['IPv4'] },
    undefined,
    ['spec.ipFamilies[0]: Invalid value: "IPv4": not configured on this cluster'],
  ],
  [
    'an address of a family that is not there',
    singleSix,
    { clusterIP: '10.96.0.5', clusterIPs: ['10.96.0.5'] },
    undefined,
    ['spec.clusterIPs[0]: Invalid value: ["10.96.0.5"]: IPv4 is not configured on this cluster'],
  ],
  [
    'one family fewer without saying so',
    dual,
    { ipFamilyPolicy: 'PreferDualStack', clusterIP: '10.96.0.5', clusterIPs: ['10.96.0.5'], ipFamilies: ['IPv4'] },
    {
      ipFamilyPolicy: 'RequireDualStack',
      clusterIP: '10.96.0.5',
      clusterIPs: ['10.96.0.5', 'fd00:96::5'],
      ipFamilies: ['IPv4', 'IPv6'],
    },
    ['cluster IP', 'IP family'].map(
      (what) =>
        'spec.ipFamilyPolicy: Invalid value: "PreferDualStack": ' +
        `must be 'SingleStack' to release the secondary ${what}`,
    ),
  ],
];
for (const [what, families, spec, old, expected] of refused)
  test(`a Service that asks for ${what} is refused`, (t) => {
    t.deepEqual(completed(families, spec, old).errors, expected);
  });

const both: Spec = {
  ipFamilyPolicy: 'RequireDualStack',
  clusterIP: '10.96.0.5',
  clusterIPs: ['10.96.0.5', 'fd00:96::5'],
  ipFamilies: ['IPv4', 'IPv6'],
};
const one: Spec = {
  ipFamilyPolicy: 'SingleStack',
  clusterIP: '10.96.0.5',
  clusterIPs: ['10.96.0.5'],
  ipFamilies: ['IPv4'],
};

test('a Service gets its second family when it asks for it, and gives it back when it says that one is enough', (t) => {
  const grown = completed(dual, { ...one, ipFamilyPolicy: 'PreferDualStack' }, one);
  t.like(grown, { errors: [], spec: { ipFamilies: ['IPv4', 'IPv6'], clusterIPs: ['10.96.0.5'] } });
  const shrunk = completed(dual, { ...both, ipFamilyPolicy: 'SingleStack' }, both);
  t.like(shrunk, { errors: [], spec: { ipFamilies: ['IPv4'], clusterIPs: ['10.96.0.5'] } });
});

test('an update that does not name the policy keeps it', (t) => {
  const { ipFamilyPolicy: _policy, ...silent } = both;
  t.like(completed(dual, silent, both), { errors: [], spec: { ipFamilyPolicy: 'RequireDualStack' } });
});

test('a Service that prefers two families stays as it is when the cluster gets or loses the second one', (t) => {
  const preferring = { ...one, ipFamilyPolicy: 'PreferDualStack' as const };
  t.deepEqual(completed(dual, preferring, preferring).spec.ipFamilies, ['IPv4']);
  const had = { ...both, ipFamilyPolicy: 'PreferDualStack' as const };
  t.like(completed(single, had, had), { errors: [], spec: { ipFamilies: ['IPv4', 'IPv6'] } });
});

test('a Service with an external name has no families', (t) => {
  const { spec } = completed(dual, { type: 'ExternalName', externalName: 'example.com' });
  t.deepEqual([spec.ipFamilies, spec.ipFamilyPolicy], [undefined, undefined]);
});
