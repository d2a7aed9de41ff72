import test from 'ava';
import type { Node } from '../api/index.ts';
import { outsideAddresses } from './index.ts';

const node = (...addresses: readonly (readonly [string, string])[]) => ({
  metadata: { name: 'n1', uid: 'u1' } as Node['metadata'],
  status: {
    conditions: [{ type: 'Ready', status: 'True' as const }],
    addresses: addresses.map(([type, address]) => ({ type, address })),
  },
});

test('a node is reached at its external address, else at its internal one, in each family', (t) => {
  const both = node(
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
  const unknown = { ...both.status, conditions: [{ type: 'Ready', status: 'Unknown' as const }] };
  t.is(outsideAddresses({ ...both, status: unknown }).size, 0);
  t.is(outsideAddresses({ metadata: both.metadata }).size, 0);
});

test('a node that is about to go or is kept out of load balancers is not reached from outside', (t) => {
  const able = node(['InternalIP', '192.0.2.1']);
  t.is(outsideAddresses(able).size, 1);
  const taints = [{ key: 'ToBeDeletedByClusterAutoscaler', value: '1', effect: 'NoSchedule' as const }];
  t.is(outsideAddresses({ ...able, spec: { taints } }).size, 0);
  t.is(
    outsideAddresses({ ...able, metadata: { ...able.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } }).size,
    0,
  );
  const labels = { 'node.kubernetes.io/exclude-from-external-load-balancers': '' };
  t.is(outsideAddresses({ ...able, metadata: { ...able.metadata, labels } }).size, 0);
});
