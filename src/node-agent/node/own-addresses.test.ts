import test from 'ava';
import { ownAddresses } from './own-addresses.ts';

const at = (address: string, internal = false) => ({
  address,
  family: address.includes(':') ? ('IPv6' as const) : ('IPv4' as const),
  internal,
});
const interfaces = {
  lo: [at('127.0.0.1', true), at('::1', true)],
  docker0: [at('172.17.0.1')],
  eth0: [at('192.0.2.1'), at('fe80::1'), at('2001:db8::1')],
  eth1: [at('198.51.100.1'), at('fd00::1')],
};
const zeros = '0'.repeat(32);
const routeV4 = (device: string): string => `Iface\tDestination\tGateway\n${device}\t00000000\t010200C0\n`;
const routeV6 = (device: string): string =>
  [
    `${'20010db8'.padEnd(32, '0')} 40 ${zeros} 00 ${zeros} 00000100 00000001 00000000 00000001     eth0`,
    `${zeros} 00 ${zeros} 00 ${zeros} ffffffff 00000001 00000000 00200200       lo`,
    `${zeros} 00 ${zeros} 00 fd000000000000000000000000000001 00000400 00000003 00000000 00000003     ${device}`,
  ].join('\n');

test('a machine is reached at the addresses of its default routes, one of each family', (t) => {
  t.deepEqual(ownAddresses(interfaces, { IPv4: routeV4('eth1'), IPv6: routeV6('eth0') }), [
    '198.51.100.1',
    '2001:db8::1',
  ]);
});

test("without a default route of a family, the other one's interface is taken, then the first", (t) => {
  t.deepEqual(ownAddresses(interfaces, { IPv4: routeV4('eth1'), IPv6: '' }), ['198.51.100.1', 'fd00::1']);
  t.deepEqual(ownAddresses(interfaces, { IPv4: '', IPv6: '' }), ['192.0.2.1', '2001:db8::1']);
});

test('addresses of the link alone do not count, nor those of bridges', (t) => {
  const { lo, docker0 } = interfaces;
  t.deepEqual(
    ownAddresses({ lo, docker0, eth0: [at('fe80::1'), at('169.254.7.7')] }, { IPv4: '', IPv6: routeV6('eth0') }),
    [],
  );
});
