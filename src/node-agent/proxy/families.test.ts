import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import test from 'ava';
import type { EndpointSlice, IpFamily, NetworkPolicy, Service } from '../../api/index.ts';
import { peersOf, policyLabel, selectedPodsOf, setLabel } from '../../protocol/index.ts';
import { stored } from '../objects.fixture.ts';
import { policyRules } from './policy-rules.ts';
import { type HostPort, ruleset, type Ruleset } from './ruleset.ts';
import { healthPorts, servicePorts } from './service-ports.ts';
import { tableText } from './table.ts';

const nft = '/usr/sbin/nft';
const families = {
  IPv4: { pods: '10.244.0', clusterCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/16', outside: '203.0.113.9' },
  IPv6: { pods: 'fd00:244:', clusterCidr: 'fd00:244::/48', serviceCidr: 'fd00:96::/112', outside: '2001:db8::9' },
} as const;
const podAt = (family: IpFamily, number: number): string =>
  `${families[family].pods}${family === 'IPv4' ? '.' : ':'}${number}`;

/** A Service of both families that uses all that a Service may. */
const everything = stored<Service>({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'shop' },
  spec: {
    type: 'LoadBalancer',
    clusterIP: '10.96.0.5',
    clusterIPs: ['10.96.0.5', 'fd00:96::5'],
    ipFamilies: ['IPv4', 'IPv6'],
    ports: [
      { name: 'http', port: 80, protocol: 'TCP', nodePort: 30_080 },
      { name: 'dns', port: 53, protocol: 'UDP', nodePort: 30_053 },
    ],
    externalIPs: ['203.0.113.9', '2001:db8::9', 'fd00:244::77'],
    loadBalancerSourceRanges: ['198.51.100.0/24', '2001:db8:1::5/48'],
    sessionAffinity: 'ClientIP',
    externalTrafficPolicy: 'Local',
    healthCheckNodePort: 31_000,
  },
  status: { loadBalancer: { ingress: [{ ip: '192.0.2.7' }, { ip: '2001:db8::7' }] } },
});
const sliceOf = (family: IpFamily, labels: Readonly<Record<string, string>>): EndpointSlice =>
  stored<EndpointSlice>({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `web-${family.toLowerCase()}`, namespace: 'shop', labels },
    addressType: family,
    ports: [
      { name: 'http', port: 8080, protocol: 'TCP' },
      { name: 'dns', port: 5353, protocol: 'UDP' },
    ],
    endpoints: [2, 3].map((number) => ({
      addresses: [podAt(family, number)],
      conditions: { ready: true },
      nodeName: 'node-1',
    })),
  });
const from = { podSelector: { matchLabels: { app: 'proxy' } } };
const policy = stored<NetworkPolicy>({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'p', namespace: 'shop' },
  spec: {
    podSelector: {},
    ingress: [
      {
        from: [
          from,
          { ipBlock: { cidr: '10.0.0.0/8', except: ['10.9.0.0/16'] } },
          { ipBlock: { cidr: 'fd00::/8', except: ['fd00:9::/32'] } },
        ],
        ports: [{ port: 80, endPort: 90 }],
      },
    ],
  },
});
const slices = (['IPv4', 'IPv6'] as const).flatMap((family) => [
  sliceOf(family, { 'kubernetes.io/service-name': 'web' }),
  ...[selectedPodsOf(policy.spec), peersOf(from)].map((set) =>
    sliceOf(family, { [policyLabel]: 'p', [setLabel]: set?.key ?? '' }),
  ),
]);
const localNodes = new Set(['node-1']);
const hostPorts: readonly HostPort[] = (['IPv4', 'IPv6'] as const).flatMap((family) => [
  { protocol: 'tcp' as const, hostIp: '', hostPort: 8080, address: podAt(family, 2), port: 80 },
  { protocol: 'udp' as const, hostIp: families[family].outside, hostPort: 53, address: podAt(family, 3), port: 53 },
]);

function rulesOf(family: IpFamily): Ruleset {
  const { clusterCidr, serviceCidr } = families[family];
  const scope = { family, localNodes };
  return ruleset(servicePorts([everything], slices, scope), {
    family,
    table: 'troupe_test',
    bridge: 'trp-test',
    overlay: 'trpx-test',
    clusterCidr,
    serviceCidr,
    filtered: false,
    dns: { clusterAddress: podAt(family, 10), address: podAt(family, 1), port: 5353 },
    hostPorts,
    policies: policyRules([policy], slices, scope),
  });
}

test('the rules of one family are those of the other with its own addresses', (t) => {
  const [four, six] = [rulesOf('IPv4').table, rulesOf('IPv6').table];
  t.deepEqual([four.name, six.name], ['ip troupe_test', 'ip6 troupe_test']);
  t.notRegex(tableText(four), /::|ip6|ipv6_addr/);
  t.notRegex(tableText(six), /\d+\.\d+\.\d+\.\d+|\bip [sd]addr|ipv4_addr/);
  const sizes = ({ sets, chains }: Ruleset['table']): unknown => [
    [...sets.values()].map(({ elements }) => elements.length),
    // How neighbours find each other, and what only the link knows, is IPv6's alone.
    [...chains.values()].map(({ rules }) => rules.filter((rule) => !/icmpv6|fe80::/.test(rule)).length),
  ];
  t.deepEqual(sizes(six), sizes(four));
});

test('addresses of IPv6 stand in brackets before a port, and nowhere else', (t) => {
  const text = tableText(rulesOf('IPv6').table);
  t.true(text.includes('dnat to [fd00:244::2]:8080'), text);
  t.true(text.includes('fd00:96::5 . tcp . 80 : goto svc-web-'));
  t.true(text.includes('ip6 saddr 2001:db8:1::/48 goto'));
  t.true(text.includes('ip6 saddr fd00::/8 ip6 saddr != fd00:9::/32 meta l4proto tcp th dport 80-90 accept'));
  t.true(text.includes('fd00:96::5 . 53 . fd00:244::2 . 5353'));
});

test('pods find their neighbours under a policy, and reach nobody around it by an address of the link', (t) => {
  const { chains } = rulesOf('IPv6').table;
  const discovery = 'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept';
  t.is(chains.get('policy-ingress')?.rules[2], discovery);
  t.deepEqual(chains.get('forward')?.rules.slice(2, 5), [
    discovery,
    'ip6 saddr fe80::/10 drop',
    'ip6 daddr fe80::/10 drop',
  ]);
});

test('an external address inside the range of IPv6 pods leads nowhere', (t) => {
  t.false(tableText(rulesOf('IPv6').table).includes('fd00:244::77'));
});

test('an endpoint of two families counts once for the health check', (t) => {
  t.is(healthPorts([everything], slices, localNodes)[0]?.localEndpoints, 2);
});

for (const family of ['IPv4', 'IPv6'] as const)
  (existsSync(nft) && process.getuid?.() === 0 ? test : test.skip)(
    `the kernel takes the rules of ${family} (needs nft and root)`,
    (t) => {
      t.notThrows(() => execFileSync(nft, ['-c', '-f', '-'], { input: tableText(rulesOf(family).table) }));
    },
  );
