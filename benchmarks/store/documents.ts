/** Writes the figures of the store into docs/. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Figure, machineFacts, table } from '../figures.ts';
import { plot, type Series } from '../plot.ts';

const docs = join(import.meta.dirname, '../../docs');

const amountOf = (name: string): number => Number(/(\d+)(?=$|,)/.exec(name)?.[1] ?? Number.NaN);

/** Throughput against p99 for each number of clients, ours and the peer's. */
function throughput(figures: readonly Figure[]): Series[] {
  const puts = figures.filter(({ name }) => /^puts, \d+ clients$/.test(name));
  const p99Of = (name: string): Figure | undefined => figures.find((figure) => figure.name === `${name}, p99`);
  const own = puts.map(({ name, value }) => [value, p99Of(name)?.value ?? Number.NaN] as const);
  const other = puts.flatMap(({ name, peerValue }) =>
    peerValue === undefined ? [] : [[peerValue, p99Of(name)?.peerValue ?? Number.NaN] as const],
  );
  return [
    { name: 'Troupe', points: own },
    { name: puts[0]?.peer ?? 'peer', points: other },
  ];
}

/** The leader's processor time for a put against the number of members, watchers, keys, and the value's bytes. */
function growth(figures: readonly Figure[]): Series[] {
  return ['members', 'watchers', 'value bytes', 'keys'].map((what): Series => {
    const rows = figures.filter(({ name }) => name.startsWith(`growth: ${what} `) && name.endsWith('processor time'));
    return {
      name: what,
      points: rows.map(({ name, value }) => [amountOf(name), value] as const).sort(([a], [b]) => a - b),
    };
  });
}

interface Drawing {
  readonly file: string;
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly series: readonly Series[];
}

/**
 * One place of the page: what was measured of one kind, as a table with its plot. A run that measured nothing of it
 * leaves it as it is.
 */
function block(
  page: string,
  name: string,
  {
    figures,
    command,
    drawing,
  }: { readonly figures: readonly Figure[]; readonly command: string; readonly drawing?: Drawing },
): string {
  if (figures.length === 0) return page;
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from)
    throw new Error(`docs/store.md has no place for the ${name}: it must hold ${begin} and ${end}`);
  const lines = [begin, '', `Measured by \`${command}\` on ${machineFacts()}:`, '', table(figures), ''];
  if (drawing?.series.some(({ points }) => points.length > 0) === true) {
    writeFileSync(join(docs, drawing.file), plot(drawing, drawing.series));
    lines.push(`![${drawing.title}](${drawing.file})`, '');
  }
  return page.slice(0, from) + [...lines, end].join('\n') + page.slice(to + end.length);
}

/** Puts the figures of this run into docs/store.md, and draws what was measured. */
export function writeDocuments(figures: readonly Figure[], command: string): void {
  const file = join(docs, 'store.md');
  const [growing, large] = [/^growth: /, / keys of 1 KB: /].map((pattern) =>
    figures.filter(({ name }) => pattern.test(name)),
  );
  const compared = figures.filter((figure) => growing?.includes(figure) !== true && large?.includes(figure) !== true);
  let page = readFileSync(file, 'utf8');
  page = block(page, 'figures', {
    figures: compared,
    command,
    drawing: {
      file: 'store-throughput.svg',
      title: 'Puts of 256 B, synced: p99 against throughput',
      x: 'puts per second',
      y: 'p99 in ms',
      series: throughput(figures),
    },
  });
  page = block(page, 'growth', {
    figures: growing ?? [],
    command,
    drawing: {
      file: 'store-growth.svg',
      title: 'What a put costs the leader as one thing grows',
      x: 'how many',
      y: 'processor time, µs a put',
      series: growth(figures),
    },
  });
  page = block(page, 'large', { figures: large ?? [], command });
  writeFileSync(file, page);
}
