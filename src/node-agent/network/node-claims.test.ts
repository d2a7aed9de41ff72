import test from 'ava';
import type { Node } from '../../api/index.ts';
import { stored } from '../objects.fixture.ts';
import { nodeClaims } from './node-claims.ts';

const clusterCidrs = ['10.244.0.0/16', 'fd00:244::/48'];
const node = (name: string, addresses: readonly string[], podCIDRs: readonly string[], day = 2): Node =>
  stored<Node>({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, creationTimestamp: `2026-01-0${day}T00:00:00Z` },
    spec: { podCIDRs: [...podCIDRs] },
    status: { addresses: addresses.map((address) => ({ type: 'InternalIP', address })) },
  });
const claims = (...nodes: readonly Node[]): ReturnType<typeof nodeClaims> =>
  nodeClaims(nodes, { own: 'own', clusterCidrs });

test('what a node says of itself is believed where it can be true', (t) => {
  t.deepEqual(claims(node('a', ['192.0.2.1', 'fd00:77::1'], ['10.244.1.0/24', 'fd00:244:0:1::/64'])), {
    pods: [
      {
        address: '192.0.2.1',
        addresses: ['192.0.2.1', 'fd00:77::1'],
        podCidrs: ['10.244.1.0/24', 'fd00:244:0:1::/64'],
      },
    ],
    ignored: [],
  });
});

for (const address of [
  '192.0.2.9\nnetns exec a touch /tmp/owned',
  '192.0.2.9 dev eth0',
  '127.0.0.1',
  '169.254.169.254',
  '0.0.0.0',
  '224.0.0.1',
  '010.0.0.1',
  '::1',
  'host',
  '',
])
  test(`no way leads to a node by the address ${JSON.stringify(address)}`, (t) => {
    const { pods, ignored } = claims(node('evil', [address], ['10.244.1.0/24']));
    t.deepEqual(pods, []);
    t.deepEqual(ignored, [`evil cannot have the address ${JSON.stringify(address)}`]);
  });

for (const [range, why] of [
  ['0.0.0.0/0', 'everything'],
  ['10.244.0.0/15', 'more than the cluster'],
  ['203.0.113.5/32', 'a machine outside'],
  ['10.96.0.0/16', 'the Services'],
  ['10.244.0.0/16', 'the pods of all'],
  ['10.244.1.0/24', "another node's"],
  ['10.244.1.128/25', "half of another node's"],
  ['10.244.1.7/32', "a pod of another node's"],
  ['10.244.9.64/26', "a part of this machine's own"],
] as const)
  test(`a node does not draw to itself ${why}: ${range}`, (t) => {
    const { pods, ignored } = claims(
      node('evil', ['192.0.2.6'], [range]),
      node('victim', ['192.0.2.1'], ['10.244.1.0/24'], 1),
      node('own', ['192.0.2.9'], ['10.244.9.0/24'], 3),
    );
    t.deepEqual(
      pods.map(({ address }) => address),
      ['192.0.2.9', '192.0.2.1'],
    );
    t.deepEqual(ignored, [`evil cannot have the pod range ${JSON.stringify(range)}`]);
  });

test('a wider range that came first keeps later nodes out of it, and none of both draws from this machine', (t) => {
  const { pods } = claims(
    node('first', ['192.0.2.6'], ['10.244.0.0/20'], 1),
    node('own', ['192.0.2.9'], ['10.244.200.0/24'], 2),
    node('later', ['192.0.2.1'], ['10.244.3.0/24'], 3),
  );
  t.deepEqual(
    pods.map(({ podCidrs }) => podCidrs),
    [['10.244.200.0/24'], ['10.244.0.0/20']],
  );
});

test('a range that is written in another way is the same one', (t) => {
  const { pods } = claims(
    node('a', ['192.0.2.1'], ['10.244.1.9/24'], 1),
    node('b', ['192.0.2.2'], ['10.244.1.0/24'], 2),
  );
  t.deepEqual(
    pods.map(({ address, podCidrs }) => [address, ...podCidrs]),
    [['192.0.2.1', '10.244.1.0/24']],
  );
});
