/** Where an autoscaler gets its measurements from (metrics.k8s.io). */
import type { PodMetrics } from '../../api/index.ts';

/** A PodMetrics, as far as an autoscaler reads it. */
export interface MeasuredPod extends Pick<PodMetrics, 'timestamp' | 'window' | 'containers'> {
  readonly metadata: { readonly name: string; readonly namespace?: string | undefined };
}

/** What the resource metrics API answered about some pods, or why it did not, in the words of a client of it. */
export type PodMetricsAnswer =
  | { readonly type: 'metrics'; readonly items: readonly MeasuredPod[] }
  | { readonly type: 'failed'; readonly message: string };

/** Asks the resource metrics API of a namespace's pods that a selector (its text) matches. */
export type PodMetricsSource = (namespace: string, selector: string) => Promise<PodMetricsAnswer>;

/** Where nothing serves the API. */
export const noPodMetrics: PodMetricsAnswer = {
  type: 'failed',
  message: 'the server could not find the requested resource (get pods.metrics.k8s.io)',
};
