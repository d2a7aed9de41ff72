import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Figure, machineFacts, table } from '../figures.ts';
import { plot, type Series } from '../plot.ts';

const docs = join(import.meta.dirname, '../../docs');
const [begin, end] = ['<!-- figures: begin -->', '<!-- figures: end -->'];

const amountOf = (name: string): number => Number(/(\d+)(?=$|,)/.exec(name)?.[1] ?? Number.NaN);

/** Throughput against p99 for each number of clients, ours and the peer's. */
function throughput(figures: readonly Figure[]): Series[] {
  const puts = figures.filter(({ name }) => /^puts, \d+ clients$/.test(name));
  const p99Of = (name: string): Figure | undefined => figures.find((figure) => figure.name === `${name}, p99`);
  const own = puts.map(({ name, value }) => [value, p99Of(name)?.value ?? Number.NaN] as const);
  const other = puts.flatMap(({ name, peerValue }) => (peerValue === undefined ? [] : [[peerValue, p99Of(name)?.peerValue ?? Number.NaN] as const]));
  return [{ name: 'Troupe', points: own }, { name: puts[0]?.peer ?? 'peer', points: other }];
}

/** The leader's processor time for a put against the number of members, watchers, keys, and the value's bytes. */
function growth(figures: readonly Figure[]): Series[] {
  return ['members', 'watchers', 'value bytes', 'keys'].map((what): Series => {
    const rows = figures.filter(({ name }) => name.startsWith(`growth: ${what} `) && name.endsWith('processor time'));
    return { name: what, points: rows.map(({ name, value }) => [amountOf(name), value] as const).sort(([a], [b]) => a - b) };
  });
}

/** Puts the figures of this run into docs/store.md, and draws what was measured. */
export function writeDocuments(figures: readonly Figure[], command: string): void {
  const page = join(docs, 'store.md');
  const before = readFileSync(page, 'utf8');
  const [from, to] = [before.indexOf(begin), before.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${page} has no place for the figures: it must hold ${begin} and ${end}`);
  const pictures: string[] = [];
  const draw = (file: string, title: { readonly title: string; readonly x: string; readonly y: string }, series: readonly Series[]): void => {
    if (series.every(({ points }) => points.length === 0)) return;
    writeFileSync(join(docs, file), plot(title, series));
    pictures.push(`![${title.title}](${file})`);
  };
  draw('store-throughput.svg', { title: 'Puts of 256 B, synced: p99 against throughput', x: 'puts per second', y: 'p99 in ms' }, throughput(figures));
  draw('store-growth.svg', { title: 'What a put costs the leader as one thing grows', x: 'how many', y: 'processor time, µs a put' }, growth(figures));
  const block = [begin, '', `Measured by \`${command}\` on ${machineFacts()}:`, '', table(figures), '', ...pictures.flatMap((picture) => [picture, '']), end].join('\n');
  writeFileSync(page, before.slice(0, from) + block + before.slice(to + end.length));
}
