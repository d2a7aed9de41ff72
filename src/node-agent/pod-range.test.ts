import test from 'ava';
import { freePodCidr } from './pod-range.ts';

for (const [cluster, prefix] of [
  ['10.244.0.0/16', 24],
  ['10.244.7.0/26', 26],
  ['fd00:244::/48', 64],
  ['fd00:244::/56', 64],
  ['fd00:244::/64', 72],
  ['fd00:244::/112', 120],
] as const)
  test(`a node has a /${prefix} of ${cluster}`, (t) => {
    t.is(freePodCidr(cluster, [], 'node-1')?.split('/')[1], String(prefix));
  });

test('no two nodes share a range, and a full cluster has none left', (t) => {
  for (const cluster of ['10.244.0.0/22', 'fd00:244::/118']) {
    const taken: string[] = [];
    for (;;) {
      const range = freePodCidr(cluster, taken, 'node-1');
      if (range === undefined) break;
      t.false(taken.includes(range), range);
      taken.push(range);
    }
    t.is(taken.length, 4, cluster);
  }
});

test('ranges of the other family, and of another size, are no hindrance and a hindrance', (t) => {
  t.is(freePodCidr('10.244.0.0/24', ['fd00::/8'], 'a'), '10.244.0.0/24');
  t.is(freePodCidr('10.244.0.0/24', ['10.244.0.0/26'], 'a'), undefined);
});
