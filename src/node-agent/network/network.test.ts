import test from 'ava';
import { bridgeCommands } from './bridge.ts';
import { AddressPool, gatewayOf, linkSettings, networkNames } from './index.ts';

test("the bridge has the first address of the cluster's range", (t) => {
  t.is(gatewayOf('10.244.0.0/16'), '10.244.0.1');
  t.is(gatewayOf('fd00:244::/48'), 'fd00:244::1');
});

test("a pool gives an owner one address, leaves out the network's own, and reuses late", (t) => {
  const pool = new AddressPool(['10.244.1.0/29']);
  t.deepEqual(pool.acquire('a'), ['10.244.1.2']);
  t.deepEqual(pool.acquire('a'), ['10.244.1.2']);
  t.deepEqual(pool.acquire('b'), ['10.244.1.3']);
  pool.release('a');
  t.deepEqual(pool.acquire('c'), ['10.244.1.4']);
  t.deepEqual(
    ['d', 'e', 'f', 'g'].map((owner) => pool.acquire(owner)?.join()),
    ['10.244.1.5', '10.244.1.6', '10.244.1.2', undefined],
  );
});

test('an address that is in use already is not given out', (t) => {
  const pool = new AddressPool(['10.244.1.0/29']);
  pool.reserve('old', ['10.244.1.2']);
  t.deepEqual(pool.acquire('new'), ['10.244.1.3']);
  t.deepEqual(pool.acquire('old'), ['10.244.1.2']);
});

test('a pod has an address of each range, or none where one of them is full', (t) => {
  const pool = new AddressPool(['fd00:244:0:1::/64', '10.244.1.0/30']);
  pool.reserve('old', ['fd00:244:0:1::2', '10.1.2.3']);
  t.deepEqual(pool.acquire('a'), ['fd00:244:0:1::3', '10.244.1.2']);
  t.is(pool.acquire('b'), undefined);
  pool.release('a');
  t.deepEqual(pool.acquire('b'), ['fd00:244:0:1::5', '10.244.1.2']);
  t.throws(() => new AddressPool(['fd00::/127']), { message: 'fd00::/127 is no usable range for pods' });
});

test("a pod finds all of IPv4 on the bridge, and of IPv6 what is its node's", (t) => {
  const networks = [
    { family: 'IPv4' as const, clusterCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/16', dnsAddress: '10.96.0.10' },
    { family: 'IPv6' as const, clusterCidr: 'fd00:244::/48', serviceCidr: 'fd00:96::/112', dnsAddress: 'fd00:96::a' },
  ];
  const podCidrs = ['10.244.1.0/24', 'fd00:244:0:7::/64'];
  t.deepEqual(linkSettings({ cluster: 'c', networks, podCidrs }).gateways, [
    { family: 'IPv4', address: '10.244.0.1', bits: 16 },
    { family: 'IPv6', address: 'fd00:244::1', bits: 64 },
  ]);
});

test('the machine forwards IPv6 and keeps the default route that its router advertises', (t) => {
  const network = { family: 'IPv6' as const, clusterCidr: 'fd00:244::/48', serviceCidr: 'fd00:96::/112' };
  const advertised = 'default via fe80::1 dev eth0.7 metric 1024 expires 1800sec\n';
  t.deepEqual(
    bridgeCommands('trp-c', network, advertised).map((command) => command.join(' ')),
    [
      'sysctl -q -w net/ipv6/conf/eth0.7/accept_ra=2',
      'sysctl -q -w net/ipv6/conf/trp-c/disable_ipv6=0 net/ipv6/conf/trp-c/accept_ra=0',
      'sysctl -q -w net.ipv6.conf.all.forwarding=1',
      'ip -6 address replace fd00:244::1/48 dev trp-c nodad',
      'ip -6 route replace fd00:96::/112 dev trp-c src fd00:244::1',
      'sysctl -e -q -w net.netfilter.nf_conntrack_tcp_timeout_close_wait=3600',
    ],
  );
  t.false(bridgeCommands('trp-c', network, '').flat().join(' ').includes('accept_ra=2'));
});

test('bridge names fit into what the kernel allows and differ', (t) => {
  t.is(networkNames('local').bridge, 'trp-local');
  const long = networkNames('a-cluster-with-a-long-name').bridge;
  t.true(long.length <= 15);
  t.not(long, networkNames('a-cluster-with-a-long-namf').bridge);
  t.is(networkNames('my.cluster').table, 'troupe_my_cluster');
});
