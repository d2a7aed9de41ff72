/** What each pod used, read from the answer of the metrics API. */
import type { MeasuredPod } from './metric.ts';
import { parseQuantity, parseTime, quantityMilli } from '../../api/index.ts';

/** What a pod used of one resource. */
export interface PodSample {
  /** When the measurement ended, in wall-clock ms, and how long it was. */
  readonly at: number;
  readonly windowMs: number;
  /** In thousandths, as targets and requests are compared. */
  readonly milli: number;
}

const unitsMs: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 0.001,
  µs: 0.001,
  ns: 0.000_001,
};

function durationMs(text: string): number {
  return [...text.matchAll(/([\d.]+)(h|ms|us|µs|ns|m|s)/g)].reduce(
    (sum, [, number, unit = '']) => sum + Number(number) * (unitsMs[unit] ?? 0),
    0,
  );
}

function sampleOf({ timestamp, window }: MeasuredPod, milli: number): PodSample {
  return { at: parseTime(timestamp) ?? 0, windowMs: durationMs(window), milli };
}

/** By pod: what it used of a resource; pods of which not all is known are missing. */
export function podSamples(items: readonly MeasuredPod[], resource: string): ReadonlyMap<string, PodSample> {
  return new Map(
    items.flatMap((item) => {
      const amounts = item.containers.map(({ usage }) => usage[resource]).filter((amount) => amount !== undefined);
      if (amounts.length === 0 || amounts.length < item.containers.length) return [];
      return [
        [
          item.metadata.name,
          sampleOf(
            item,
            amounts.reduce((sum, amount) => sum + quantityMilli(parseQuantity(amount)), 0),
          ),
        ] as const,
      ];
    }),
  );
}

/** By pod: what one of its containers used. A pod without the container is a failure. */
export function containerSamples(
  items: readonly MeasuredPod[],
  resource: string,
  container: string,
): ReadonlyMap<string, PodSample> | string {
  const samples = new Map<string, PodSample>();
  for (const item of items) {
    const { name, namespace = '' } = item.metadata;
    const found = item.containers.find((candidate) => candidate.name === container);
    if (found === undefined) return `container ${container} not present in metrics for pod ${namespace}/${name}`;
    const amount = found.usage[resource];
    if (amount !== undefined) samples.set(name, sampleOf(item, quantityMilli(parseQuantity(amount))));
  }
  return samples;
}
