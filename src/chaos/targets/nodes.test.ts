import test from 'ava';
import { complaintsOfNodes } from './nodes.ts';

const node = (name: string, status: string): Parameters<typeof complaintsOfNodes>[0][number] => ({
  metadata: { name },
  status: { conditions: [{ type: 'Ready', status }] },
});

test('a cluster is well when as many nodes as wanted are ready; what is wrong is said node by node', (t) => {
  t.deepEqual(complaintsOfNodes([node('a', 'True')], 1), []);
  t.deepEqual(complaintsOfNodes([], 0), []);
  t.deepEqual(complaintsOfNodes([node('a', 'Unknown'), node('b', 'True'), { metadata: { name: 'c' } }], 4), [
    'node a is not ready',
    'node c is not ready',
    'there are 3 nodes, not 4',
  ]);
});
