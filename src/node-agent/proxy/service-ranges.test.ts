import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import test from 'ava';
import type { IpFamily, New, Service, ServiceCIDR, ServiceSpec } from '../../api/index.ts';
import { stored } from '../objects.fixture.ts';
import { ruleset } from './ruleset.ts';
import { servicePorts } from './service-ports.ts';
import { addedRanges, serviceRanges } from './service-ranges.ts';
import { tableText } from './table.ts';

const nft = '/usr/sbin/nft';
const range = (...cidrs: readonly string[]): ServiceCIDR =>
  stored<ServiceCIDR>({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'ServiceCIDR',
    metadata: { name: 'more' },
    spec: { cidrs },
  });
const base = { family: 'IPv4' as IpFamily, clusterCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/16' };
const facts = {
  ...base,
  table: 'troupe_test',
  bridge: 'trp-test',
  overlay: 'trpx-test',
  filtered: true,
  hostPorts: [],
};
const service = (spec: New<ServiceSpec>): Service =>
  stored<Service>({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { ports: [{ name: 'http', port: 80, protocol: 'TCP' }], ...spec },
  });

const rows: readonly (readonly [title: string, cidrs: readonly string[], ranges: readonly string[]])[] = [
  ['a range that was added stands beside the own one', ['10.200.0.0/24'], ['10.96.0.0/16', '10.200.0.0/24']],
  ['a range within another one is left out', ['10.96.3.0/24', '10.96.0.0/16'], ['10.96.0.0/16']],
  [
    'a wider range takes the place of those within it',
    ['10.200.1.0/24', '10.96.0.0/12'],
    ['10.96.0.0/12', '10.200.1.0/24'],
  ],
  ['a range of the other family is not of this one', ['fd00:99::/112'], ['10.96.0.0/16']],
  ['bits behind the prefix do not count', ['10.200.0.7/24'], ['10.96.0.0/16', '10.200.0.0/24']],
  ['a range that holds pods is not refused', ['10.0.0.0/8', '10.244.9.0/24'], ['10.96.0.0/16']],
  ['a range that holds a node is not refused', ['192.0.2.0/24'], ['10.96.0.0/16']],
];
for (const [title, cidrs, wanted] of rows)
  test(title, (t) => {
    const reservedAddresses = new Set(['192.0.2.7']);
    const added = addedRanges([range(...cidrs)], 'IPv4');
    t.deepEqual(serviceRanges({ ...base, addedServiceCidrs: added, reservedAddresses }).refused, wanted);
  });

test('what was added is told apart from the own range, also where it holds that one or says it in other words', (t) => {
  const added = (...cidrs: readonly string[]): readonly string[] =>
    serviceRanges({ ...base, addedServiceCidrs: addedRanges([range(...cidrs)], 'IPv4') }).added;
  t.deepEqual(added(), []);
  t.deepEqual(added('10.96.0.0/16', '10.200.0.0/24', '10.96.3.0/24'), ['10.200.0.0/24']);
  t.deepEqual(added('10.96.0.0/12', '10.244.9.0/24'), ['10.96.0.0/12']);
  t.deepEqual(serviceRanges({ ...base, serviceCidr: '10.96.0.9/16', addedServiceCidrs: ['10.96.0.0/16'] }).added, []);
});

test('what nobody answers in a range that was added is refused, as in the own one', (t) => {
  const added = addedRanges([range('10.200.0.0/24')], 'IPv4');
  const text = tableText(ruleset([], { ...facts, addedServiceCidrs: added }).table);
  t.true(text.includes('ip daddr { 10.96.0.0/16, 10.200.0.0/24 } meta l4proto tcp reject with tcp reset'), text);
  t.true(tableText(ruleset([], facts).table).includes('ip daddr 10.96.0.0/16 reject'));
});

test("an external address in a range that was added is nobody's", (t) => {
  const views = servicePorts([service({ clusterIP: '10.96.0.5', externalIPs: ['10.200.0.9', '203.0.113.9'] })], [], {
    family: 'IPv4',
    localNodes: new Set(),
  });
  const isLed = (addedServiceCidrs: readonly string[]): boolean =>
    tableText(ruleset(views, { ...facts, addedServiceCidrs }).table).includes('10.200.0.9 . tcp . 80');
  t.true(isLed([]));
  t.false(isLed(['10.200.0.0/24']));
  t.false(isLed(['10.0.0.0/8']), 'also where the range itself is not refused');
});

for (const family of ['IPv4', 'IPv6'] as const)
  (existsSync(nft) ? test : test.skip)(`nft understands several ranges of ${family}`, (t) => {
    const six = { clusterCidr: 'fd00:244::/48', serviceCidr: 'fd00:96::/112' };
    const own = { ...facts, ...(family === 'IPv6' ? six : {}), family };
    const addedServiceCidrs = [family === 'IPv6' ? 'fd00:99::/112' : '10.200.0.0/24'];
    const text = tableText(ruleset([], { ...own, addedServiceCidrs }).table);
    t.notThrows(() => execFileSync(nft, ['-c', '-f', '-'], { input: text, stdio: 'pipe' }));
  });
