/** Asks for the metrics of pods, as the autoscaler does. */
import type { Aggregator } from '../aggregation/index.ts';
import { isAvailable, jsonOf, resourceRequest } from '../aggregation/index.ts';
import { isQuantityText } from './amounts.ts';
import { group } from './metrics-objects.ts';

/** A PodMetrics, with what a reader needs. */
interface PodMetrics {
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly timestamp: string;
  readonly window: string;
  readonly containers: readonly { readonly name: string; readonly usage: Readonly<Record<string, string>> }[];
}

type Answer =
  | { readonly type: 'metrics'; readonly items: readonly PodMetrics[] }
  | { readonly type: 'failed'; readonly message: string };

const failed = (message: string): Answer => ({ type: 'failed', message: `${message} (get pods.metrics.k8s.io)` });

/**
 * Asks the server of the API for the pods of a namespace that a selector matches. Failures have the texts of
 * Kubernetes' clients.
 */
export function podMetricsClient(aggregator: Aggregator): (namespace: string, selector: string) => Promise<Answer> {
  return async (namespace, selector) => {
    const api = aggregator.api(group, 'v1beta1');
    if (api === undefined) return failed('the server could not find the requested resource');
    if (!isAvailable(api)) return failed('the server is currently unable to handle the request');
    try {
      const pods = { group, version: 'v1beta1', resource: 'pods', namespace };
      const answer = await aggregator.fetch(api, resourceRequest(pods, { labelSelector: selector }));
      const { items = [] } = (await jsonOf(answer)) as {
        readonly items?: readonly unknown[] | undefined;
      };
      return items.every(isPodMetrics)
        ? { type: 'metrics', items }
        : failed('the server answered with what are no metrics');
    } catch {
      return failed('the server is currently unable to handle the request');
    }
  };
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const isContainer = (value: unknown): boolean =>
  isFields(value) &&
  typeof value['name'] === 'string' &&
  isFields(value['usage']) &&
  Object.values(value['usage']).every(isQuantityText);

/** Another's server may answer anything. */
function isPodMetrics(value: unknown): value is PodMetrics {
  if (!isFields(value) || !isFields(value['metadata']) || typeof value['metadata']['name'] !== 'string') return false;
  return (
    typeof value['timestamp'] === 'string' &&
    typeof value['window'] === 'string' &&
    Array.isArray(value['containers']) &&
    value['containers'].every(isContainer)
  );
}
