/** Writes the figures of the API server into docs/. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Figure, machineFacts, table } from '../figures.ts';
import { plot, type Series } from '../plot.ts';

const docs = join(import.meta.dirname, '../../docs');
const [begin, end] = ['<!-- figures: begin -->', '<!-- figures: end -->'];

/** A figure of growth is named `growth: <what>, <how many> <things>`. */
const growthName = /^growth: (.+), ([\d,]+) [a-z ]+$/;

function growth(figures: readonly Figure[], unit: string): Series[] {
  const lines = new Map<string, [number, number][]>();
  for (const { name, value, unit: of } of figures) {
    const [, what, many] = growthName.exec(name) ?? [];
    if (what !== undefined && of === unit)
      lines.set(what, [...(lines.get(what) ?? []), [Number((many ?? '').replaceAll(',', '')), value]]);
  }
  return [...lines].map(([name, points]) => ({ name, points }));
}

/** Puts the figures of this run into docs/api-server.md, and draws how costs and memory grow. */
export function writeDocuments(figures: readonly Figure[], how: string): void {
  const page = join(docs, 'api-server.md');
  const before = readFileSync(page, 'utf8');
  const [from, to] = [before.indexOf(begin), before.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${page} has no place for the figures: it must hold ${begin} and ${end}`);
  const title = {
    title: 'What one request or delivery costs the member',
    x: 'pods stored, or watchers',
    y: 'processor time, µs',
  };
  writeFileSync(join(docs, 'api-server-growth.svg'), plot(title, growth(figures, 'µs')));
  writeFileSync(
    join(docs, 'scale-memory.svg'),
    plot({ title: 'Memory of a member', x: 'pods of 2.4 KB stored', y: 'resident, MB' }, growth(figures, 'MB')),
  );
  const shown = figures.filter(({ name }) => !growthName.test(name));
  const block = [
    begin,
    '',
    `Measured by \`npm run bench:api -- ${process.argv
      .slice(2)
      .join(' ')
      .replace(/ ?--json \S+/, '')
      .trim()}\` on ${machineFacts()}; ${how}:`,
    '',
    table(shown),
    '',
    `![${title.title}](api-server-growth.svg)`,
    '',
    end,
  ].join('\n');
  writeFileSync(page, before.slice(0, from) + block + before.slice(to + end.length));
}
