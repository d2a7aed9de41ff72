/** Looks items of lists up by their keys, so that work on a list grows with its length alone. */

/** A value that is the same, as a key of a Map, for JSON values that are equal, whatever the order of their members. */
export function comparable(key: unknown): unknown {
  if (typeof key === 'string') return `s${key}`;
  return typeof key === 'object' && key !== null ? `o${sortedText(key)}` : key;
}

/** The first position of each key, by what makes it comparable. */
export function firstPositions(keys: readonly unknown[]): ReadonlyMap<unknown, number> {
  const positions = new Map<unknown, number>();
  keys.forEach((key, position) => {
    const known = comparable(key);
    if (!positions.has(known)) positions.set(known, position);
  });
  return positions;
}

function sortedText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedText).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  members.sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${sortedText(member)}`).join(',')}}`;
}
