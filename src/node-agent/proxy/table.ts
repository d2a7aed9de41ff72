/** A table of the packet filter as data, as the text that makes it, and as the text that turns one into another. */

/** A set or a verdict map. */
export interface TableSet {
  readonly kind: 'set' | 'map';
  /** Type, flags and sizes in nft's words, such as `type ipv4_addr`. */
  readonly definition: string;
  /** Each once, as nft writes it; a map's as `key : verdict`. Sets that rules fill (`flags dynamic`) name none. */
  readonly elements: readonly string[];
}

export interface TableChain {
  /** Where the kernel enters it, in nft's words; undefined: only other chains lead here. */
  readonly hook?: string | undefined;
  readonly rules: readonly string[];
}

/** All that one cluster has in the packet filter of a machine. */
export interface Table {
  /** Family and name, such as `ip troupe_home`. */
  readonly name: string;
  readonly sets: ReadonlyMap<string, TableSet>;
  readonly chains: ReadonlyMap<string, TableChain>;
}

/** The text for `nft -f -` that makes the table, in place of what has its name. Pure. */
export function tableText({ name, sets, chains }: Table): string {
  return [
    `add table ${name}`,
    `delete table ${name}`,
    `table ${name} {`,
    ...[...sets].map(([own, set]) => `  ${set.kind} ${own} ${definition(set)}`),
    ...[...chains].flatMap(([own, { hook, rules }]) => [
      `  chain ${own} {`,
      ...[...(hook === undefined ? [] : [hook]), ...rules].map((rule) => `    ${rule}`),
      '  }',
    ]),
    '}',
    '',
  ].join('\n');
}

const definition = ({ definition: type, elements }: TableSet): string =>
  `{ ${type}; ${elements.length === 0 ? '' : `elements = { ${elements.join(', ')} };`} }`;

/**
 * The text for `nft -f -` that turns one table into another of its name and leaves all else alone, what rules have
 * written into sets included; '' where nothing differs. The kernel takes it over in one transaction. Undefined where
 * only the whole table will do: a definition or a hook differs. Pure.
 */
export function tableChanges(before: Table, after: Table): string | undefined {
  if (before.name !== after.name || redefined(before, after)) return undefined;
  const { name } = after;
  const goneSets = missing(before.sets, after.sets);
  const goneChains = missing(before.chains, after.chains);
  // What is named has to be there, and what goes must not be named any more.
  const lines = [
    ...missing(after.sets, before.sets).map(([own, set]) => `add ${set.kind} ${name} ${own} ${definition(set)}`),
    ...missing(after.chains, before.chains).map(([own, { hook }]) =>
      [`add chain ${name} ${own}`, ...(hook === undefined ? [] : [`{ ${hook} }`])].join(' '),
    ),
    ...[...after.chains].flatMap(([own, chain]) => chainChanges(`${name} ${own}`, before.chains.get(own), chain)),
    ...[...after.sets].flatMap(([own, set]) => elementChanges(`${name} ${own}`, before.sets.get(own), set)),
    ...goneChains.map(([own]) => `flush chain ${name} ${own}`),
    ...goneChains.map(([own]) => `delete chain ${name} ${own}`),
    ...goneSets.map(([own, { kind }]) => `delete ${kind} ${name} ${own}`),
  ];
  return lines.length === 0 ? '' : [...lines, ''].join('\n');
}

function redefined(before: Table, after: Table): boolean {
  return (
    [...after.sets].some(([own, set]) => (before.sets.get(own)?.definition ?? set.definition) !== set.definition) ||
    [...after.chains].some(([own, { hook }]) => {
      const known = before.chains.get(own);
      return known !== undefined && known.hook !== hook;
    })
  );
}

const missing = <T>(of: ReadonlyMap<string, T>, there: ReadonlyMap<string, T>): readonly (readonly [string, T])[] =>
  [...of].filter(([own]) => !there.has(own));

function chainChanges(name: string, before: TableChain | undefined, { rules }: TableChain): readonly string[] {
  if (before !== undefined && sameTexts(before.rules, rules)) return [];
  return [...(before === undefined ? [] : [`flush chain ${name}`]), ...rules.map((rule) => `add rule ${name} ${rule}`)];
}

function elementChanges(name: string, before: TableSet | undefined, { elements }: TableSet): readonly string[] {
  if (before === undefined || sameTexts(before.elements, elements)) return [];
  const [had, wants] = differing(before.elements, elements);
  const [old, wanted] = [new Set(had), new Set(wants)];
  const gone = [...old].filter((element) => !wanted.has(element));
  const fresh = [...wanted].filter((element) => !old.has(element));
  return [
    ...(gone.length === 0 ? [] : [`delete element ${name} { ${gone.join(', ')} }`]),
    ...(fresh.length === 0 ? [] : [`add element ${name} { ${fresh.join(', ')} }`]),
  ];
}

/** Both lists without what they begin and end with alike: most of thousands of elements stay. */
function differing(one: readonly string[], other: readonly string[]): readonly [readonly string[], readonly string[]] {
  const shorter = Math.min(one.length, other.length);
  let head = 0;
  while (head < shorter && one[head] === other[head]) head++;
  let tail = 0;
  while (tail < shorter - head && one.at(-1 - tail) === other.at(-1 - tail)) tail++;
  return [one.slice(head, one.length - tail), other.slice(head, other.length - tail)];
}

const sameTexts = (one: readonly string[], other: readonly string[]): boolean =>
  one === other || (one.length === other.length && one.every((text, i) => text === other[i]));
