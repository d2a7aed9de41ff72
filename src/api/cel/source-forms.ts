/** Rewrites syntax that the CEL package does not parse into syntax that it does. */

/** An expression spelt without the forms that the package does not read. */
export interface PlainSource {
  readonly text: string;
  /** Names of the types whose objects are written out. */
  readonly objects: readonly string[];
  /** Where a character of the text stands in the source. */
  readonly placeOf: (at: number) => number;
}

/** What `Type{field: value}` becomes: a call with the name, the fields as a map and the places of optional ones. */
export const objectLiteral = 'objectLiteral';

type TokenType = 'name' | 'literal' | 'mark';

interface Token {
  readonly type: TokenType;
  readonly text: string;
  readonly at: number;
}

const longText = /"""(?:\\[^]|[^\\])*?"""|'''(?:\\[^]|[^\\])*?'''/.source;
const shortText = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/.source;
const literal = String.raw`[bBrR]{0,2}(?:${longText}|${shortText})|\d[\w.]*`;
const tokens = new RegExp(String.raw`\s+|//[^\n]*|(?<literal>${literal})|(?<name>[A-Za-z_]\w*)|(?<mark>[^])`, 'gy');

function tokensOf(source: string): readonly Token[] {
  const found: Token[] = [];
  for (const { groups, index, 0: text } of source.matchAll(tokens)) {
    const type = (['literal', 'name', 'mark'] as const).find((one) => groups?.[one] !== undefined);
    if (type !== undefined) found.push({ type, text, at: index });
  }
  return found;
}

/** A bracket that is open. */
interface Open {
  readonly kind: 'object' | 'entries' | 'other';
  /** Where its text begins among the pieces. */
  readonly piece: number;
  /** The entry that is being read, and those that are optional. */
  entry: number;
  readonly optional: number[];
}

const needsCare = /[[{,]\s*\?|[\w.]\s*\{/;
const closing: ReadonlySet<string> = new Set([')', ']', '}']);

/** Whether what stands before a bracket is a value, so that the bracket selects from it. */
const isValue = (token: Token | undefined): boolean =>
  token !== undefined &&
  (token.type === 'literal' || (token.type === 'name' && token.text !== 'in') || closing.has(token.text));

/**
 * Spells objects that are written out and optional entries of lists, maps and objects as calls:
 * `Object.spec{?a: b}` becomes `objectLiteral("Object.spec", {"a": b}, "0")`, `[?a, b]` becomes
 * `withOptionalEntries([a, b], "0")`.
 */
export function plainSource(source: string, optionalEntries: string): PlainSource {
  return needsCare.test(source)
    ? new Spelling(source, optionalEntries).done()
    : { text: source, objects: [], placeOf: (at) => at };
}

class Spelling {
  readonly #source: string;
  readonly #optionalEntries: string;
  readonly #tokens: readonly Token[];
  readonly #pieces: { text: string; at: number }[] = [];
  readonly #open: Open[] = [];
  readonly #objects: string[] = [];
  /** Where the source has been taken over to. */
  #taken = 0;

  constructor(source: string, optionalEntries: string) {
    this.#source = source;
    this.#optionalEntries = optionalEntries;
    this.#tokens = tokensOf(source);
  }

  done(): PlainSource {
    for (let index = 0; index < this.#tokens.length; index++) this.#read(index);
    this.#take(this.#source.length);
    return {
      text: this.#pieces.map(({ text }) => text).join(''),
      objects: this.#objects,
      placeOf: (at) => this.#placeOf(at),
    };
  }

  #read(index: number): void {
    const token = this.#tokens[index];
    if (token?.type !== 'mark') return;
    if (token.text === '{' && this.#tokens[index - 1]?.type === 'name' && this.#tokens[index - 1]?.text !== 'in')
      this.#openObject(index, token);
    else if (token.text === '{' || token.text === '(' || (token.text === '[' && isValue(this.#tokens[index - 1])))
      this.#opened(token.text === '{' ? 'entries' : 'other', token.at);
    else if (token.text === '[') this.#opened('entries', token.at);
    else if (closing.has(token.text)) this.#close(token);
    const open = this.#open.at(-1);
    if (token.text === ',' && open !== undefined) open.entry += 1;
    if (open !== undefined && open.kind !== 'other' && '{[,'.includes(token.text)) this.#beginEntry(index + 1, open);
  }

  #opened(kind: Open['kind'], at: number): void {
    this.#take(at);
    this.#open.push({ kind, piece: this.#pieces.length, entry: 0, optional: [] });
  }

  /** The name before the brace moves into the call. */
  #openObject(index: number, { at }: Token): void {
    let first = index - 1;
    while (this.#tokens[first - 1]?.text === '.' && this.#tokens[first - 2]?.type === 'name') first -= 2;
    const name = this.#tokens
      .slice(first, index)
      .map(({ text }) => text)
      .join('');
    const start = this.#tokens[first]?.at ?? at;
    this.#take(start);
    this.#objects.push(name);
    this.#put(`${objectLiteral}(${JSON.stringify(name)}, `, start);
    this.#taken = at;
    this.#open.push({ kind: 'object', piece: this.#pieces.length, entry: 0, optional: [] });
  }

  /** Drops a question mark, and puts the name of an object's field into quotes. */
  #beginEntry(index: number, open: Open): void {
    let token = this.#tokens[index];
    if (token?.text === '?') {
      open.optional.push(open.entry);
      this.#take(token.at);
      this.#taken = token.at + 1;
      token = this.#tokens[index + 1];
    }
    if (open.kind !== 'object' || token?.type !== 'name') return;
    this.#take(token.at);
    this.#put(JSON.stringify(token.text), token.at);
    this.#taken = token.at + token.text.length;
  }

  #close({ at }: Token): void {
    const open = this.#open.pop();
    if (open === undefined || open.kind === 'other' || (open.kind === 'entries' && open.optional.length === 0)) return;
    this.#take(at + 1);
    const start = this.#pieces[open.piece]?.at ?? at;
    if (open.kind === 'entries') this.#pieces.splice(open.piece, 0, { text: `${this.#optionalEntries}(`, at: start });
    this.#put(`, ${JSON.stringify(open.optional.join(','))})`, at);
  }

  #put(text: string, at: number): void {
    this.#pieces.push({ text, at });
  }

  #take(to: number): void {
    if (to > this.#taken) this.#put(this.#source.slice(this.#taken, to), this.#taken);
    this.#taken = Math.max(to, this.#taken);
  }

  #placeOf(at: number): number {
    let before = 0;
    for (const piece of this.#pieces) {
      const within = at - before;
      if (within < piece.text.length)
        return this.#source.startsWith(piece.text, piece.at) ? piece.at + within : piece.at;
      before += piece.text.length;
    }
    return this.#source.length;
  }
}
