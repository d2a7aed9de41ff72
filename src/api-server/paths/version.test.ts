import test from 'ava';
import { silentMetrics } from '../../base/index.ts';
import { startDoor } from '../testing/index.ts';

test('the metrics tell the version that /version tells', (t) => {
  const told: unknown[] = [];
  startDoor({
    metrics: {
      ...silentMetrics,
      gauge: (name, value, labels) => {
        if (name === 'kubernetes_build_info') told.push({ value, ...labels });
      },
    },
  });
  t.is(told.length, 1);
  t.like(told[0], { value: 1, major: '1', minor: '33', git_version: 'v1.33.0+test', compiler: 'node' });
});
