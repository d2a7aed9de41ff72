import test from 'ava';
import { silentMetrics } from '../base/index.ts';
import { startDoor } from './testing/index.ts';

test('requests for deprecated kinds are shown as such, others are not', async (t) => {
  const gauges: unknown[] = [];
  const { ask } = startDoor({
    metrics: {
      ...silentMetrics,
      gauge: (...gauge) => {
        if (gauge[0] === 'apiserver_requested_deprecated_apis') gauges.push(gauge.slice(1));
      },
    },
  });
  await ask('GET', '/api/v1/namespaces/n/configmaps');
  await ask('GET', '/api/v1/namespaces/n/endpoints');
  t.deepEqual(gauges, [[1, { group: '', version: 'v1', resource: 'endpoints', subresource: '', removed_release: '' }]]);
});
