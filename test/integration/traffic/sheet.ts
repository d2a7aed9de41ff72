/** The table that a run prints: a row for what is asked for, a column for each place that asks. */
import type { Cell } from './cells.ts';
import { places } from './paths.ts';

const legend = [
  "a+b both answer   a|b one of them, always the same   = the pod sees the asker's own address   ~ a machine's",
  '× refused at once   · cannot be (listed below)   ! differs (listed below)',
  'settings: external and internal traffic policy (Cluster, Local), session affinity (a)',
].join('\n');

/** What the cell expects, and a mark where it differed. */
function textOf(cell: Cell, differs: boolean): string {
  const { pods, seen } = cell.expected;
  const whom = pods.join(cell.one ? '|' : '+');
  const marks = [...new Set(pods.map((pod) => (seen(pod) === 'own' ? '=' : '~')))].join('');
  return `${pods.length === 0 ? '×' : `${whom}${marks}`}${differs ? '!' : ''}`;
}

/** `differing`: the ids of the cells that are not as expected. Rows that look alike are one. */
export function sheet(cells: readonly Cell[], differing: ReadonlySet<string>): string {
  const rows = new Map<string, { readonly cell: Cell; readonly texts: Map<string, string> }>();
  for (const cell of cells) {
    const protocol = cell.probe.protocol;
    const key = `${cell.to} ${cell.behind} ${cell.settings} ${protocol}`;
    const row = rows.get(key) ?? { cell, texts: new Map<string, string>() };
    rows.set(key, row);
    row.texts.set(cell.place.name, textOf(cell, differing.has(cell.probe.id)));
  }
  const alike = new Map<string, { readonly head: readonly string[]; readonly how: Map<string, Set<string>> }>();
  for (const { cell, texts } of rows.values()) {
    const columns = places.map(({ name }) => texts.get(name) ?? '·');
    const key = [cell.to, cell.behind, ...columns].join('\t');
    const row = alike.get(key) ?? { head: [cell.to, cell.behind, ...columns], how: new Map<string, Set<string>>() };
    alike.set(key, row);
    const protocols = row.how.get(cell.settings) ?? new Set<string>();
    row.how.set(cell.settings, protocols.add(cell.probe.protocol));
  }
  const lines = [...alike.values()].map(({ head: [to = '', behind = '', ...columns], how }) => {
    const settings = [...how.keys()].join(' ');
    const protocols = [...new Set([...how.values()].map((each) => [...each].join('/')))].join(' ');
    return [to, behind, protocols, ...columns, settings];
  });
  const head = ['to', 'endpoints', 'by', ...places.map(({ name }) => name), 'settings'];
  const widths = head.map((title, i) => Math.max(title.length, ...lines.map((line) => line[i]?.length ?? 0)));
  const show = (line: readonly string[]): string =>
    line
      .map((text, i) => text.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  return [legend, show(head), ...lines.map(show)].join('\n');
}
