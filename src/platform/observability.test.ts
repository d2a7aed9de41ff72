import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { MetricsRegistry, openLogger, systemRandom } from './index.ts';

test('metrics render in the Prometheus text format, sorted and escaped', (t) => {
  const metrics = new MetricsRegistry();
  metrics.count('requests_total', { verb: 'get', code: '200' });
  metrics.count('requests_total', { code: '200', verb: 'get' }, 2);
  metrics.gauge('objects', 5, { name: 'a"b' });
  metrics.observe('sync_seconds', 0.002);
  metrics.observe('sync_seconds', 100);
  const lines = metrics.render().split('\n');
  metrics.gauge('troupe_store_keys', 3);
  t.true(
    metrics
      .render()
      .includes('# HELP troupe_store_keys Keys of the store.\n# TYPE troupe_store_keys gauge\ntroupe_store_keys 3\n'),
  );
  t.true(lines.includes('# TYPE requests_total counter'));
  t.true(lines.includes('requests_total{code="200",verb="get"} 3'));
  t.true(lines.includes('objects{name="a\\"b"} 5'));
  t.true(lines.includes('sync_seconds_bucket{le="0.001"} 0'));
  t.true(lines.includes('sync_seconds_bucket{le="0.0025"} 1'));
  t.true(lines.includes('sync_seconds_bucket{le="+Inf"} 2'));
  t.true(lines.includes('sync_seconds_count 2'));
});

test('a metric cannot change its type', (t) => {
  const metrics = new MetricsRegistry();
  metrics.count('a');
  t.throws(() => {
    metrics.gauge('a', 1);
  });
  t.throws(
    () => {
      metrics.count('troupe_store_keys');
    },
    { message: /is a gauge, not a counter/ },
  );
});

test('the log is JSON lines with fields, and its level changes while it runs, for derived loggers too', async (t) => {
  const file = join(await mkdtemp(join(tmpdir(), 'troupe-log-')), 'logs', 'a.log');
  const log = openLogger({ file, level: 'info', fields: { member: 'm1' } });
  const child = log.with({ part: 'store' });
  child.debug('hidden');
  child.info('opened', { keys: 3 });
  log.level = 'debug';
  child.debug('shown', { error: new Error('why') });
  const lines = (await readFile(file, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  t.is(lines.length, 2);
  t.like(lines[0], { level: 'info', message: 'opened', member: 'm1', part: 'store', keys: 3 });
  t.is((lines[1]?.['error'] as { message: string }).message, 'why');
  t.is(log.level, 'debug');
});

test("the machine's random values stay within their bounds", (t) => {
  for (let i = 0; i < 100; i++) {
    t.true(systemRandom.below(3) < 3);
    t.true(systemRandom.fraction() < 1);
  }
  t.is(systemRandom.bytes(9).length, 9);
  t.regex(systemRandom.uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
