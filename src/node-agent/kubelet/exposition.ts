/** Writes metrics in the text format of Prometheus. */

/** One value; with a time in wall-clock ms where it was measured earlier. */
export interface Series {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
  readonly at?: number | undefined;
}

export interface MetricFamily {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly series: readonly Series[];
}

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');

/** Families without a value are left out. */
export function exposition(families: readonly MetricFamily[]): string {
  const lines = families
    .filter(({ series }) => series.length > 0)
    .flatMap(({ name, type, help, series }) => [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} ${type}`,
      ...series.map((each) => seriesLine(name, each)),
    ]);
  return lines.map((line) => `${line}\n`).join('');
}

function seriesLine(name: string, { labels = {}, value, at }: Series): string {
  const shown = Object.keys(labels)
    .sort()
    .map((label) => `${label}="${escaped(labels[label] ?? '')}"`)
    .join(',');
  return `${name}${shown === '' ? '' : `{${shown}}`} ${value}${at === undefined ? '' : ` ${Math.round(at)}`}`;
}
