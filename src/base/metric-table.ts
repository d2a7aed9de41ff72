/** The table of all metrics that operators may rely on. */

/** What operators may rely on of a metric; docs/metrics.md is made from it. */
export interface MetricFacts {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  /** As Prometheus names units; absent: a plain number. */
  readonly unit?: 'seconds' | 'bytes' | undefined;
  readonly help: string;
}

const request = ['verb', 'group', 'version', 'resource', 'subresource', 'scope', 'component', 'dry_run'];
const actor = ['actor'];
const level = ['priority_level'];
const flow = ['flow_schema', 'priority_level'];

/** Every metric that a member shows under /metrics. Names of kube-apiserver where it has the same. */
export const metricTable: readonly MetricFacts[] = [
  {
    name: 'apiserver_request_total',
    type: 'counter',
    labels: [...request, 'code'],
    help: 'Requests answered at both doors.',
  },
  {
    name: 'apiserver_request_duration_seconds',
    type: 'histogram',
    labels: request,
    unit: 'seconds',
    help: 'Time from a request to its answer; watches are left out.',
  },
  {
    name: 'apiserver_requested_deprecated_apis',
    type: 'gauge',
    labels: ['group', 'version', 'resource', 'subresource', 'removed_release'],
    help: 'Deprecated kinds that were asked for since the start: 1 each.',
  },
  {
    name: 'apiserver_flowcontrol_nominal_limit_seats',
    type: 'gauge',
    labels: level,
    help: 'Requests that a priority level may work on at a time.',
  },
  {
    name: 'apiserver_flowcontrol_current_executing_requests',
    type: 'gauge',
    labels: flow,
    help: 'Requests that are worked on.',
  },
  {
    name: 'apiserver_flowcontrol_current_executing_seats',
    type: 'gauge',
    labels: flow,
    help: 'Seats of the requests that are worked on: one each.',
  },
  {
    name: 'apiserver_flowcontrol_current_inqueue_requests',
    type: 'gauge',
    labels: flow,
    help: 'Requests that wait for their turn.',
  },
  {
    name: 'apiserver_flowcontrol_dispatched_requests_total',
    type: 'counter',
    labels: flow,
    help: 'Requests that had their turn.',
  },
  {
    name: 'apiserver_flowcontrol_request_wait_duration_seconds',
    type: 'histogram',
    labels: [...flow, 'execute'],
    unit: 'seconds',
    help: 'How long requests waited that did not find a seat at once; execute tells whether they had their turn.',
  },
  {
    name: 'apiserver_flowcontrol_rejected_requests_total',
    type: 'counter',
    labels: [...flow, 'reason'],
    help: 'Requests that found no turn and were answered 429.',
  },
  {
    name: 'apiserver_audit_event_total',
    type: 'counter',
    labels: ['plugin'],
    help: 'Audit events handed to a backend.',
  },
  {
    name: 'apiserver_audit_error_total',
    type: 'counter',
    labels: ['plugin'],
    help: 'Audit events that a backend lost.',
  },
  {
    name: 'troupe_audit_left_out_total',
    type: 'counter',
    labels: ['user'],
    help: 'Refused requests without a line of their own in the audit trail, since their caller had filled his part.',
  },
  {
    name: 'troupe_refused_bodies_total',
    type: 'counter',
    labels: ['input', 'reason'],
    help: 'Requests that were refused because they are too much work: which part, and the bound it is over.',
  },
  {
    name: 'troupe_refused_foreign_requests_total',
    type: 'counter',
    labels: ['reason'],
    help: 'Writes and upgrades that a browser sent for a page of another site, or whose body had no type.',
  },
  {
    name: 'troupe_refused_replies_total',
    type: 'counter',
    labels: ['reason'],
    help: 'Messages over NATS that were not answered, since their reply subject is no inbox of their sender.',
  },
  {
    name: 'troupe_refused_removals_total',
    type: 'counter',
    labels: ['reason'],
    help: "Messages that a member was removed, which the store's leader did not confirm.",
  },
  {
    name: 'troupe_refused_registrations_total',
    type: 'counter',
    labels: ['reason'],
    help: 'Registrations of external controllers that were refused: names of others, too many, without rights.',
  },
  {
    name: 'troupe_refused_containers_total',
    type: 'counter',
    labels: ['reason'],
    help: 'Tries to create a container that the node cannot confine as it asks (seccomp, AppArmor, SELinux).',
  },
  {
    name: 'troupe_pod_resizes_total',
    type: 'counter',
    labels: ['outcome'],
    help: 'Resizes of pods that a node was asked for: allowed, deferred until there is room, infeasible.',
  },
  {
    name: 'troupe_evictions_total',
    type: 'counter',
    labels: ['signal'],
    help: 'Pods that a node ended because it was short of memory, disk, inodes or process numbers.',
  },
  {
    name: 'troupe_store_transactions_total',
    type: 'counter',
    labels: [],
    help: 'Transactions that this replica applied.',
  },
  {
    name: 'troupe_store_revision',
    type: 'gauge',
    labels: [],
    help: 'The newest applied revision: the resourceVersion.',
  },
  {
    name: 'troupe_store_sync_seconds',
    type: 'histogram',
    labels: [],
    unit: 'seconds',
    help: 'Duration of a sync of the log to the disk.',
  },
  {
    name: 'troupe_store_snapshot_seconds',
    type: 'histogram',
    labels: [],
    unit: 'seconds',
    help: 'Duration of the writing of a snapshot.',
  },
  {
    name: 'troupe_store_malformed_frames_total',
    type: 'counter',
    labels: [],
    help: 'Frames between members that could not be read.',
  },
  { name: 'troupe_store_leader', type: 'gauge', labels: [], help: '1 while this member leads, else 0.' },
  {
    name: 'troupe_store_leader_known',
    type: 'gauge',
    labels: [],
    help: '1 while this member knows a leader, else 0: without one writes are refused.',
  },
  { name: 'troupe_store_term', type: 'gauge', labels: [], help: 'The Raft term; it grows with each election.' },
  {
    name: 'troupe_store_committed_index',
    type: 'gauge',
    labels: [],
    help: 'The last log entry that is known to be on a majority.',
  },
  {
    name: 'troupe_store_applied_index',
    type: 'gauge',
    labels: [],
    help: 'The last log entry that this replica applied.',
  },
  {
    name: 'troupe_store_member_behind_entries',
    type: 'gauge',
    labels: ['member'],
    help: 'Log entries that a member has yet to get; reported by the leader.',
  },
  { name: 'troupe_store_keys', type: 'gauge', labels: [], help: 'Keys of the store.' },
  { name: 'troupe_store_log_bytes', type: 'gauge', labels: [], unit: 'bytes', help: 'Size of the log on disk.' },
  {
    name: 'troupe_store_alarms',
    type: 'gauge',
    labels: ['type'],
    help: 'Alarms of the store: full quotas, a full disk, members of another timeline, entries that its disk lost.',
  },
  { name: 'troupe_shards_owned', type: 'gauge', labels: [], help: 'Shards that this member acts for.' },
  { name: 'troupe_scheduler_pods_bound_total', type: 'counter', labels: [], help: 'Pods given to a node.' },
  { name: 'troupe_actors', type: 'gauge', labels: ['state'], help: 'Actors of this member by state.' },
  { name: 'troupe_actors_parked', type: 'gauge', labels: [], help: 'Actors that spent their restarts and rest.' },
  {
    name: 'troupe_actor_crashes_total',
    type: 'counter',
    labels: actor,
    help: 'Crashes of actors, by the first two parts of the address.',
  },
  {
    name: 'troupe_actor_posts_failed_total',
    type: 'counter',
    labels: ['code'],
    help: 'Messages from other processes that no actor took, by reason.',
  },
  { name: 'troupe_actor_messages_waiting', type: 'gauge', labels: [], help: 'Messages that wait in all mailboxes.' },
  {
    name: 'troupe_actor_oldest_message_seconds',
    type: 'gauge',
    labels: [],
    unit: 'seconds',
    help: 'How long the oldest of them has waited.',
  },
  { name: 'troupe_mailbox_dropped_total', type: 'counter', labels: actor, help: 'Messages that full mailboxes shed.' },
  {
    name: 'troupe_mailbox_rejected_total',
    type: 'counter',
    labels: actor,
    help: 'Messages that full mailboxes refused.',
  },
  { name: 'troupe_alerts', type: 'gauge', labels: ['severity'], help: 'Alerts that are raised at the moment.' },
  {
    name: 'troupe_timeline_dropped_total',
    type: 'counter',
    labels: [],
    help: 'Happenings that the time line had no room for.',
  },
  {
    name: 'troupe_supervision_malformed_frames_total',
    type: 'counter',
    labels: [],
    help: 'Frames of the supervision feed that could not be read, or spoke for another process.',
  },
  {
    name: 'troupe_disk_free_bytes',
    type: 'gauge',
    labels: [],
    unit: 'bytes',
    help: 'Room on the disk that holds the home.',
  },
  { name: 'troupe_disk_size_bytes', type: 'gauge', labels: [], unit: 'bytes', help: 'Size of that disk.' },
  {
    name: 'troupe_event_loop_lag_seconds',
    type: 'gauge',
    labels: [],
    unit: 'seconds',
    help: 'How late timers were at worst within the last second.',
  },
  {
    name: 'troupe_node_renewals_total',
    type: 'counter',
    labels: [],
    help: 'Signs of life that this member heard of agents which renew their Leases.',
  },
  {
    name: 'troupe_node_leases_written_total',
    type: 'counter',
    labels: [],
    help: 'Leases of nodes that this member brought up to date, many in one transaction.',
  },
  {
    name: 'troupe_pod_start_seconds',
    type: 'histogram',
    labels: [],
    unit: 'seconds',
    help: 'Time from when a node first saw a pod until it ran, pulls included; of a member that runs a node itself.',
  },
  {
    name: 'troupe_proxy_sync_seconds',
    type: 'histogram',
    labels: [],
    unit: 'seconds',
    help: 'Duration of the writing of service rules; of a member that runs a node itself.',
  },
  {
    name: 'troupe_ingress_requests_total',
    type: 'counter',
    labels: ['namespace', 'service', 'code'],
    help:
      'Requests from outside that Ingresses answered, by Service and status (499: the client left); of a member ' +
      'that runs a node itself, as are the next three.',
  },
  {
    name: 'troupe_ingress_request_duration_seconds',
    type: 'histogram',
    labels: ['namespace', 'service'],
    unit: 'seconds',
    help: 'Time from such a request to the end of its answer.',
  },
  {
    name: 'troupe_ingress_retries_total',
    type: 'counter',
    labels: ['namespace', 'service'],
    help: 'Requests that were asked of another pod because one took no connection or broke off.',
  },
  {
    name: 'troupe_ingress_connections',
    type: 'gauge',
    labels: [],
    help: 'Connections of clients to the ingress ports.',
  },
  {
    name: 'kubernetes_build_info',
    type: 'gauge',
    labels: [
      'major',
      'minor',
      'git_version',
      'git_commit',
      'git_tree_state',
      'build_date',
      'go_version',
      'compiler',
      'platform',
    ],
    help: 'The version, as /version tells it: 1.',
  },
  { name: 'process_resident_memory_bytes', type: 'gauge', labels: [], unit: 'bytes', help: 'Memory of the process.' },
  {
    name: 'process_start_time_seconds',
    type: 'gauge',
    labels: [],
    unit: 'seconds',
    help: 'When the process began, since 1970.',
  },
  {
    name: 'process_cpu_seconds_total',
    type: 'counter',
    labels: [],
    unit: 'seconds',
    help: 'Processor time of the process.',
  },
];
