/** The metrics of the process, its actors and its store, measured when they are read. */
import type { ActorNode, ActorSystem } from '../../actors/index.ts';
import type { Metrics } from '../../base/index.ts';
import { type Store, storeAlarmTypes } from '../../state/index.ts';
import type { ProcessFigures } from '../../supervision/index.ts';

interface ProcessMetricsPorts {
  readonly metrics: Metrics;
  readonly system: ActorSystem;
  readonly store: Store;
  /** The latest figures of the process; undefined before the first. */
  readonly figures: () => ProcessFigures | undefined;
}

const states = ['starting', 'running', 'backoff', 'parked'] as const;

/** Returns what measures them; call it before the metrics are rendered. */
export function processMetrics(ports: ProcessMetricsPorts): () => void {
  let cpuSeconds = 0;
  return () => {
    measureActors(ports);
    measureStore(ports);
    const figures = ports.figures();
    if (figures === undefined) return;
    const { metrics } = ports;
    metrics.gauge('process_resident_memory_bytes', figures.residentBytes);
    metrics.gauge('process_start_time_seconds', performance.timeOrigin / 1000);
    metrics.count('process_cpu_seconds_total', undefined, Math.max(0, figures.cpuSeconds - cpuSeconds));
    cpuSeconds = figures.cpuSeconds;
    metrics.gauge('troupe_event_loop_lag_seconds', figures.loopLagMs / 1000);
    if (figures.diskFreeBytes !== undefined) metrics.gauge('troupe_disk_free_bytes', figures.diskFreeBytes);
    if (figures.diskBytes !== undefined) metrics.gauge('troupe_disk_size_bytes', figures.diskBytes);
  };
}

function measureActors({ metrics, system }: ProcessMetricsPorts): void {
  const counts = new Map<string, number>();
  let [waiting, oldestMs] = [0, 0];
  const visit = (node: ActorNode): void => {
    counts.set(node.state, (counts.get(node.state) ?? 0) + 1);
    waiting += node.mailbox;
    oldestMs = Math.max(oldestMs, node.oldestMs);
    for (const child of node.children) visit(child);
  };
  for (const child of system.tree().children) visit(child);
  for (const state of states) metrics.gauge('troupe_actors', counts.get(state) ?? 0, { state });
  metrics.gauge('troupe_actor_messages_waiting', waiting);
  metrics.gauge('troupe_actor_oldest_message_seconds', oldestMs / 1000);
}

function measureStore({ metrics, store }: ProcessMetricsPorts): void {
  const { role, leader, term, commitIndex, appliedIndex, keys, logBytes, alarms = [], progress = {} } = store.status();
  metrics.gauge('troupe_store_leader', role === 'leader' ? 1 : 0);
  metrics.gauge('troupe_store_leader_known', leader === undefined ? 0 : 1);
  metrics.gauge('troupe_store_term', term);
  metrics.gauge('troupe_store_committed_index', commitIndex);
  metrics.gauge('troupe_store_applied_index', appliedIndex);
  metrics.gauge('troupe_store_keys', keys);
  metrics.gauge('troupe_store_log_bytes', logBytes);
  for (const type of storeAlarmTypes)
    metrics.gauge('troupe_store_alarms', alarms.filter((alarm) => alarm.type === type).length, { type });
  for (const [member, index] of Object.entries(progress))
    metrics.gauge('troupe_store_member_behind_entries', Math.max(0, commitIndex - index), { member });
}
