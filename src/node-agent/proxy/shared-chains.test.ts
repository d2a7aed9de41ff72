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
const nft = '/usr/sbin/nft';
/** What `nft -j list table` tells, in a fixed order and without what counts from one transaction to the next. */
function listed(json: string): unknown {
  const { nftables } = JSON.parse(json) as { nftables: object[] };
  const plain = (key: string, value: unknown): unknown =>
    key === 'handle'
      ? undefined
      : key === 'elem'
        ? (value as unknown[]).map((each) => JSON.stringify(each)).sort()
        : value;
  return nftables.map((each) => JSON.stringify(each, plain)).sort();
}
const elementsOf = ({ sets }: Table, name: string): readonly string[] => sets.get(name)?.elements ?? [];
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
  t.deepEqual(elementsOf(table, 'nth-2-by-address'), ['10.96.0.1 : 10.244.0.4', '10.96.0.2 : 10.244.0.4']);
  t.deepEqual(
    elementsOf(table, 'target-ports'),
    ['1', '2', '3', '4'].map((last) => `10.96.0.${last} : 8080`),
  );
});

test('a packet that drew the number of an endpoint that has just gone is led to the first', (t) => {
  const { chains } = tableOf([port(1, backends(2))]);
  t.is(chains.get('nth-1')?.rules.at(-1), 'goto nth-0');
  t.false(chains.get('nth-0')?.rules.some((rule) => rule.startsWith('goto')));
});

test('what a cluster address alone does not tell apart is told apart by protocol and port, too', (t) => {
  const twoPorts = [port(1, backends(2)), port(1, backends(1), { key: 'shop/web-1/metrics/tcp/90', port: 90 })];
  const table = tableOf([...twoPorts, port(2, backends(2))]);
  t.deepEqual(elementsOf(table, 'nth-0-by-address'), ['10.96.0.2 : 10.244.0.2']);
  t.deepEqual(elementsOf(table, 'nth-0-by-port'), [
    '10.96.0.1 . tcp . 80 : 10.244.0.2 . 8080',
    '10.96.0.1 . tcp . 90 : 10.244.0.2 . 8080',
  ]);
  t.deepEqual(elementsOf(table, 'target-ports'), ['10.96.0.2 : 8080']);
});

test('endpoints at several ports say their own, whatever else is at the cluster address', (t) => {
  const [first, second] = backends(2);
  if (first === undefined || second === undefined) return t.fail();
  const table = tableOf([port(1, [first, { ...second, port: 9090 }])]);
  t.deepEqual(elementsOf(table, 'target-ports'), []);
  t.deepEqual(elementsOf(table, 'nth-1-by-port'), ['10.96.0.1 . tcp . 80 : 10.244.0.3 . 9090']);
  t.deepEqual(elementsOf(table, 'nth-1-by-address'), []);
  return undefined;
});

test('a port that comes to a cluster address or goes takes the elements of the one that stays along', (t) => {
  const [stays, comes] = [port(1, backends(2)), port(1, backends(1), { key: 'shop/web-1/dns/udp/53', port: 53 })];
  for (const other of [comes, { ...comes, name: 'other' }, { ...comes, affinitySeconds: 10 }]) {
    const [alone, both] = [tableOf([stays]), tableOf([stays, other])];
    t.deepEqual(elementsOf(both, 'nth-1-by-port'), ['10.96.0.1 . tcp . 80 : 10.244.0.3 . 8080']);
    t.deepEqual(elementsOf(both, 'nth-1-by-address'), []);
    t.deepEqual(tableOf([stays]), alone, 'the same as if the other one had never been');
    const goes = (tableChanges(both, alone) ?? '').split('\n');
    t.true(goes.includes('delete element ip troupe_test nth-1-by-port { 10.96.0.1 . tcp . 80 : 10.244.0.3 . 8080 }'));
    t.true(goes.includes('add element ip troupe_test nth-1-by-address { 10.96.0.1 : 10.244.0.3 }'));
    t.true(goes.includes('add element ip troupe_test target-ports { 10.96.0.1 : 8080 }'));
  }
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
      'delete element ip troupe_test nth-2-by-address { 10.96.0.1 : 10.244.0.4 }',
    ].filter((line) => !line.includes('hairpin')),
  );
});

test('the kernel has the same by changes as written whole, in both families and all protocols', (t) => {
  if (!existsSync(nft) || process.getuid?.() !== 0) {
    t.log('skipped: nft is not here, or not for this user');
    t.pass();
    return;
  }
  const space = `trp-shared-${process.pid}`;
  const run = (args: readonly string[], input = ''): string =>
    execFileSync('nsenter', [`--net=/run/netns/${space}`, nft, ...args], { input, encoding: 'utf8' });
  const shown = (family: IpFamily): unknown =>
    listed(run(['-j', 'list', 'table', family === 'IPv4' ? 'ip' : 'ip6', 'troupe_test']));
  execFileSync('ip', ['netns', 'add', space]);
  try {
    for (const family of ['IPv4', 'IPv6'] as const) {
      const [one, other] = family === 'IPv4' ? ['10.96.0.1', '10.96.0.2'] : ['fd00:96::1', 'fd00:96::2'];
      const views = (...counts: readonly number[]): readonly ServicePortView[] => [
        ...(['tcp', 'udp', 'sctp'] as const).flatMap((protocol, i) =>
          counts[i] === undefined ? [] : [port(i, backends(counts[i], family), { protocol, clusterIp: one })],
        ),
        port(9, backends(2, family), { clusterIp: other }),
      ];
      let before = tableOf(views(3, 2, 1), family);
      run(['-f', '-'], tableText(before));
      for (const counts of [[0, 5, 2], [3], [4], [4, 4], [], [3, 2, 1]]) {
        const after = tableOf(views(...counts), family);
        run(['-f', '-'], tableChanges(before, after) ?? 'no change');
        const byChanges = shown(family);
        run(['-f', '-'], tableText(after));
        t.deepEqual(byChanges, shown(family), `${family}: ${counts.join()}`);
        before = after;
      }
    }
  } finally {
    execFileSync('ip', ['netns', 'del', space]);
  }
});
