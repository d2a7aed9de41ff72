/** The port of metrics. */

/** Counters, gauges and histograms by name; the door renders them in the Prometheus text format. */
export interface Metrics {
  count(name: string, labels?: MetricLabels, by?: number): void;
  gauge(name: string, value: number, labels?: MetricLabels): void;
  /** Seconds by convention: the name ends in _seconds. */
  observe(name: string, value: number, labels?: MetricLabels): void;
}
export type MetricLabels = Readonly<Record<string, string>>;

/** Metrics that keep nothing. */
export const silentMetrics: Metrics = { count: () => undefined, gauge: () => undefined, observe: () => undefined };
