/** Asks adapters for custom and external metrics, as the autoscaler does. */
import { isQuantityText } from './amounts.ts';
import { type Aggregator, isAvailable, jsonOf, resourceRequest } from '../aggregation/index.ts';
import { errorMessage } from '../../base/index.ts';

interface Question {
  readonly group: 'custom.metrics.k8s.io' | 'external.metrics.k8s.io';
  readonly namespace?: string | undefined;
  readonly resource: string;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
  readonly query: Readonly<Record<string, string>>;
}

type Answer =
  | {
      readonly type: 'values';
      readonly items: readonly { readonly name: string; readonly timestamp: string; readonly value: string }[];
    }
  | { readonly type: 'failed'; readonly message: string };

/** The versions that Kubernetes' clients know, the best first. */
const versions: Readonly<Record<Question['group'], readonly string[]>> = {
  'custom.metrics.k8s.io': ['v1beta2', 'v1beta1'],
  'external.metrics.k8s.io': ['v1beta1'],
};

/** Asks the server of the API. Failures have the texts of Kubernetes' clients. */
export function adapterMetricsClient(aggregator: Aggregator): (question: Question) => Promise<Answer> {
  return async ({ group, query, ...place }) => {
    const failed = (message: string): Answer => ({ type: 'failed', message });
    const asked = `(get ${place.resource}.${group}${place.name === undefined ? '' : ` ${place.name}`})`;
    const served = versions[group].flatMap((version) => aggregator.api(group, version) ?? []);
    const [api = undefined] = served.filter(isAvailable);
    if (api === undefined) {
      if (served.length > 0) return failed(`the server is currently unable to handle the request ${asked}`);
      return failed(
        group === 'custom.metrics.k8s.io'
          ? `no custom metrics API (${group}) registered`
          : `the server could not find the requested resource ${asked}`,
      );
    }
    try {
      const target = { group, version: api.spec?.version ?? '', ...place };
      const answer = await jsonOf(await aggregator.fetch(api, resourceRequest(target, query)));
      const { items = [] } = answer as { readonly items?: readonly unknown[] | undefined };
      const values = items.map(valueOf);
      return values.every((value) => value !== undefined)
        ? { type: 'values', items: values }
        : failed(`the server answered with what are no metrics ${asked}`);
    } catch (error) {
      return failed(errorMessage(error));
    }
  };
}

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Another's server may answer anything. */
function valueOf(item: unknown): { name: string; timestamp: string; value: string } | undefined {
  const { value, timestamp, describedObject } = fieldsOf(item);
  return isQuantityText(value)
    ? { name: textOf(fieldsOf(describedObject)['name']), timestamp: textOf(timestamp), value }
    : undefined;
}
