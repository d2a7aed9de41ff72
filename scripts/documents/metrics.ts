/** Makes docs/metrics.md from the table of metrics. */
import { type MetricFacts, metricTable } from '../../src/base/index.ts';

/** docs/metrics.md: every metric with its type, labels, unit and meaning. */
export function metricsDocument(): string {
  return [
    '# Metrics and health',
    '',
    '`GET /metrics` of a member answers in the Prometheus text format; it needs the right `get /metrics` ' +
      '(nonResourceURLs). This page is made from',
    '`src/base/metric-table.ts` by `node scripts/documents.ts`. ' +
      '[grafana-dashboard.json](grafana-dashboard.json) is a dashboard for Grafana (import it and choose a ' +
      'Prometheus',
    'data source).',
    '',
    '```yaml',
    'scrape_configs:',
    '  - job_name: troupe',
    '    scheme: https',
    '    authorization: { credentials_file: /etc/prometheus/troupe-token }',
    '    tls_config: { ca_file: /etc/prometheus/troupe-ca.crt }',
    '    static_configs: [{ targets: ["10.0.0.1:6443", "10.0.0.2:6443", "10.0.0.3:6443"] }]',
    '```',
    '',
    '| metric | type | labels | unit | meaning |',
    '|---|---|---|---|---|',
    ...metricTable.map(row),
    '',
    'A histogram has the series `_bucket` (label `le`), `_sum` and `_count`.',
    '',
    '## Health',
    '',
    '`/livez` and `/readyz` (and `/healthz`, as `/livez`) answer 200 `ok`, or 500 with what failed. ' +
      '`?verbose` lists the checks, `?exclude=<check>` leaves one',
    'out, `/readyz/<check>` runs one alone. The reasons are in the log, not in the answer. ' +
      '`/metrics/slis` makes all checks',
    'and tells how each fared, now and so far.',
    '',
    '| check | where | fails when |',
    '|---|---|---|',
    ...healthRows,
    '',
  ].join('\n');
}

function row({ name, type, labels, unit, help }: MetricFacts): string {
  return `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${unit ?? ''} | ${help} |`;
}

const healthRows = [
  ['ping', 'all', 'the member does not answer'],
  ['etcd', 'all', 'the store gives no linearisable read'],
  ['disk', 'all', 'the disk of the store is full'],
  ['log', 'all', 'the log cannot be written'],
  ['poststarthook/…', 'all', 'what that step of the start makes is not there yet (so does `autoregister-completion`)'],
  ['etcd-readiness', '`/readyz`', 'as `etcd`'],
  ['raft-leader', '`/readyz`', 'no leader is known: writes would be refused'],
  ['nats', '`/readyz`', 'the connection to NATS is lost'],
  ['informer-sync', '`/readyz`', 'the replica is far behind what is committed'],
  ['shutdown', '`/readyz`', 'the member was told to stop'],
].map(([name = '', where = '', when = '']) => `| \`${name}\` | ${where} | ${when} |`);
