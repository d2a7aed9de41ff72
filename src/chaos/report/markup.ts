/** Pieces of HTML and SVG from values; text is escaped. */

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (character) => escapes[character] ?? '');

type Attributes = Readonly<Record<string, string | number>>;

/** An element; `inside` is markup already. */
export function element(name: string, attributes: Attributes, ...inside: readonly string[]): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(String(value))}"`);
  return `<${name}${written.join('')}>${inside.join('')}</${name}>`;
}

/** A table; its cells are markup already. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cell: string, cells: readonly string[]): string =>
    element('tr', {}, ...cells.map((each) => element(cell, {}, each)));
  return element(
    'table',
    {},
    element('thead', {}, row('th', head)),
    element('tbody', {}, ...rows.map((cells) => row('td', cells))),
  );
}
