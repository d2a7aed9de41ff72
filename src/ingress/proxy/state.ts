import type { Socket } from 'node:net';
import type { Clock, Logger, MetricLabels, Metrics, Timers } from '../../base/index.ts';
import type { Endpoints } from './endpoints.ts';
import type { ProxyTimes } from './limits.ts';
import type { Routes } from './route-match.ts';

/** What all exchanges of a proxy share. */
export interface ProxyState {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly endpoints: Endpoints;
  readonly times: ProxyTimes;
  /** Whether each exchange is logged, at debug. */
  readonly accessLog: boolean;
  /** The port of each scheme that clients came to. */
  readonly ports: { readonly http: number; readonly https: number };
  routes: Routes;
  /** Of clients, those that are open. */
  readonly connections: Set<Socket>;
  /** The proxy ends: no answer may promise that its connection goes on. */
  draining: boolean;
}

/** One exchange's outcome. */
export interface Outcome {
  /** The backend that the request was for, if any. */
  readonly backend: string | undefined;
  readonly status: number;
  readonly startedMs: number;
}

const labelsOf = new Map<string, MetricLabels>();
const labelsMax = 10_000;

/** The labels of a backend's key, made once. */
function backendLabels(backend: string): MetricLabels {
  const known = labelsOf.get(backend);
  if (known !== undefined) return known;
  const [namespace = '', rest = ''] = backend.split('/');
  const made = { namespace, service: rest.split(':', 1)[0] ?? '' };
  if (labelsOf.size >= labelsMax) labelsOf.clear();
  labelsOf.set(backend, made);
  return made;
}

/** Counts an exchange, and logs it where that is wanted. `facts` are for the log alone. */
export function recordOutcome(
  { metrics, clock, log, accessLog }: ProxyState,
  { backend = '', status, startedMs }: Outcome,
  facts: () => Readonly<Record<string, unknown>>,
): void {
  const durationMs = clock.monotonic() - startedMs;
  const labels = backendLabels(backend);
  metrics.count('troupe_ingress_requests_total', statusLabels(backend, labels, status));
  metrics.observe('troupe_ingress_request_duration_seconds', durationMs / 1000, labels);
  if (accessLog)
    log.debug('an ingress request', { ...facts(), backend, status, durationMs: Math.round(durationMs * 10) / 10 });
}

const statusLabelsOf = new Map<string, MetricLabels>();

function statusLabels(backend: string, labels: MetricLabels, status: number): MetricLabels {
  const key = `${status} ${backend}`;
  const known = statusLabelsOf.get(key);
  if (known !== undefined) return known;
  const made = { ...labels, code: String(status) };
  if (statusLabelsOf.size >= labelsMax) statusLabelsOf.clear();
  statusLabelsOf.set(key, made);
  return made;
}

export function countRetry({ metrics }: ProxyState, backend: string): void {
  metrics.count('troupe_ingress_retries_total', backendLabels(backend));
}
