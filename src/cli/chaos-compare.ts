/** `troupe chaos compare`: two reports side by side. */
import { readFileSync } from 'node:fs';
import Table from 'cli-table3';
import pc from 'picocolors';
import { errorMessage } from '../base/index.ts';
import { type Comparison, compareReports, type Report } from '../chaos/index.ts';
import { Problem, wrongCommandLine } from './problem.ts';

/** The report that `troupe chaos run --json` wrote. */
function reportIn(file: string): Report {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
    if (report.format === 1) return report;
  } catch (error) {
    throw new Problem(`${file} cannot be read: ${errorMessage(error)}`, wrongCommandLine);
  }
  throw new Problem(`${file} is no report of \`troupe chaos run --json\``, wrongCommandLine);
}

/** The text to print, and whether the second broke a promise that the first kept. */
export function comparisonOf(one: string, two: string): { readonly text: string; readonly worse: boolean } {
  const [first, second] = [reportIn(one), reportIn(two)];
  const comparison = compareReports(first, second);
  return { text: textOf(comparison, [first, second]), worse: comparison.newlyBroken.length > 0 };
}

function textOf({ rows, newlyBroken, warnings }: Comparison, [one, two]: readonly [Report, Report]): string {
  const colour = { better: pc.green, same: pc.dim, worse: pc.red, 'only in one': pc.yellow } as const;
  const table = new Table({ head: ['', nameOf(one), nameOf(two), ''], style: { head: [], border: [] } });
  table.push(['verdict', one.verdict, two.verdict, '']);
  for (const row of rows) table.push([row.what, row.one, row.two, colour[row.judgement](row.judgement)]);
  return [
    ...warnings.map((warning) => `careful: ${warning}`),
    table.toString(),
    ...newlyBroken.map((what) => `broken only in the second: ${what}`),
  ].join('\n');
}

function nameOf({ target, scenario }: Report): string {
  return `${target.orchestrator} ${target.version}\n${scenario.name}, seed ${scenario.seed}`;
}
