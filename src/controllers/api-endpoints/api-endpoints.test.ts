import test from 'ava';
import { endpointsOf } from './api-endpoints.ts';
import { FreshLeases } from './fresh-leases.ts';

const member = (name: string, host: string): Parameters<typeof endpointsOf>[0][number] => ({
  name,
  host,
  apiPort: 6443,
  natsPort: 4222,
  routePort: 6222,
  version: '',
});

test('a lease is fresh while it is seen to change, whatever the clocks of members say', (t) => {
  const leases = new FreshLeases();
  const look = (times: Readonly<Record<string, string>>, now: number): readonly string[] =>
    [
      ...leases.look(
        Object.entries(times).map(([name, renewTime]) => ({ member: name, renewTime })),
        now,
      ),
    ].sort();
  t.deepEqual(look({ a: '2030', b: '1990' }, 0), ['a', 'b']);
  t.deepEqual(look({ a: '2031', b: '1990' }, 5_000), ['a', 'b']);
  t.deepEqual(look({ a: '2031', b: '1990' }, 6_500), ['a'], 'b has not renewed its lease for six seconds');
  t.deepEqual(look({ a: '2032', b: '1991' }, 9_000), ['a', 'b'], 'b is back');
  t.deepEqual(look({ a: '2033' }, 9_100), ['a'], 'b gave its lease back');
  t.deepEqual(look({ a: '2033', b: '1991' }, 9_200), ['a', 'b']);
});

test('endpoints are those of members with a fresh lease', (t) => {
  t.deepEqual(endpointsOf([member('a', '192.0.2.1'), member('b', '192.0.2.2')], new Set(['b', 'gone'])), [
    { address: '192.0.2.2', port: 6443 },
  ]);
});
