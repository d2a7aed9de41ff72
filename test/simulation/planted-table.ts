/** The table of planted bugs in docs/store.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { PlantedBug } from './planted-bugs.ts';

const page = new URL('../../docs/store.md', import.meta.url);
const [begin, end] = ['<!-- planted bugs: begin -->', '<!-- planted bugs: end -->'];
const columns = ['planted bug', 'what it breaks', 'found by', 'seed', 'seeds tried'];

/** How a planted bug was found. */
export interface Find {
  /** The type of the violation and the check that failed. */
  readonly check: string;
  readonly seed: number;
  /** Seeds run until it was found, that one included. */
  readonly tried: number;
}

export const wordsOf = ({ name }: PlantedBug): string => name.replaceAll('-', ' ');

/** A row of Markdown for each bug; a bug that was not found says so. */
export function plantedTable(rows: readonly { readonly bug: PlantedBug; readonly find: Find | undefined }[]): string {
  const cells = rows.map(({ bug, find }) => [
    wordsOf(bug),
    bug.breaks,
    find?.check ?? 'nothing',
    String(find?.seed ?? ''),
    String(find?.tried ?? ''),
  ]);
  return [columns, columns.map(() => '---'), ...cells].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function parts(): readonly [string, string, string] {
  const text = readFileSync(page, 'utf8');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from)
    throw new Error(`docs/store.md has no place for the planted bugs: it must hold ${begin} and ${end}`);
  return [text.slice(0, from + begin.length), text.slice(from + begin.length, to), text.slice(to)];
}

/** Puts the table of this run into docs/store.md. */
export function writePlantedTable(table: string, command: string): void {
  const [before, , after] = parts();
  writeFileSync(page, `${before}\n\nFound by \`${command}\`:\n\n${table}\n\n${after}`);
}

/** The rows of the table in docs/store.md, without its head. */
export function documentedRows(): readonly (readonly string[])[] {
  const lines = parts()[1]
    .split('\n')
    .filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}
