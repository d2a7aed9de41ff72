/** Makes docs/grafana-dashboard.json from the table of metrics. */

/** A panel: its title, unit (as Grafana names it) and queries with the legend of each. */
interface Panel {
  readonly title: string;
  readonly unit: string;
  readonly queries: readonly (readonly [expression: string, legend: string])[];
}

const rate = (metric: string, by: string): string => `sum by (${by}) (rate(${metric}{job=~"$job"}[$__rate_interval]))`;
const quantile = (q: number, metric: string, by = ''): string =>
  `histogram_quantile(${q}, sum by (le${by === '' ? '' : `, ${by}`}) ` +
  `(rate(${metric}_bucket{job=~"$job"}[$__rate_interval])))`;
const gauge = (metric: string): string => `${metric}{job=~"$job"}`;

const rows: readonly { readonly title: string; readonly panels: readonly Panel[] }[] = [
  {
    title: 'API',
    panels: [
      { title: 'Requests', unit: 'reqps', queries: [[rate('apiserver_request_total', 'verb'), '{{verb}}']] },
      {
        title: 'Server errors',
        unit: 'reqps',
        queries: [
          ['sum by (code) (rate(apiserver_request_total{job=~"$job",code=~"5.."}[$__rate_interval]))', '{{code}}'],
        ],
      },
      {
        title: 'Time to answer',
        unit: 's',
        queries: [
          [quantile(0.5, 'apiserver_request_duration_seconds', 'verb'), 'p50 {{verb}}'],
          [quantile(0.99, 'apiserver_request_duration_seconds', 'verb'), 'p99 {{verb}}'],
        ],
      },
      {
        title: 'Waiting and refused',
        unit: 'short',
        queries: [
          [
            `sum by (priority_level) (${gauge('apiserver_flowcontrol_current_inqueue_requests')})`,
            'waiting {{priority_level}}',
          ],
          [rate('apiserver_flowcontrol_rejected_requests_total', 'priority_level'), 'refused per s {{priority_level}}'],
        ],
      },
    ],
  },
  {
    title: 'Store',
    panels: [
      {
        title: 'Leader',
        unit: 'short',
        queries: [
          [gauge('troupe_store_leader'), '{{instance}} leads'],
          [gauge('troupe_store_leader_known'), '{{instance}} knows one'],
        ],
      },
      {
        title: 'Behind the leader',
        unit: 'short',
        queries: [[gauge('troupe_store_member_behind_entries'), '{{member}}']],
      },
      {
        title: 'Transactions',
        unit: 'ops',
        queries: [[rate('troupe_store_transactions_total', 'instance'), '{{instance}}']],
      },
      {
        title: 'Log sync',
        unit: 's',
        queries: [
          [quantile(0.5, 'troupe_store_sync_seconds', 'instance'), 'p50 {{instance}}'],
          [quantile(0.99, 'troupe_store_sync_seconds', 'instance'), 'p99 {{instance}}'],
        ],
      },
      { title: 'Keys', unit: 'short', queries: [[gauge('troupe_store_keys'), '{{instance}}']] },
      {
        title: 'Log and free disk',
        unit: 'bytes',
        queries: [
          [gauge('troupe_store_log_bytes'), 'log {{instance}}'],
          [gauge('troupe_disk_free_bytes'), 'free {{instance}}'],
        ],
      },
    ],
  },
  {
    title: 'Actors',
    panels: [
      {
        title: 'Actors by state',
        unit: 'short',
        queries: [[`sum by (state) (${gauge('troupe_actors')})`, '{{state}}']],
      },
      { title: 'Crashes', unit: 'ops', queries: [[rate('troupe_actor_crashes_total', 'actor'), '{{actor}}']] },
      { title: 'Messages waiting', unit: 'short', queries: [[gauge('troupe_actor_messages_waiting'), '{{instance}}']] },
      { title: 'Oldest message', unit: 's', queries: [[gauge('troupe_actor_oldest_message_seconds'), '{{instance}}']] },
      {
        title: 'Messages shed and refused',
        unit: 'ops',
        queries: [
          [rate('troupe_mailbox_dropped_total', 'actor'), 'shed {{actor}}'],
          [rate('troupe_mailbox_rejected_total', 'actor'), 'refused {{actor}}'],
        ],
      },
      { title: 'Alerts', unit: 'short', queries: [[`max by (severity) (${gauge('troupe_alerts')})`, '{{severity}}']] },
    ],
  },
  {
    title: 'Members',
    panels: [
      { title: 'Shards owned', unit: 'short', queries: [[gauge('troupe_shards_owned'), '{{instance}}']] },
      {
        title: 'Pods bound',
        unit: 'ops',
        queries: [[rate('troupe_scheduler_pods_bound_total', 'instance'), '{{instance}}']],
      },
      {
        title: 'Processor',
        unit: 'percentunit',
        queries: [[rate('process_cpu_seconds_total', 'instance'), '{{instance}}']],
      },
      { title: 'Memory', unit: 'bytes', queries: [[gauge('process_resident_memory_bytes'), '{{instance}}']] },
      { title: 'Event loop lag', unit: 's', queries: [[gauge('troupe_event_loop_lag_seconds'), '{{instance}}']] },
    ],
  },
];

const width = 8;
const height = 7;
const source = { type: 'prometheus', uid: '${datasource}' };

/** docs/grafana-dashboard.json: what Grafana's import takes (schema version 39). */
export function grafanaDocument(): string {
  const panels: object[] = [];
  let y = 0;
  for (const { title, panels: own } of rows) {
    panels.push({
      id: panels.length + 1,
      type: 'row',
      title,
      collapsed: false,
      gridPos: { x: 0, y, w: 24, h: 1 },
      panels: [],
    });
    y += 1;
    own.forEach((panel, i) =>
      panels.push(
        timeSeries(panel, panels.length + 1, {
          x: (i % 3) * width,
          y: y + Math.floor(i / 3) * height,
          w: width,
          h: height,
        }),
      ),
    );
    y += Math.ceil(own.length / 3) * height;
  }
  const variables = [
    { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus' },
    {
      name: 'job',
      label: 'Job',
      type: 'query',
      datasource: source,
      query: { query: 'label_values(troupe_store_revision, job)', refId: 'job' },
      includeAll: true,
      multi: true,
      refresh: 2,
    },
  ];
  const dashboard = {
    title: 'Troupe',
    uid: 'troupe',
    tags: ['troupe'],
    schemaVersion: 39,
    version: 1,
    editable: true,
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    templating: { list: variables },
    panels,
  };
  return `${JSON.stringify(dashboard, null, 1)}\n`;
}

function timeSeries({ title, unit, queries }: Panel, id: number, gridPos: object): object {
  return {
    id,
    type: 'timeseries',
    title,
    datasource: source,
    gridPos,
    fieldConfig: { defaults: { unit, custom: { fillOpacity: 8 } }, overrides: [] },
    options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi' } },
    targets: queries.map(([expr, legendFormat], i) => ({
      refId: String.fromCharCode(65 + i),
      datasource: source,
      expr,
      legendFormat,
    })),
  };
}

/** The metrics that a query names. */
export function metricsOf(expression: string): readonly string[] {
  const bare = expression.replace(/"[^"]*"/g, '').replace(/\{[^}]*\}|\[[^\]]*\]|\bby \([^)]*\)/g, ' ');
  return (bare.match(/[a-z][a-z0-9]*(?:_[a-z0-9]+)+/g) ?? []).filter((word) => word !== 'histogram_quantile');
}
