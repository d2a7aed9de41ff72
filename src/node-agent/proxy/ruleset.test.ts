import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import test from 'ava';
import type { EndpointSlice, IpFamily, New, Service, ServiceSpec } from '../../api/index.ts';
import { type HostPort, ruleset, servicePorts } from './index.ts';
import { healthPorts } from './service-ports.ts';
import { type Table, tableChanges, tableText } from './table.ts';
import { stored } from '../objects.fixture.ts';

const service = (name: string, spec: New<ServiceSpec>): Service =>
  stored<Service>({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'shop' },
    spec: { clusterIP: '10.96.0.5', ports: [{ name: 'http', port: 80, protocol: 'TCP' }], ...spec },
  });
const slice = (name: string, endpoints: EndpointSlice['endpoints'], port = 8080): EndpointSlice =>
  stored<EndpointSlice>({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${name}-x`, namespace: 'shop', labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port, protocol: 'TCP' }],
    endpoints,
  });
const at = (
  address: string,
  conditions: object = { ready: true },
  nodeName = 'node-1',
): NonNullable<EndpointSlice['endpoints']>[number] => ({ addresses: [address], conditions, nodeName });
const facts = {
  family: 'IPv4' as IpFamily,
  table: 'troupe_test',
  bridge: 'trp-test',
  overlay: 'trpx-test',
  clusterCidr: '10.244.0.0/16',
  serviceCidr: '10.96.0.0/16',
  filtered: true,
  dns: { clusterAddress: '10.96.0.10', address: '10.244.0.1', port: 5353 },
  hostPorts: [] as HostPort[],
};
const here = new Set(['node-1']);
const scope = { family: 'IPv4' as const, localNodes: here };
/** These patterns on lines that follow each other. */
const lines = (...patterns: readonly string[]): RegExp => new RegExp(patterns.join('\\n {4}'));
const rules = (
  services: readonly Service[],
  slices: readonly EndpointSlice[],
  more: Partial<typeof facts> = {},
): string => tableText(ruleset(servicePorts(services, slices, scope), { ...facts, ...more }).table);
/** What the elements of a set or map are. */
const elementsOf = (text: string, name: string): string =>
  new RegExp(`(?:map|set) ${name} \\{[^}]*elements = \\{([^}]*)\\}`).exec(text)?.[1]?.trim() ?? '';
/** Where the one Service that has no chain of its own leads to. */
function sharedBackends(text: string): readonly string[] {
  const [, targetPort] = /map target-ports .*elements = \{ 10\.96\.0\.5 : (\d+) \}/.exec(text) ?? [];
  const byPort = /map nth-\d+-by-port .*elements = \{ 10\.96\.0\.5 \. tcp \. 80 : ([^,}]*\S) \}/g;
  const byAddress = /map nth-\d+-by-address .*elements = \{ 10\.96\.0\.5 : ([^,}]*\S) \}/g;
  return [
    ...[...text.matchAll(byPort)].map(([, to]) => to ?? ''),
    ...[...text.matchAll(byAddress)].map(([, to]) => `${to} . ${targetPort}`),
  ];
}
const nft = '/usr/sbin/nft';

test('a service leads to its ready endpoints by chance, and to itself by masquerading', (t) => {
  const text = rules(
    [service('web', {})],
    [slice('web', [at('10.244.0.3'), at('10.244.0.2'), at('10.244.0.9', { ready: false })])],
  );
  t.is(elementsOf(text, 'services'), '10.96.0.5 . tcp . 80 : goto one-of-2');
  t.deepEqual(sharedBackends(text), ['10.244.0.2 . 8080', '10.244.0.3 . 8080']);
  t.true(text.includes('10.244.0.2 . 10.244.0.2'));
  t.false(text.includes('10.244.0.9'));
});

test('a service that the outside reaches leads to its endpoints by chance, from a chain of its own', (t) => {
  const text = rules(
    [service('web', { externalIPs: ['198.51.100.1'] })],
    [slice('web', [at('10.244.0.3'), at('10.244.0.2')])],
  );
  t.true(text.includes('dnat to numgen random mod 2 map { 0 : 10.244.0.2, 1 : 10.244.0.3 } : 8080'));
  t.regex(text, /10\.96\.0\.5 \. tcp \. 80 : goto svc-web-\w+-tcp-80,/);
});

test('endpoints at several ports are told apart by these, too', (t) => {
  const slices = [slice('web', [at('10.244.0.2')]), slice('web', [at('10.244.0.3')], 9090)];
  t.deepEqual(sharedBackends(rules([service('web', {})], slices)), ['10.244.0.2 . 8080', '10.244.0.3 . 9090']);
  const text = rules([service('web', { externalIPs: ['198.51.100.1'] })], slices);
  t.true(
    text.includes('dnat ip addr . port to numgen random mod 2 map { 0 : 10.244.0.2 . 8080, 1 : 10.244.0.3 . 9090 }'),
  );
});

test('a client keeps its endpoint with session affinity, and changes of others leave what is remembered', (t) => {
  const sticky = service('web', { sessionAffinity: 'ClientIP' });
  const tableOf = (...addresses: readonly string[]): Table =>
    ruleset(
      servicePorts(
        [sticky],
        [
          slice(
            'web',
            addresses.map((address) => at(address)),
          ),
        ],
        scope,
      ),
      facts,
    ).table;
  const before = tableOf('10.244.0.2', '10.244.0.3');
  t.regex(
    tableText(before),
    lines(
      'chain svc-web-\\w+-tcp-80 \\{',
      'ip saddr @had-\\w+-10800 goto svc-web-\\w+-tcp-80-to-10_244_0_2-8080',
      'ip saddr @had-\\w+-10800 goto svc-web-\\w+-tcp-80-to-10_244_0_3-8080',
      'numgen random mod 2 vmap \\{ 0 : goto \\S+-to-10_244_0_2-8080, 1 : goto \\S+-to-10_244_0_3-8080 \\}',
    ),
  );
  t.regex(tableText(before), /update @had-\w+-10800 \{ ip saddr \}\n {4}meta l4proto tcp ct mark set .* dnat to/);
  const changes = tableChanges(before, tableOf('10.244.0.2', '10.244.0.4')) ?? '';
  t.regex(changes, /delete set ip troupe_test had-/);
  const kept = [...before.sets.keys()].find((name) => name.startsWith('had-')) ?? '';
  t.notRegex(changes, new RegExp(`(delete|flush|add) (set|element) \\S+ \\S+ ${kept}`));
});

test('what is translated is marked for the other filters of the machine', (t) => {
  const text = rules(
    [service('web', { type: 'NodePort', ports: [{ name: 'http', port: 80, nodePort: 30_080 }] })],
    [slice('web', [at('10.244.1.2', { ready: true }, 'node-2')])],
    { hostPorts: [{ protocol: 'tcp', hostIp: '', hostPort: 8080, address: '10.244.0.9', port: 80 }] },
  );
  for (const line of text.split('\n').filter((each) => / dnat (to|ip)/.test(each) && !each.includes('dport 53')))
    t.true(line.includes('ct mark set ct mark | 0x400000 dnat'), line);
});

test('a Service of another proxy, or one that is to be headless, has no rules', (t) => {
  for (const label of ['service.kubernetes.io/service-proxy-name', 'service.kubernetes.io/headless']) {
    const plain = service('web', {});
    const labelled = { ...plain, metadata: { ...plain.metadata, labels: { [label]: '' } } };
    t.false(rules([labelled], [slice('web', [at('10.244.0.2')])]).includes('svc-web'), label);
  }
});

test('UDP may flow to the backends of now alone, by every address of the Service', (t) => {
  const ports = [{ name: 'dns', port: 53, protocol: 'UDP' as const, nodePort: 30_053 }];
  const spec = {
    type: 'NodePort' as const,
    ports,
    externalIPs: ['198.51.100.1'],
    externalTrafficPolicy: 'Local' as const,
  };
  const of = slice('web', [at('10.244.0.2'), at('10.244.1.2', { ready: true }, 'node-2')]);
  const named = { ...of, ports: [{ name: 'dns', port: 5353, protocol: 'UDP' as const }] };
  const { udp } = ruleset(servicePorts([service('web', spec)], [named], scope), { ...facts, dns: undefined });
  const both = new Set(['10.244.0.2:5353', '10.244.1.2:5353']);
  t.deepEqual(udp, [
    { address: '10.96.0.5', port: 53, isMachines: false, backends: both },
    // Pods and the machine itself come by these to all of them.
    { address: '198.51.100.1', port: 53, isMachines: false, backends: both },
    { address: undefined, port: 30_053, isMachines: true, backends: both },
  ]);
});

test('the health check node port counts ready endpoints of this machine, and none that end', (t) => {
  const local = service('web', { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 31_000 });
  const count = (...endpoints: NonNullable<EndpointSlice['endpoints']>): number | undefined =>
    healthPorts([local], [slice('web', endpoints)], here)[0]?.localEndpoints;
  const ending = at('10.244.0.4', { ready: false, serving: true, terminating: true });
  t.is(count(at('10.244.0.2'), at('10.244.1.2', { ready: true }, 'node-2'), ending), 1);
  t.is(count(ending), 0);
  t.deepEqual(healthPorts([service('web', {})], [slice('web', [at('10.244.0.2')])], here), []);
});

test('an endpoint that names no node is on no machine', (t) => {
  const nowhere = { addresses: ['10.9.9.9'], conditions: { ready: true } };
  const local = service('web', { internalTrafficPolicy: 'Local' });
  const [port] = servicePorts([local], [slice('web', [at('10.244.0.2'), nowhere])], scope);
  t.deepEqual(
    port?.localBackends.map(({ address }) => address),
    ['10.244.0.2'],
  );
  t.is(port?.backends.length, 2);
});

test('a service without endpoints is refused, on its node port as well', (t) => {
  const text = rules([service('web', { type: 'NodePort', ports: [{ name: 'http', port: 80, nodePort: 30_080 }] })], []);
  t.true(
    text.includes('set refused { type ipv4_addr . inet_proto . inet_service; elements = { 10.96.0.5 . tcp . 80 }; }'),
  );
  t.true(text.includes('elements = { tcp . 30080 }'));
});

test('endpoints that end but still serve are used when no other is ready', (t) => {
  const ending = at('10.244.0.4', { ready: false, serving: true, terminating: true });
  t.deepEqual(sharedBackends(rules([service('web', {})], [slice('web', [ending])])), ['10.244.0.4 . 8080']);
  t.false(rules([service('web', {})], [slice('web', [ending, at('10.244.0.5')])]).includes('10.244.0.4'));
});

test("endpoints whose hints name the machine's zone come before others, if each has hints", (t) => {
  const at = (address: string, ...zones: readonly string[]): object => ({
    addresses: [address],
    conditions: { ready: true },
    nodeName: 'node-2',
    hints: zones.length === 0 ? undefined : { forZones: zones.map((name) => ({ name })) },
  });
  const reached = (zone: string | undefined, ...endpoints: readonly object[]): readonly string[] => {
    const [port] = servicePorts([service('web', {})], [slice('web', endpoints as never)], { ...scope, zone });
    return port?.backends.map(({ address }) => address) ?? [];
  };
  const [a, b, none] = [at('10.244.0.2', 'a'), at('10.244.0.3', 'b'), at('10.244.0.4')];
  t.deepEqual(reached('a', a, b), ['10.244.0.2']);
  t.deepEqual(reached('b', a, b), ['10.244.0.3']);
  t.deepEqual(reached('c', a, b), ['10.244.0.2', '10.244.0.3'], 'none is for here');
  t.deepEqual(reached(undefined, a, b), ['10.244.0.2', '10.244.0.3'], 'nobody knows where here is');
  t.deepEqual(reached('a', a, none), ['10.244.0.2', '10.244.0.4'], 'one has no hint');
});

test("the policy Local keeps to this machine's endpoints and keeps the client's address", (t) => {
  const ports = [{ name: 'http', port: 80, nodePort: 30_080 }];
  const slices = [slice('web', [at('10.244.0.2'), at('10.244.1.2', { ready: true }, 'node-2')])];
  const local = rules([service('web', { type: 'NodePort', externalTrafficPolicy: 'Local', ports })], slices);
  t.regex(
    local,
    lines(
      '-ext \\{',
      'ip daddr 127\\.0\\.0\\.0/8 goto (svc-web-\\w+-tcp-80)-local',
      'ip saddr 10\\.244\\.0\\.0/16 goto \\1',
      'fib saddr type local meta mark set meta mark \\| 0x00200000 goto \\1',
      'goto \\1-local',
    ),
  );
  t.regex(local, /-local \{\n {4}meta l4proto tcp ct mark set ct mark \| 0x400000 dnat to 10\.244\.0\.2:8080/);
  const cluster = rules([service('web', { type: 'NodePort', ports })], slices);
  t.regex(cluster, /-ext \{\n.*\n {4}meta mark set meta mark \| 0x00200000\n {4}goto svc-web-\w+-tcp-80\n/);
  const inner = rules([service('web', { internalTrafficPolicy: 'Local' })], slices);
  t.deepEqual(sharedBackends(inner), ['10.244.0.2 . 8080']);
});

test('the policy Local without an endpoint here leads pods and the machine on, and refuses the outside', (t) => {
  const ports = [{ name: 'http', port: 80, nodePort: 30_080 }];
  const spec = { type: 'NodePort', externalTrafficPolicy: 'Local', ports, externalIPs: ['198.51.100.1'] } as const;
  const text = rules([service('web', spec)], [slice('web', [at('10.244.1.2', { ready: true }, 'node-2')])]);
  t.regex(
    text,
    lines(
      '-ext \\{',
      'ip daddr 127\\.0\\.0\\.0/8 return',
      'ip saddr \\S+ goto \\S+',
      'fib saddr type local .* goto \\S+\n  \\}',
    ),
  );
  t.regex(text, /map services .*198\.51\.100\.1 \. tcp \. 80 : goto svc-web/);
  t.regex(text, /set refused .*198\.51\.100\.1 \. tcp \. 80/);
  t.regex(text, /map nodeports .*tcp \. 30080 : goto svc-web/);
  t.regex(text, /set refusednodeports .*tcp \. 30080/);
});

test('the policy Local leads to endpoints here that end before it refuses, whatever is ready elsewhere', (t) => {
  const ending = at('10.244.0.4', { ready: false, serving: true, terminating: true });
  const slices = [slice('web', [ending, at('10.244.1.2', { ready: true }, 'node-2')])];
  const inner = rules([service('web', { internalTrafficPolicy: 'Local' })], slices);
  t.deepEqual(sharedBackends(inner), ['10.244.0.4 . 8080']);
  t.false(inner.includes('10.244.1.2'));
  const outer = rules(
    [service('web', { externalTrafficPolicy: 'Local', ports: [{ name: 'http', port: 80, nodePort: 30_080 }] })],
    slices,
  );
  t.regex(outer, /-local \{\n.* dnat to 10\.244\.0\.4:8080/);
});

test('who comes from outside to a cluster address is answered by this machine', (t) => {
  t.true(
    rules([], []).includes(
      'ip saddr != 10.244.0.0/16 ct status dnat ct original ip daddr 10.96.0.0/16 goto own-address',
    ),
  );
});

const balanced = (spec: New<ServiceSpec>): Service => ({
  ...service('web', { type: 'LoadBalancer', ...spec }),
  status: { loadBalancer: { ingress: [{ ip: '192.0.2.7', ipMode: 'VIP' }] } },
});

test("a load balancer's address leads to the service, from everywhere or from its source ranges alone", (t) => {
  const slices = [slice('web', [at('10.244.0.2')])];
  t.regex(rules([balanced({})], slices), /192\.0\.2\.7 \. tcp \. 80 : goto svc-web-\w+-tcp-80-ext/);
  const fenced = rules(
    [balanced({ loadBalancerSourceRanges: ['198.51.100.0/24', ' 203.0.113.0/24 ', '2001:db8::/32', '1.2.3.4/99'] })],
    slices,
  );
  t.regex(fenced, /192\.0\.2\.7 \. tcp \. 80 : goto svc-web-\w+-tcp-80-from/);
  t.regex(
    fenced,
    lines(
      '-from \\{',
      'ip saddr 198\\.51\\.100\\.0/24 goto svc-web-\\w+-tcp-80-ext',
      'ip saddr 203\\.0\\.113\\.0/24 goto \\S+',
      'ip saddr 192\\.0\\.2\\.7 goto \\S+',
      'drop',
    ),
  );
});

test('a load balancer whose source ranges hold no IPv4 range is open to nobody else', (t) => {
  const text = rules([balanced({ loadBalancerSourceRanges: ['2001:db8::/32'] })], [slice('web', [at('10.244.0.2')])]);
  t.regex(text, /192\.0\.2\.7 \. tcp \. 80 : goto svc-web-\w+-tcp-80-from/);
  t.regex(text, /-from \{\n {4}ip saddr 192\.0\.2\.7 goto \S+\n {4}drop/);
});

test('headless services and external names have no rules', (t) => {
  const text = rules(
    [service('a', { clusterIP: 'None' }), service('b', { type: 'ExternalName', externalName: 'example.com' })],
    [slice('a', [at('10.244.0.2')])],
  );
  t.false(text.includes('svc-'));
});

test('two services that name one address and port do not break the rule set', (t) => {
  const text = rules(
    [
      service('a', { externalIPs: ['198.51.100.1'] }),
      service('b', { clusterIP: '10.96.0.6', externalIPs: ['198.51.100.1'] }),
    ],
    [slice('a', [at('10.244.0.2')]), slice('b', [at('10.244.0.3')])],
  );
  t.is(text.split('198.51.100.1 . tcp . 80 :').length, 2);
});

test('host ports lead to their pods', (t) => {
  const text = rules([], [], {
    hostPorts: [
      { protocol: 'tcp', hostIp: '', hostPort: 8080, address: '10.244.0.9', port: 80 },
      { protocol: 'udp', hostIp: '192.0.2.2', hostPort: 53, address: '10.244.0.9', port: 53 },
    ],
  });
  t.true(text.includes('tcp . 8080 : goto host-tcp-8080-all'));
  t.true(text.includes('192.0.2.2 . udp . 53 : goto host-udp-53-192_0_2_2'));
});

test("a host port at an address counts where the machine has the address, and takes nobody else's traffic", (t) => {
  const hostPorts = [
    { protocol: 'tcp' as const, hostIp: '203.0.113.5', hostPort: 5432, address: '10.244.0.9', port: 80 },
    {
      protocol: 'tcp' as const,
      hostIp: '1.2.3.4 . tcp . 1 : drop }\n}\nflush ruleset',
      hostPort: 1,
      address: '10.244.0.9',
      port: 80,
    },
    { protocol: 'tcp' as const, hostIp: '010.0.0.1', hostPort: 81, address: '10.244.0.9', port: 80 },
  ];
  const text = rules([], [], { hostPorts });
  t.false(text.includes('flush'));
  t.is(elementsOf(text, 'services'), '');
  t.regex(
    elementsOf(text, 'machineports'),
    /^203\.0\.113\.5 \. tcp \. 5432 : goto \S+, 10\.0\.0\.1 \. tcp \. 81 : goto \S+$/,
  );
  t.true(text.includes('fib daddr type local ip daddr . meta l4proto . th dport vmap @machineports'));
});

test("no text of an address makes the packet filter refuse everybody's rules", (t) => {
  const services = [
    service('a', {
      externalIPs: ['012.0140.0.1', '08.8.8.8', '198.51.100.1', '198.051.100.001', '::ffff:198.51.100.1'],
    }),
    service('b', {
      clusterIP: '10.96.0.6',
      externalIPs: ['198.51.100.01'],
      loadBalancerSourceRanges: ['010.0.0.0/08'],
    }),
  ];
  const text = rules(services, [slice('a', [at('010.244.0.2')]), slice('b', [at('10.244.0.3')])]);
  t.notRegex(text, /\b0\d/);
  t.true(text.includes('12.140.0.1 . tcp . 80'));
  t.is(text.split('198.51.100.1 . tcp . 80 :').length, 2, 'one address, once');
  if (!existsSync(nft) || process.getuid?.() !== 0) return t.log('nft is not here, or not for this user');
  return t.notThrows(() => execFileSync(nft, ['-c', '-f', '-'], { input: text }));
});

test('a segment that connection tracking takes for no part of its connection resets nothing', (t) => {
  const text = rules([], []);
  const chain = (name: string): string => text.split(`chain ${name} {`)[1]?.split('}')[0] ?? '';
  // It is not translated: to its sender's peer it is a stranger's, who would be answered by a reset.
  t.regex(chain('forward'), /^\s+type [^\n]+\n\s+ct state invalid drop\n/);
  for (const name of ['local', 'input'])
    t.true(
      chain(name).indexOf('ct state invalid ip daddr 10.96.0.0/16 drop') >= 0 &&
        chain(name).indexOf('ct state invalid ip daddr 10.96.0.0/16 drop') <
          chain(name).indexOf('ip daddr 10.96.0.0/16 meta l4proto tcp reject'),
      chain(name),
    );
});

test('what leaves by the bridge has its address in a way that outlives the bridge', (t) => {
  t.regex(rules([], []), /chain own-address \{\n\s+oifname "trp-test" snat to 10\.244\.0\.1\n\s+masquerade\n\s+\}/);
});

test('a bridge that is not filtered masquerades what was translated between its own ports', (t) => {
  const rule = 'oifname "trp-test" ip saddr 10.244.0.0/16 ip daddr 10.244.0.0/16 ct status dnat goto own-address';
  t.true(rules([], [], { filtered: false }).includes(rule));
  t.false(rules([], []).includes(rule));
});

test('the same facts give the same text, whatever their order', (t) => {
  const services = [service('a', {}), service('b', { clusterIP: '10.96.0.6' })];
  const slices = [slice('a', [at('10.244.0.2'), at('10.244.0.3')]), slice('b', [at('10.244.0.4')])];
  t.is(
    rules(services, slices),
    rules([...services].reverse(), [slice('b', [at('10.244.0.4')]), slice('a', [at('10.244.0.3'), at('10.244.0.2')])]),
  );
});

test("the kernel's tool accepts the rules", (t) => {
  if (!existsSync(nft) || process.getuid?.() !== 0) {
    t.log('skipped: nft is not here, or not for this user');
    t.pass();
    return;
  }
  const ports = [
    { name: 'http', port: 80, nodePort: 30_080 },
    { name: 'dns', port: 53, protocol: 'UDP' as const },
  ];
  const services = [
    service('a', { type: 'NodePort', ports, externalIPs: ['198.51.100.1'] }),
    service('b', { clusterIP: '10.96.0.6' }),
    service('c', { clusterIP: '10.96.0.7', sessionAffinity: 'ClientIP' }),
    {
      ...balanced({ clusterIP: '10.96.0.8', loadBalancerSourceRanges: ['10.0.0.0/8', '10.1.0.0/16', '192.0.2.7/32'] }),
    },
  ];
  const text = rules(
    services,
    [
      slice('a', [at('10.244.0.2'), at('10.244.0.3')]),
      slice('web', [at('10.244.0.6')]),
      slice('c', [at('10.244.0.4'), at('10.244.0.5')]),
    ],
    { filtered: false, hostPorts: [{ protocol: 'tcp', hostIp: '', hostPort: 8080, address: '10.244.0.9', port: 80 }] },
  );
  t.notThrows(() => execFileSync(nft, ['-c', '-f', '-'], { input: text }));
});

/** A Service of another namespace that names addresses which are not its own. */
const thief = (externalIPs: readonly string[], changes: object = {}): Service =>
  stored<Service>({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'thief', namespace: 'apps', creationTimestamp: '2026-01-02T00:00:00Z' },
    spec: { clusterIP: '10.96.9.9', ports: [{ name: 'http', port: 80, protocol: 'TCP' }], externalIPs },
    ...changes,
  });
const thiefSlice = stored<EndpointSlice>({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'thief-x', namespace: 'apps', labels: { 'kubernetes.io/service-name': 'thief' } },
  addressType: 'IPv4',
  ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
  endpoints: [at('10.244.0.66')],
});

test("a Service takes no other's cluster address, whatever it is called (CVE-2020-8554)", (t) => {
  const own = [service('web', {}), thief(['10.96.0.5', '10.96.0.77', '10.244.0.2', '192.0.2.7', '203.0.113.9'])];
  const views = servicePorts(own, [slice('web', [at('10.244.0.2')]), thiefSlice], scope);
  const text = tableText(ruleset(views, { ...facts, reservedAddresses: new Set(['192.0.2.7']) }).table);
  t.regex(text, /10\.96\.0\.5 \. tcp \. 80 : goto nth-0/);
  t.deepEqual(sharedBackends(text), ['10.244.0.2 . 8080']);
  t.regex(text, /203\.0\.113\.9 \. tcp \. 80 : goto svc-thief-\w+-tcp-80-ext/);
  for (const address of ['10.96.0.5', '10.96.0.77', '10.244.0.2', '192.0.2.7'])
    t.false(text.includes(`${address} . tcp . 80 : goto svc-thief`), address);
});

test('a load balancer takes no address inside the cluster, but those of nodes', (t) => {
  const status = { loadBalancer: { ingress: [{ ip: '10.96.0.5' }, { ip: '10.244.0.2' }, { ip: '192.0.2.7' }] } };
  const views = servicePorts(
    [service('web', {}), thief([], { status })],
    [slice('web', [at('10.244.0.2')]), thiefSlice],
    scope,
  );
  const text = tableText(ruleset(views, { ...facts, reservedAddresses: new Set(['192.0.2.7']) }).table);
  t.regex(text, /192\.0\.2\.7 \. tcp \. 80 : goto svc-thief/);
  t.regex(text, /10\.96\.0\.5 \. tcp \. 80 : goto nth-0/);
  t.deepEqual(sharedBackends(text), ['10.244.0.2 . 8080']);
  t.notRegex(text, /10\.(96\.0\.5|244\.0\.2) \. tcp \. 80 : goto svc-thief/);
});

test('of two Services with one external address the older has it', (t) => {
  const older = stored<Service>({
    ...service('web', { externalIPs: ['203.0.113.9'] }),
    metadata: { name: 'web', namespace: 'shop', creationTimestamp: '2026-01-01T00:00:00Z' },
  });
  const views = servicePorts([thief(['203.0.113.9']), older], [slice('web', [at('10.244.0.2')]), thiefSlice], scope);
  t.regex(tableText(ruleset(views, facts).table), /203\.0\.113\.9 \. tcp \. 80 : goto svc-web-\w+-tcp-80-ext/);
});
