/** The CEL tokenizer. */

/** A token of the language. Types are as messages show them: what is always written alike in quotes. */
export interface Token {
  readonly type: string;
  readonly text: string;
  /** Of its first character in the source. */
  readonly start: number;
}

/** Something that is no token. */
interface BadToken {
  readonly text: string;
  readonly start: number;
}

/** Types that messages name, in the order of cel-go's grammar, in which it lists what it expects. */
export const tokenTypes: readonly string[] = [
  "'=='",
  "'!='",
  "'in'",
  "'<'",
  "'<='",
  "'>='",
  "'>'",
  "'&&'",
  "'||'",
  "'['",
  "']'",
  "'{'",
  "'}'",
  "'('",
  "')'",
  "'.'",
  "','",
  "'-'",
  "'!'",
  "'?'",
  "':'",
  "'+'",
  "'*'",
  "'/'",
  "'%'",
  "'true'",
  "'false'",
  "'null'",
  'NUM_FLOAT',
  'NUM_INT',
  'NUM_UINT',
  'STRING',
  'BYTES',
  'IDENTIFIER',
  'ESC_IDENTIFIER',
  '<EOF>',
];

const keywords: ReadonlySet<string> = new Set(['in', 'true', 'false', 'null']);
const escape = String.raw`\\(?:[abfnrtv"'\\?\x60]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2})`;
const quoted = [
  String.raw`"""(?:${escape}|[^\\])*?"""`,
  String.raw`'''(?:${escape}|[^\\])*?'''`,
  String.raw`"(?:${escape}|[^\\"\n\r])*"`,
  String.raw`'(?:${escape}|[^\\'\n\r])*'`,
  String.raw`[rR]"""[^]*?"""`,
  String.raw`[rR]'''[^]*?'''`,
  String.raw`[rR]"[^"\n\r]*"`,
  String.raw`[rR]'[^'\n\r]*'`,
].join('|');
const exponent = String.raw`[eE][+-]?\d+`;

/** The first that matches is the longest. */
const patterns: readonly (readonly [type: string, pattern: RegExp])[] = [
  ['', /(?:[\t \r\n\f]+|\/\/[^\n]*)/y],
  ['BYTES', new RegExp(`[bB](?:${quoted})`, 'y')],
  ['STRING', new RegExp(`(?:${quoted})`, 'y')],
  ['NUM_FLOAT', new RegExp(String.raw`(?:\d+\.\d+(?:${exponent})?|\d+${exponent}|\.\d+(?:${exponent})?)`, 'y')],
  ['NUM_UINT', /(?:0x[0-9a-fA-F]+|\d+)[uU]/y],
  ['NUM_INT', /(?:0x[0-9a-fA-F]+|\d+)/y],
  ['IDENTIFIER', /[A-Za-z_]\w*/y],
  ['ESC_IDENTIFIER', /`[A-Za-z0-9_.\-/ ]+`/y],
  ["'", /(?:==|!=|<=|>=|&&|\|\||[<>[\]{}().,\-!?:+*/%])/y],
];

/** Reads all tokens of a source; invalid text is skipped and reported. */
export function tokensOf(source: string): { readonly tokens: readonly Token[]; readonly bad: readonly BadToken[] } {
  const tokens: Token[] = [];
  const bad: BadToken[] = [];
  let at = 0;
  while (at < source.length) {
    const token = tokenAt(source, at);
    if (token === undefined) {
      const text = source.slice(at, brokenEnd(source, at) + 1);
      bad.push({ text, start: at });
      at += text.length;
    } else {
      if (token.type !== '') tokens.push(token);
      at += token.text.length;
    }
  }
  return { tokens: [...tokens, { type: '<EOF>', text: '<EOF>', start: source.length }], bad };
}

function tokenAt(source: string, start: number): Token | undefined {
  for (const [type, pattern] of patterns) {
    pattern.lastIndex = start;
    const text = pattern.exec(source)?.[0];
    if (text !== undefined)
      return { type: type === "'" || (type === 'IDENTIFIER' && keywords.has(text)) ? `'${text}'` : type, text, start };
  }
  return undefined;
}

/** Where reading something that could have become a token ended: the character there belongs to what is left out. */
function brokenEnd(source: string, start: number): number {
  const opening = source[start] ?? '';
  if ('=&|'.includes(opening)) return start + 1;
  if (opening === '`') return start + 1 + (/^[A-Za-z0-9_.\-/ ]*/.exec(source.slice(start + 1))?.[0].length ?? 0);
  if (opening !== '"' && opening !== "'") return start;
  const inside = new RegExp(`^(?:${escape}|[^\\\\\\n\\r])*`).exec(source.slice(start + 1))?.[0].length ?? 0;
  const end = start + 1 + inside;
  return source[end] === '\\' ? end + 1 : end;
}
