import type { LabelSelector } from '../objects.ts';

export interface MetricIdentifier {
  readonly name: string;
  readonly selector?: LabelSelector;
}

export interface MetricTarget {
  readonly averageValue?: string | number;
  /** In percent of what the containers request. */
  readonly averageUtilization?: number;
}

/** A metric that an autoscaler follows (autoscaling/v2 MetricSpec). */
export interface Metric {
  readonly type: string;
  readonly resource?: { readonly name: string; readonly target?: MetricTarget };
  readonly containerResource?: { readonly name: string; readonly container: string; readonly target?: MetricTarget };
  readonly pods?: { readonly metric: MetricIdentifier };
  readonly object?: {
    readonly metric: MetricIdentifier;
    readonly describedObject: { readonly kind: string; readonly name: string };
    readonly target?: MetricTarget;
  };
  readonly external?: { readonly metric: MetricIdentifier; readonly target?: MetricTarget };
}

/** A PodMetrics of metrics.k8s.io/v1beta1. */
export interface PodMetrics {
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly timestamp: string;
  /** A duration of Go: `15.02s`. */
  readonly window: string;
  readonly containers: readonly { readonly name: string; readonly usage: Readonly<Record<string, string>> }[];
}

/** What the resource metrics API answered about some pods, or why it did not, in the words of a client of it. */
export type PodMetricsAnswer =
  | { readonly type: 'metrics'; readonly items: readonly PodMetrics[] }
  | { readonly type: 'failed'; readonly message: string };

/** Asks the resource metrics API of a namespace's pods that a selector (its text) matches. */
export type PodMetricsSource = (namespace: string, selector: string) => Promise<PodMetricsAnswer>;

/** Where nothing serves the API. */
export const noPodMetrics: PodMetricsAnswer = {
  type: 'failed',
  message: 'the server could not find the requested resource (get pods.metrics.k8s.io)',
};
