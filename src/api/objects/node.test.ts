import test from 'ava';
import { isNodeReady, isUnschedulable, nodeAddress, nodeAddresses, podRangesOf } from './node.ts';

test('a node has addresses by type, is ready by its condition and closed by its spec', (t) => {
  const addresses = [
    { type: 'Hostname', address: 'n1' },
    { type: 'InternalIP', address: '10.0.0.1' },
    { type: 'InternalIP', address: 'fd00::1' },
  ];
  t.deepEqual(nodeAddresses({ status: { addresses } }, 'InternalIP'), ['10.0.0.1', 'fd00::1']);
  t.deepEqual(nodeAddresses({}, 'InternalIP'), []);
  t.is(nodeAddress({ status: { addresses } }, 'InternalIP'), '10.0.0.1');
  t.is(nodeAddress({ status: { addresses } }, 'ExternalIP'), undefined);
  t.is(nodeAddress(undefined, 'InternalIP'), undefined);
  t.true(isNodeReady({ status: { conditions: [{ type: 'Ready', status: 'True' }] } }));
  t.false(isNodeReady({ status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } }));
  t.true(isUnschedulable({ spec: { unschedulable: true } }));
  t.false(isUnschedulable({}));
});

test("a node's pods have one range or two", (t) => {
  t.deepEqual(podRangesOf({ podCIDR: '10.244.1.0/24' }), ['10.244.1.0/24']);
  t.deepEqual(podRangesOf({ podCIDR: 'a', podCIDRs: ['a', 'b'] }), ['a', 'b']);
  t.deepEqual(podRangesOf({ podCIDR: '' }), []);
});
