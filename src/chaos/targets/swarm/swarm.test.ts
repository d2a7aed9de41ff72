import test from 'ava';
import { complaintsOfSwarm, leaderOf, type SwarmNode } from './swarm.ts';

const manager = (name: string, more: Partial<SwarmNode> = {}): SwarmNode => ({
  ID: `id-${name}`,
  Version: { Index: 1 },
  Spec: { Role: 'manager', Availability: 'active' },
  Description: { Hostname: name },
  Status: { State: 'ready' },
  ManagerStatus: { Reachability: 'reachable' },
  ...more,
});
const leader = (name: string): SwarmNode =>
  manager(name, { ManagerStatus: { Leader: true, Reachability: 'reachable' } });

test('the leader is whom most managers take for it; one that was cut off may think that it still leads', (t) => {
  const ofOld = [leader('a'), manager('b'), manager('c')];
  const ofNew = [manager('a'), leader('b'), manager('c')];
  t.is(leaderOf([ofOld, ofNew, ofNew]), 'b');
  t.is(leaderOf([ofOld, undefined, undefined]), 'a');
  t.is(leaderOf([[manager('a')], undefined]), undefined);
});

test('a Swarm is well when one leads and all nodes are ready and reachable; what is wrong is said one by one', (t) => {
  const worker = manager('d', { ManagerStatus: undefined as never });
  t.deepEqual(complaintsOfSwarm([leader('a'), manager('b'), worker], 3), []);
  const cutOff = manager('b', { ManagerStatus: { Reachability: 'unreachable' } });
  const down = manager('c', { Status: { State: 'down' } });
  t.deepEqual(complaintsOfSwarm([manager('a'), cutOff, down], 4), [
    'manager b is not reachable',
    'node c is not ready',
    'no manager leads',
    'there are 3 nodes, not 4',
  ]);
});
