/** Metrics in memory, rendered for Prometheus. */
import { assert, type MetricLabels, type Metrics, metricTable } from '../base/index.ts';

/** Upper bounds in seconds, from a cached read to a slow disk. */
const secondsBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

interface Histogram {
  readonly counts: number[];
  sum: number;
  count: number;
}

interface Family {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly values: Map<string, number>;
  readonly histograms: Map<string, Histogram>;
}

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');

/** Sorted by name, so that it serves as the series' key. */
function renderedLabels(labels: MetricLabels): string {
  return Object.keys(labels)
    .sort()
    .map((name) => `${name}="${escaped(labels[name] ?? '')}"`)
    .join(',');
}

const series = (name: string, labels: string): string => (labels === '' ? name : `${name}{${labels}}`);

function histogramLines(name: string, labels: string, histogram: Histogram): string[] {
  const prefix = labels === '' ? '' : `${labels},`;
  let below = 0;
  const lines = secondsBuckets.map((bound, position) => {
    below += histogram.counts[position] ?? 0;
    return `${name}_bucket{${prefix}le="${bound}"} ${below}`;
  });
  lines.push(`${name}_bucket{${prefix}le="+Inf"} ${histogram.count}`);
  lines.push(
    `${series(`${name}_sum`, labels)} ${histogram.sum}`,
    `${series(`${name}_count`, labels)} ${histogram.count}`,
  );
  return lines;
}

const known = new Map(metricTable.map((facts) => [facts.name, facts]));

/**
 * Metrics kept in memory and rendered in the Prometheus text format (version 0.0.4). A name keeps the type that the
 * table of metrics, or its first use, gives it.
 */
export class MetricsRegistry implements Metrics {
  readonly #families = new Map<string, Family>();
  /** Callers that count often hand in the same labels again and again. */
  readonly #labelTexts = new WeakMap<MetricLabels, string>();

  count(name: string, labels?: MetricLabels, by = 1): void {
    const { values } = this.#family(name, 'counter');
    const key = this.#labelText(labels);
    values.set(key, (values.get(key) ?? 0) + by);
  }

  gauge(name: string, value: number, labels?: MetricLabels): void {
    this.#family(name, 'gauge').values.set(this.#labelText(labels), value);
  }

  observe(name: string, value: number, labels?: MetricLabels): void {
    const { histograms } = this.#family(name, 'histogram');
    const key = this.#labelText(labels);
    let histogram = histograms.get(key);
    if (histogram === undefined) {
      histogram = { counts: secondsBuckets.map(() => 0), sum: 0, count: 0 };
      histograms.set(key, histogram);
    }
    const bucket = secondsBuckets.findIndex((bound) => value <= bound);
    if (bucket >= 0) histogram.counts[bucket] = (histogram.counts[bucket] ?? 0) + 1;
    histogram.sum += value;
    histogram.count += 1;
  }

  render(): string {
    const lines: string[] = [];
    for (const name of [...this.#families.keys()].sort()) {
      const family = this.#families.get(name);
      if (family === undefined) continue;
      const help = known.get(name)?.help;
      if (help !== undefined) lines.push(`# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`);
      lines.push(`# TYPE ${name} ${family.type}`);
      for (const labels of [...family.values.keys()].sort())
        lines.push(`${series(name, labels)} ${family.values.get(labels) ?? 0}`);
      for (const labels of [...family.histograms.keys()].sort()) {
        const histogram = family.histograms.get(labels);
        if (histogram !== undefined) lines.push(...histogramLines(name, labels, histogram));
      }
    }
    return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
  }

  /** The labels in their rendered form. */
  #labelText(labels: MetricLabels | undefined): string {
    if (labels === undefined) return '';
    const text = this.#labelTexts.get(labels);
    if (text !== undefined) return text;
    const made = renderedLabels(labels);
    this.#labelTexts.set(labels, made);
    return made;
  }

  #family(name: string, type: Family['type']): Family {
    let family = this.#families.get(name);
    if (family === undefined) {
      family = { type, values: new Map(), histograms: new Map() };
      this.#families.set(name, family);
    }
    const expected = known.get(name)?.type ?? family.type;
    assert(type === expected, `metric ${name} is a ${expected}, not a ${type}`);
    return family;
  }
}
