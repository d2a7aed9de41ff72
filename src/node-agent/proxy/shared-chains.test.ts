import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import test from 'ava';
import type { IpFamily } from '../../api/index.ts';
import { type Backend, type ServicePortView } from './service-ports.ts';
import { ruleset, type RulesetFacts } from './ruleset.ts';
import { sharedBackendsMax } from './shared-chains.ts';
import { type Table, tableChanges, tableText } from './table.ts';

const facts = (family: IpFamily): RulesetFacts => ({
  family,
  table: 'troupe_test',
  bridge: 'trp-test',
  overlay: 'trpx-test',
  clusterCidr: family === 'IPv4' ? '10.244.0.0/16' : 'fd00:244::/48',
  serviceCidr: family === 'IPv4' ? '10.96.0.0/16' : 'fd00:96::/112',
  filtered: true,
  hostPorts: [],
});
const backends = (count: number, family: IpFamily = 'IPv4', first = 2): readonly Backend[] =>
  Array.from({ length: count }, (_, i) => ({
    address: family === 'IPv4' ? `10.244.0.${first + i}` : `fd00:244::${first + i}`,
    port: 8080,
    local: true,
  }));
const port = (number: number, of: readonly Backend[], changes: Partial<ServicePortView> = {}): ServicePortView => ({
  key: `shop/web-${number}/http/tcp/80`,
  namespace: 'shop',
  name: `web-${number}`,
  portName: 'http',
  protocol: 'tcp',
  port: 80,
  clusterIp: `10.96.0.${number}`,
  created: '',
  externalIps: [],
  balancerIps: [],
  sourceRanges: undefined,
  nodePort: 0,
  affinitySeconds: 0,
  internalLocal: false,
  externalLocal: false,
  backends: of,
  localBackends: of,
  ...changes,
});
const tableOf = (views: readonly ServicePortView[], family: IpFamily = 'IPv4'): Table =>
  ruleset(views, facts(family)).table;
const chainsOf = ({ chains }: Table): readonly string[] => [...chains.keys()].filter((name) => /-\d+$|^svc/.test(name));

test('Services with one number of endpoints share a chain, and each number is drawn as often as the others', (t) => {
  const table = tableOf([port(1, backends(3)), port(2, backends(3)), port(3, backends(1)), port(4, backends(2))]);
  t.deepEqual(chainsOf(table), ['nth-0', 'nth-1', 'nth-2', 'one-of-2', 'one-of-3']);
  t.deepEqual(table.chains.get('one-of-3')?.rules, [
    'numgen random mod 3 vmap { 0 : goto nth-0, 1 : goto nth-1, 2 : goto nth-2 }',
  ]);
  t.deepEqual(
    [...(table.sets.get('services')?.elements ?? [])].sort(),
    ['1 . tcp . 80 : goto one-of-3', '2 . tcp . 80 : goto one-of-3', '3 . tcp . 80 : goto nth-0']
      .concat('4 . tcp . 80 : goto one-of-2')
      .map((element) => `10.96.0.${element}`),
  );
  const third = '10.244.0.4 . 8080';
  t.deepEqual(table.sets.get('nth-2')?.elements, [
    `10.96.0.1 . tcp . 80 : ${third}`,
    `10.96.0.2 . tcp . 80 : ${third}`,
  ]);
});

test('a packet that drew the number of an endpoint that has just gone is led to the first', (t) => {
  const { chains } = tableOf([port(1, backends(2))]);
  t.is(chains.get('nth-1')?.rules.at(-1), 'goto nth-0');
  t.is(chains.get('nth-0')?.rules.length, 1);
});

test('affinity, addresses of the outside and many endpoints ask for chains of their own', (t) => {
  const own = (changes: Partial<ServicePortView>, count = 2): boolean =>
    chainsOf(tableOf([port(1, backends(count), changes)])).every((name) => name.startsWith('svc-web-1-'));
  t.false(own({}));
  t.true(own({ affinitySeconds: 10 }));
  t.true(own({ nodePort: 30_080 }));
  t.true(own({ externalIps: ['198.51.100.1'] }));
  t.false(own({}, sharedBackendsMax));
  t.true(own({}, sharedBackendsMax + 1));
});

test('a change of one endpoint is a change of its own elements', (t) => {
  const others = Array.from({ length: 50 }, (_, i) => port(10 + i, backends(3)));
  const changes = tableChanges(tableOf([port(1, backends(3)), ...others]), tableOf([port(1, backends(2)), ...others]));
  t.deepEqual(
    (changes ?? '').trimEnd().split('\n'),
    [
      'add chain ip troupe_test one-of-2',
      'add rule ip troupe_test one-of-2 numgen random mod 2 vmap { 0 : goto nth-0, 1 : goto nth-1 }',
      'delete element ip troupe_test hairpin { 10.244.0.4 . 10.244.0.4 }',
      'delete element ip troupe_test services { 10.96.0.1 . tcp . 80 : goto one-of-3 }',
      'add element ip troupe_test services { 10.96.0.1 . tcp . 80 : goto one-of-2 }',
      'delete element ip troupe_test nth-2 { 10.96.0.1 . tcp . 80 : 10.244.0.4 . 8080 }',
    ].filter((line) => !line.includes('hairpin')),
  );
});

test("the kernel's tool accepts shared chains of both families and protocols, and changes of them", (t) => {
  const nft = '/usr/sbin/nft';
  if (!existsSync(nft) || process.getuid?.() !== 0) {
    t.log('skipped: nft is not here, or not for this user');
    t.pass();
    return;
  }
  for (const family of ['IPv4', 'IPv6'] as const) {
    const clusterIp = family === 'IPv4' ? '10.96.0.1' : 'fd00:96::1';
    const views = (counts: readonly number[]): readonly ServicePortView[] =>
      (['tcp', 'udp', 'sctp'] as const).map((protocol, i) =>
        port(i, backends(counts[i] ?? 0, family), { protocol, clusterIp }),
      );
    const [before, after] = [tableOf(views([3, 2, 1]), family), tableOf(views([0, 5, 2]), family)];
    const text = `${tableText(before)}${tableChanges(before, after) ?? ''}${tableChanges(after, before) ?? ''}`;
    t.notThrows(() => execFileSync(nft, ['-c', '-f', '-'], { input: text }));
  }
});
