/**
 * The resource metrics API (metrics.k8s.io/v1beta1): what nodes and pods use of CPU and memory, for `kubectl top` and
 * autoscalers.
 *
 *   agent ── report each period, over the bus ──> every member: the latest of each node, in memory ──> NodeMetrics,
 *   PodMetrics
 *
 * Nothing of it is in the store, and each member answers from its own memory. It is one of the aggregated APIs: its
 * APIService names no Service, so requests end here; whoever puts a Service there (a metrics server of his own) takes
 * the group over. Numbers, order, tables and errors are those of kubernetes-sigs/metrics-server.
 */
export { adapterMetricsClient } from './adapter-metrics-client.ts';
export { podMetricsClient } from './pod-metrics-client.ts';
export { serveResourceMetrics } from './served-metrics.ts';
