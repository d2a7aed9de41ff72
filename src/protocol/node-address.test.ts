import test from 'ava';
import { outsideAddresses } from './index.ts';

const status = (...addresses: readonly (readonly [string, string])[]) => ({
  conditions: [{ type: 'Ready', status: 'True' }],
  addresses: addresses.map(([type, address]) => ({ type, address })),
});

test('a node is reached at its external address, else at its internal one, in each family', (t) => {
  const both = status(
    ['Hostname', 'n1'],
    ['InternalIP', '2001:db8::1'],
    ['InternalIP', '192.0.2.1'],
    ['ExternalIP', '203.0.113.1'],
    ['ExternalIP', '203.0.113.2'],
  );
  t.deepEqual(
    [...outsideAddresses(both)],
    [
      ['IPv6', '2001:db8::1'],
      ['IPv4', '203.0.113.1'],
    ],
  );
  t.is(outsideAddresses({ ...both, conditions: [{ type: 'Ready', status: 'Unknown' }] }).size, 0);
  t.is(outsideAddresses().size, 0);
});
