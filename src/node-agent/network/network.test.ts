import { inIpv4Range, ipv4Number, ipv4Text, parseIpv4Range } from '../../api/index.ts';
import test from 'ava';
import { AddressPool, gatewayOf, networkNames } from './index.ts';

test('addresses and ranges are read and written', (t) => {
  t.is(ipv4Text(ipv4Number('10.244.1.254') ?? 0), '10.244.1.254');
  t.is(ipv4Number('10.244.1.256'), undefined);
  t.deepEqual(parseIpv4Range('10.244.3.7/24'), { first: ipv4Number('10.244.3.0') ?? 0, size: 256, prefix: 24 });
  t.is(parseIpv4Range('10.244.3.7'), undefined);
  t.true(inIpv4Range({ first: 256, size: 256 }, 511));
  t.is(gatewayOf('10.244.0.0/16'), '10.244.0.1');
});

test("a pool gives an owner one address, leaves out the network's own, and reuses late", (t) => {
  const pool = new AddressPool('10.244.1.0/29');
  t.is(pool.acquire('a'), '10.244.1.2');
  t.is(pool.acquire('a'), '10.244.1.2');
  t.is(pool.acquire('b'), '10.244.1.3');
  pool.release('a');
  t.is(pool.acquire('c'), '10.244.1.4');
  t.deepEqual(
    ['d', 'e', 'f', 'g'].map((owner) => pool.acquire(owner)),
    ['10.244.1.5', '10.244.1.6', '10.244.1.2', undefined],
  );
});

test('an address that is in use already is not given out', (t) => {
  const pool = new AddressPool('10.244.1.0/29');
  pool.reserve('old', '10.244.1.2');
  t.is(pool.acquire('new'), '10.244.1.3');
  t.is(pool.acquire('old'), '10.244.1.2');
});

test('bridge names fit into what the kernel allows and differ', (t) => {
  t.is(networkNames('local').bridge, 'trp-local');
  const long = networkNames('a-cluster-with-a-long-name').bridge;
  t.true(long.length <= 15);
  t.not(long, networkNames('a-cluster-with-a-long-namf').bridge);
  t.is(networkNames('my.cluster').table, 'troupe_my_cluster');
});
