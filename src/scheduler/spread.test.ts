import fc from 'fast-check';
import test from 'ava';
import { aCluster, aNode, aPod } from './cluster.fixture.ts';
import { podInfo } from './pod-info.ts';
import { domainCounts, prepareConstraints } from './spread.ts';

const zone = fc.constantFrom('a', 'b', 'c', undefined);
const step = fc.oneof(
  fc.record({ type: fc.constant('node'), name: fc.nat(6), zone, pool: fc.constantFrom('x', undefined) }),
  fc.record({ type: fc.constant('gone'), name: fc.nat(6) }),
  fc.record({ type: fc.constant('pod'), name: fc.nat(6), app: fc.constantFrom('web', 'other') }),
);

const labelsOf = (labels: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));

test('matching pods by domain are those that a look at each node counts', (t) => {
  const asked = podInfo(
    aPod({
      labels: { app: 'web' },
      spec: {
        topologySpreadConstraints: ['zone', 'kubernetes.io/hostname'].map((topologyKey) => ({
          maxSkew: 1,
          topologyKey,
          whenUnsatisfiable: 'DoNotSchedule',
          labelSelector: { matchLabels: { app: 'web' } },
        })),
      },
    }),
  );
  const selective = podInfo({ ...asked.pod, spec: { ...asked.pod.spec, nodeSelector: { pool: 'x' } } });
  let quick = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const state = aCluster([]);
      for (const one of steps) {
        const name = `n${one.name}`;
        if (one.type === 'node' && 'zone' in one)
          state.putNode(aNode(name, { labels: labelsOf({ zone: one.zone, pool: one.pool }) }));
        else if (one.type === 'gone') state.removeNode(name);
        else if ('app' in one) state.putPod(podInfo(aPod({ labels: { app: one.app } })), name);
        for (const pod of [asked, selective])
          for (const prepared of prepareConstraints(pod, state, 'DoNotSchedule')) {
            const key = prepared.constraint.topologyKey;
            const naive = new Map<string, number>();
            for (const node of state.order) {
              const value = node.labels[key];
              if (value === undefined || !prepared.eligible(node)) continue;
              const pods = [...node.pods.values()].filter(({ labels }) => labels['app'] === 'web').length;
              naive.set(value, (naive.get(value) ?? 0) + pods);
            }
            if (prepared.allEligible && state.order.length > 0) quick += 1;
            const counts = domainCounts(prepared, state);
            t.is(counts.size, naive.size);
            t.is(counts.least, naive.size === 0 ? 0 : Math.min(...naive.values()));
            for (const [value, count] of naive) t.is(counts.of(value), count);
          }
      }
    }),
  );
  t.true(quick > 50, 'where all nodes count, too');
});
