/** What all requests of the proxy share. */
import type { Socket } from 'node:net';
import { type Clock, type Logger, Memo, type MetricLabels, type Metrics, type Timers } from '../../base/index.ts';
import type { EndpointPool } from './endpoints.ts';
import type { ProxyTimes } from './limits.ts';
import type { Routes } from './route-match.ts';

/** What all exchanges of a proxy share. */
export interface ProxyState {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly endpoints: EndpointPool;
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
interface Outcome {
  /** The backend that the request was for, if any. */
  readonly backend: string | undefined;
  readonly status: number;
  readonly startedMs: number;
}

const labelsMax = 10_000;

/** The labels of a backend's key. */
const labelsOfBackends = new Memo<string, MetricLabels>({ entriesMax: labelsMax });
const backendLabels = (key: string): MetricLabels =>
  labelsOfBackends.of(key, (backend) => {
    const [namespace = '', rest = ''] = backend.split('/');
    return { namespace, service: rest.split(':', 1)[0] ?? '' };
  });

/** Counts an exchange, and logs it where that is wanted. `facts` are for the log alone. */
export function recordOutcome(
  { metrics, clock, log, accessLog }: ProxyState,
  { backend = '', status, startedMs }: Outcome,
  facts: () => Readonly<Record<string, unknown>>,
): void {
  const durationMs = clock.monotonic() - startedMs;
  const labels = backendLabels(backend);
  metrics.count('troupe_ingress_requests_total', statusLabels(status, backend));
  metrics.observe('troupe_ingress_request_duration_seconds', durationMs / 1000, labels);
  if (accessLog)
    log.debug('an ingress request', { ...facts(), backend, status, durationMs: Math.round(durationMs * 10) / 10 });
}

/** The same with the status code, by code and backend. */
const labelsOfStatuses = new Memo<string, MetricLabels>({ entriesMax: labelsMax });
const statusLabels = (status: number, backend: string): MetricLabels =>
  labelsOfStatuses.of(`${status} ${backend}`, () => ({ ...backendLabels(backend), code: String(status) }));

export function countRetry({ metrics }: ProxyState, backend: string): void {
  metrics.count('troupe_ingress_retries_total', backendLabels(backend));
}
