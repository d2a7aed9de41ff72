import test from 'ava';
import { nodeNameOf } from './node.ts';

for (const [machine, node] of [
  ['worker-1', 'worker-1'],
  ['Worker_1.Example.ORG', 'worker-1.example.org'],
  ['-host-', 'host'],
  ['***', 'node'],
] as const) {
  test(`the machine ${machine} is the node ${node}`, (t) => {
    t.is(nodeNameOf(machine), node);
  });
}
