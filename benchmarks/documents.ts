/** Puts figures of a run into a page of docs/. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Figure, machineFacts, table } from './figures.ts';
import type { Series } from './plot.ts';

/** A file of docs/. */
export const documentFile = (name: string): string => join(import.meta.dirname, '../docs', name);

/** A figure of growth is named `growth: <what>, <how many> <things>`. */
export const growthName = /^growth: (.+), ([\d,]+) [a-z ]+$/;

/** The lines that figures of growth in this unit make. */
export function growthSeries(figures: readonly Figure[], unit: string): Series[] {
  const lines = new Map<string, [number, number][]>();
  for (const { name, value, unit: of } of figures) {
    const [, what, many] = growthName.exec(name) ?? [];
    if (what !== undefined && of === unit)
      lines.set(what, [...(lines.get(what) ?? []), [Number((many ?? '').replaceAll(',', '')), value]]);
  }
  return [...lines].map(([name, points]) => ({ name, points }));
}

interface FigureBlock {
  /** The page in docs/, and the name of its marks `<!-- <name>: begin -->` and `end`. */
  readonly page: string;
  readonly name: string;
  readonly figures: readonly Figure[];
  /** The npm script that was run, and what of the run the figures depend on. */
  readonly script: string;
  readonly how: string;
  /** The plot under the table, a file in docs/. */
  readonly drawing: { readonly file: string; readonly title: string };
}

/** Replaces what stands between the marks; figures of growth are in the plot alone. Throws when a mark is missing. */
export function writeFigureBlock({ page, name, figures, script, how, drawing }: FigureBlock): void {
  const file = documentFile(page);
  const before = readFileSync(file, 'utf8');
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const [from, to] = [before.indexOf(begin), before.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${file} has no place for the figures: it must hold ${begin} and ${end}`);
  const options = process.argv
    .slice(2)
    .join(' ')
    .replace(/ ?--json \S+/, '')
    .trim();
  const block = [
    begin,
    '',
    `Measured by \`npm run ${script} -- ${options}\` on ${machineFacts()}; ${how}:`,
    '',
    table(figures.filter((figure) => !growthName.test(figure.name))),
    '',
    `![${drawing.title}](${drawing.file})`,
    '',
    end,
  ].join('\n');
  writeFileSync(file, before.slice(0, from) + block + before.slice(to + end.length));
}
