/** Where an autoscaler gets its measurements from: metrics.k8s.io, and adapters for custom and external metrics. */
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

export const customMetrics = 'custom.metrics.k8s.io';
export const externalMetrics = 'external.metrics.k8s.io';

/** What an adapter is asked for: the place of its answer in its API, and the selectors. */
export interface AdapterQuestion {
  readonly group: typeof customMetrics | typeof externalMetrics;
  readonly namespace?: string | undefined;
  readonly resource: string;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
  readonly query: Readonly<Record<string, string>>;
}

/** One value of a custom or external metric. */
export interface AdapterValue {
  /** Of the object that it is about; '' where it is about none. */
  readonly name: string;
  /** RFC 3339; '' where it is not told. */
  readonly timestamp: string;
  /** A quantity. */
  readonly value: string;
}

/** What an adapter answered, or why there is no answer, in the words of a client of it. */
export type AdapterAnswer =
  | { readonly type: 'values'; readonly items: readonly AdapterValue[] }
  | { readonly type: 'failed'; readonly message: string };

export type AdapterSource = (question: AdapterQuestion) => Promise<AdapterAnswer>;

/** Where no adapter serves the API. */
export function noAdapter({ group, resource }: Pick<AdapterQuestion, 'group' | 'resource'>): AdapterAnswer {
  return {
    type: 'failed',
    message:
      group === customMetrics
        ? `no custom metrics API (${group}) registered`
        : `the server could not find the requested resource (get ${resource}.${group})`,
  };
}
