import test from 'ava';
import { freePort } from '../../platform/index.ts';
import type { Node } from '../../api/index.ts';
import { stored } from '../objects.fixture.ts';
import { healthAnswer, isEligible, ProxyHealth } from './proxy-health.ts';
import { ProxyPorts } from './proxy-ports.ts';

const node = (name: string, more: { readonly taint?: string; readonly ends?: boolean } = {}): Node =>
  stored<Node>({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, ...(more.ends === true ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}) },
    spec: { taints: more.taint === undefined ? [] : [{ key: more.taint, effect: 'NoSchedule' }] },
  });
const leaving = 'ToBeDeletedByClusterAutoscaler';

const rows: readonly (readonly [title: string, nodes: readonly Node[], eligible: boolean])[] = [
  ['a machine whose node is not known yet may get traffic', [], true],
  ['a machine with a node may get traffic', [node('node-1')], true],
  ['a node with another taint may get traffic', [node('node-1', { taint: 'node.kubernetes.io/unschedulable' })], true],
  ['a node that the autoscaler removes gets none', [node('node-1', { taint: leaving })], false],
  ['a node that is being deleted gets none', [node('node-1', { ends: true })], false],
  ['a machine with a node that stays may get traffic', [node('node-1', { taint: leaving }), node('node-2')], true],
  ["other machines' nodes do not count", [node('node-1', { taint: leaving }), node('node-9')], false],
];
for (const [title, nodes, eligible] of rows)
  test(title, (t) => {
    t.is(isEligible(nodes, new Set(['node-1', 'node-2'])), eligible);
  });

test('a proxy is healthy until something has waited for a minute', (t) => {
  let now = 0;
  const health = new ProxyHealth({ now: () => now, monotonic: () => now });
  const after = (ms: number): boolean => {
    now += ms;
    return health.isHealthy;
  };
  t.true(after(100_000), 'nothing waits');
  health.changed();
  t.true(after(59_000));
  health.changed();
  t.false(after(1_000), 'the oldest counts');
  health.writing();
  t.false(after(0), 'it is not there yet');
  health.written(true);
  t.true(after(0));
  health.changed();
  health.writing();
  t.true(after(30_000));
  health.changed();
  health.written(false);
  t.false(after(30_000), 'what failed waits on');
  health.writing();
  health.written(true);
  t.true(after(100_000));
});

test('/healthz tells of proxy and node, /livez of the proxy alone', (t) => {
  const facts = { isHealthy: true, isEligible: true, lastWritten: 1_000, now: 61_000 };
  const asked = (path: string, more: object = {}): unknown => {
    const { status, body } = healthAnswer(path, { ...facts, ...more });
    return status === 404 ? status : { status, ...(JSON.parse(body) as object) };
  };
  const [written, now] = ['1970-01-01T00:00:01Z', '1970-01-01T00:01:01Z'];
  t.deepEqual(asked('/healthz'), { status: 200, lastUpdated: now, currentTime: now, nodeEligible: true });
  const left = { status: 503, lastUpdated: written, currentTime: now };
  t.deepEqual(asked('/healthz', { isEligible: false }), { ...left, nodeEligible: false });
  t.deepEqual(asked('/healthz', { isHealthy: false }), { ...left, nodeEligible: true });
  t.deepEqual(asked('/livez', { isEligible: false }), { status: 200, lastUpdated: now, currentTime: now });
  t.deepEqual(asked('/livez', { isHealthy: false }), left);
  t.is(asked('/'), 404);
});

test('load balancers and scrapers ask where kube-proxy answers them', async (t) => {
  const [healthz, metrics] = [await freePort('127.0.0.1'), await freePort('127.0.0.1')];
  const ports = new ProxyPorts({
    places: { healthz: { host: '127.0.0.1', port: healthz }, metrics: { host: '127.0.0.1', port: metrics } },
    clock: { now: () => 0, monotonic: () => 0 },
    nodes: () => [node('node-1', { taint: leaving })],
    localNodes: () => ['node-1'],
    failed: (_port, error) => t.fail(error.message),
  });
  ports.serve();
  ports.serve();
  const ask = async (port: number, path: string): Promise<readonly [number, string]> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return [response.status, await response.text()];
  };
  t.is((await ask(healthz, '/healthz?verbose'))[0], 503);
  t.is((await ask(healthz, '/livez'))[0], 200);
  t.deepEqual(await ask(metrics, '/proxyMode'), [200, 'nftables']);
  t.deepEqual(await ask(metrics, '/healthz'), [200, 'ok']);
  ports.wrote([
    { family: 'IPv4', isThere: true, seconds: 0.003, withoutLocal: { internal: 1, external: 2 } },
    { family: 'IPv6', isThere: false, seconds: 0.1, withoutLocal: { internal: 0, external: 0 } },
  ]);
  const [, text] = await ask(metrics, '/metrics');
  for (const line of [
    'kubeproxy_sync_proxy_rules_duration_seconds_bucket{ip_family="IPv4",le="0.002"} 0',
    'kubeproxy_sync_proxy_rules_duration_seconds_bucket{ip_family="IPv4",le="0.004"} 1',
    'kubeproxy_sync_proxy_rules_duration_seconds_count{ip_family="IPv4"} 1',
    'kubeproxy_proxy_healthz_total{code="503"} 1',
    'kubeproxy_proxy_livez_total{code="200"} 1',
  ])
    t.true(text.split('\n').includes(line), `${line} in\n${text}`);
  t.is((await ask(metrics, '/debug/pprof/'))[0], 404);
  ports.close();
  await t.throwsAsync(ask(healthz, '/healthz'));
});
