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

test('requests are counted and timed by the labels of kube-apiserver', async (t) => {
  const counted: string[] = [];
  const timed: unknown[] = [];
  const { ask, service, time } = startDoor({
    metrics: {
      ...silentMetrics,
      count: (name, labels, by) => {
        if (name !== 'apiserver_request_total') return;
        t.like(labels, { component: 'apiserver' });
        const { verb, group, version, resource, subresource, scope, dry_run: dryRun, code } = labels ?? {};
        counted.push(`${by} ${verb} ${group}/${version}/${resource}/${subresource} ${scope} ${dryRun} ${code}`);
      },
      observe: (name, _, labels) => {
        if (name === 'apiserver_request_duration_seconds') timed.push(labels);
      },
    },
  });
  const configMaps = '/api/v1/namespaces/n/configmaps';
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'n' } };
  service.put(map);
  const patch = (type: string): object => ({ body: map, headers: { 'content-type': type } });
  await ask('POST', configMaps, { body: map });
  await ask('POST', `${configMaps}?dryRun=All`, { body: map });
  await ask('GET', `${configMaps}/a`);
  await ask('GET', `${configMaps}/a`);
  await ask('HEAD', `${configMaps}/a`);
  await ask('PATCH', `${configMaps}/a`, patch('application/merge-patch+json'));
  await ask('PATCH', `${configMaps}/a?fieldManager=m&force=true`, patch('application/apply-patch+yaml'));
  await ask('GET', configMaps);
  await ask('GET', '/api/v1/configmaps');
  await ask('PUT', `${configMaps}/a?dryRun=Some`, { body: map });
  await ask('GET', '/api/v1/namespaces/n/pods/a/made-up');
  await ask('DELETE', configMaps);
  time.pass(60_000);
  await ask('GET', '/version');
  const place = '/v1/configmaps/';
  t.deepEqual(counted.sort(), [
    `1 APPLY ${place} resource  200`,
    `1 DELETE ${place} namespace  200`,
    '1 GET ///   200',
    '1 GET ///   404',
    `1 LIST ${place} cluster  200`,
    `1 LIST ${place} namespace  200`,
    `1 PATCH ${place} resource  200`,
    `1 POST ${place} resource  201`,
    `1 POST ${place} resource All 201`,
    `1 PUT ${place} resource  422`,
    `3 GET ${place} resource  200`,
  ]);
  t.like(timed[0], { verb: 'POST', scope: 'resource', component: 'apiserver' });
  t.false('code' in (timed[0] as object));
});
