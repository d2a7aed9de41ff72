/** Measured figures, as tables and as JSON. */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';

/**
 * One measured figure; `goal` is what DESIGN or an issue asks for. The peer's value is measured in the same run where
 * it installs.
 */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly goal?: string;
  readonly peer?: string;
  readonly peerValue?: number;
  readonly ratio?: number;
}

/** The q-quantile of samples (nearest rank). */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
}

/** The facts of this machine that figures depend on. */
export function machineFacts(): string {
  const kernel = readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim();
  const processor = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}`;
  const memory = `${(totalmem() / 2 ** 30).toFixed(0)} GiB`;
  return `${processor}, ${memory}, Linux ${kernel}, Node ${process.versions.node}`;
}

/** The figures as a Markdown table. */
export function table(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, value, unit, goal, peer, peerValue, ratio }) => {
    const beside =
      peer === undefined
        ? ''
        : `${peer}: ${peerValue?.toFixed(1) ?? '?'} ${unit}${ratio === undefined ? '' : ` (×${ratio.toFixed(2)})`}`;
    const amount = value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(2);
    return `| ${name} | ${amount} ${unit} | ${goal ?? ''} | ${beside} |`;
  });
  return ['| figure | measured | goal | peer |', '|---|---|---|---|', ...rows].join('\n');
}

/** Prints a table and, with `--json FILE` on the command line, writes the figures there. */
export function report(title: string, figures: readonly Figure[]): void {
  console.log(`\n${title}\n${machineFacts()}\n\n${table(figures)}`);
  const at = process.argv.indexOf('--json');
  const file = process.argv[at + 1];
  if (at > 0 && file !== undefined)
    writeFileSync(file, `${JSON.stringify({ machine: machineFacts(), figures }, null, 1)}\n`);
}
