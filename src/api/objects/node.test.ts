import test from 'ava';
import { isNodeReady, isUnschedulable, nodeAddress } from './node.ts';

test('a node has addresses by type, is ready by its condition and closed by its spec', (t) => {
  const addresses = [
    { type: 'Hostname', address: 'n1' },
    { type: 'InternalIP', address: '10.0.0.1' },
  ];
  t.is(nodeAddress({ status: { addresses } }, 'InternalIP'), '10.0.0.1');
  t.is(nodeAddress({ status: { addresses } }, 'ExternalIP'), undefined);
  t.is(nodeAddress(undefined, 'InternalIP'), undefined);
  t.true(isNodeReady({ status: { conditions: [{ type: 'Ready', status: 'True' }] } }));
  t.false(isNodeReady({ status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } }));
  t.true(isUnschedulable({ spec: { unschedulable: true } }));
  t.false(isUnschedulable({}));
});
