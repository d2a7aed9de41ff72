/** NodeMetrics, PodMetrics and their tables. */
import { timeText } from '../../api/index.ts';
import type { MeasuredUsage, PodUsage, Usage, UsageWindow } from '../../protocol/index.ts';
import type { ObjectFacts } from '../../resources/index.ts';
import { sumOf, type UsageTexts, usageTexts, windowText } from './amounts.ts';

export const group = 'metrics.k8s.io';
export const groupVersion = `${group}/v1beta1`;

/** A NodeMetrics or PodMetrics with what its row of a table shows. */
export interface MetricsItem {
  readonly object: {
    readonly metadata: {
      readonly name: string;
      readonly namespace?: string | undefined;
      readonly creationTimestamp: string;
      readonly labels?: Readonly<Record<string, string>> | undefined;
    };
    readonly timestamp: string;
    readonly window: string;
    readonly usage?: UsageTexts | undefined;
    readonly containers?: readonly { readonly name: string; readonly usage: UsageTexts }[];
  };
  readonly total: Usage;
}

export function nodeMetrics(node: ObjectFacts, usage: MeasuredUsage, now: number): MetricsItem {
  return { object: { ...common(node, usage, now), usage: usageTexts(usage) }, total: usage };
}

export function podMetrics(pod: ObjectFacts, usage: PodUsage, now: number): MetricsItem {
  const containers = usage.containers
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((container) => ({ name: container.name, usage: usageTexts(container) }));
  return { object: { ...common(pod, usage, now), containers }, total: sumOf(usage.containers) };
}

/** What both kinds say first, in metrics-server's order. */
function common(
  { index }: ObjectFacts,
  { at, windowMs }: UsageWindow,
  now: number,
): Pick<MetricsItem['object'], 'metadata' | 'timestamp' | 'window'> {
  const { 'metadata.name': name = '', 'metadata.namespace': namespace } = index.fields;
  const labels = Object.keys(index.labels).length === 0 ? undefined : index.labels;
  return {
    metadata: { name, namespace, creationTimestamp: timeText(now), labels },
    timestamp: timeText(at),
    window: windowText(windowMs),
  };
}

const column = (name: string, format: string, description = ''): object => ({
  name,
  type: 'string',
  format,
  description,
  priority: 0,
});
const columns = [
  column('Name', 'name', 'Name of the resource'),
  column('cpu', 'quantity'),
  column('memory', 'quantity'),
  column('Window', 'duration'),
];

interface TableChoice {
  readonly kind: string;
  readonly metaVersion: string;
  readonly include: 'Metadata' | 'Object' | 'None';
}

/** The table that metrics-server makes: without rows it has no columns either. */
export function metricsTable(items: readonly MetricsItem[], { kind, metaVersion, include }: TableChoice): object {
  const shown = ({ object }: MetricsItem): object | null => {
    if (include === 'None') return null;
    return include === 'Object'
      ? { kind, apiVersion: groupVersion, ...object }
      : { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${metaVersion}`, metadata: object.metadata };
  };
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${metaVersion}`,
    metadata: {},
    columnDefinitions: items.length === 0 ? [] : columns,
    rows: items.map((item) => {
      const { cpu, memory } = usageTexts(item.total);
      return { cells: [item.object.metadata.name, cpu, memory, item.object.window], object: shown(item) };
    }),
  };
}
