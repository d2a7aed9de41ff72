/** Finds syntax errors and reports them in the words of cel-go's parser. */

import { reservedIdentifiers } from './reserved-words.ts';
import { type Token, tokensOf, tokenTypes } from './syntax-tokens.ts';

/** What is wrong with a source, and where. */
export interface SyntaxProblem {
  readonly text: string;
  readonly start: number;
}

/** An expression begins with one of these. */
const first = [
  "'['",
  "'{'",
  "'('",
  "'.'",
  "'-'",
  "'!'",
  "'true'",
  "'false'",
  "'null'",
  'NUM_FLOAT',
  'NUM_INT',
  'NUM_UINT',
  'STRING',
  'BYTES',
  'IDENTIFIER',
];
const relations = ["'=='", "'!='", "'in'", "'<'", "'<='", "'>='", "'>'"];
const calculations = ["'*'", "'/'", "'%'", "'+'", "'-'"];
/** What an expression may go on with. */
const onward = [...relations, ...calculations, "'&&'", "'||'", "'?'", "'['", "'.'"];
const names = ['IDENTIFIER', 'ESC_IDENTIFIER'];

/** How deep expressions may lie in each other, as in cel-go; the reader calls itself for each. */
const depthMax = 250;

/** Nothing can be reported about the rest of the source. */
class Lost extends Error {}

/**
 * Says what is wrong with the syntax of an expression as cel-go's parser does, which ANTLR makes from a grammar: a
 * token too much is skipped and one that is missing is thought of where the next one fits; what fits neither way ends
 * the reading.
 */
export function syntaxProblems(source: string): readonly SyntaxProblem[] {
  const { tokens, bad } = tokensOf(source);
  const reader = new Reader(source, tokens);
  try {
    reader.whole();
  } catch (error) {
    if (!(error instanceof Lost)) throw error;
  }
  return [
    ...bad.map(({ text, start }) => ({ text: `Syntax error: token recognition error at: '${shown(text)}'`, start })),
    ...reader.problems,
  ];
}

const shown = (text: string): string => text.replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t');

function listed(types: readonly string[]): string {
  const sorted = tokenTypes.filter((type) => types.includes(type));
  return sorted.length === 1 ? String(sorted[0]) : `{${sorted.join(', ')}}`;
}

class Reader {
  readonly problems: SyntaxProblem[] = [];
  readonly #source: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  /** Expressions within expressions. */
  #depth = 0;

  constructor(source: string, tokens: readonly Token[]) {
    this.#source = source;
    this.#tokens = tokens;
  }

  whole(): void {
    this.#expression(['<EOF>']);
    this.#take('<EOF>', []);
  }

  #peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)] as Token;
  }

  #is(types: readonly string[], ahead = 0): boolean {
    return types.includes(this.#peek(ahead).type);
  }

  #tell(text: string, start = this.#peek().start): void {
    this.problems.push({ text, start });
  }

  #lose(text: string, start?: number): never {
    this.#tell(`Syntax error: ${text}`, start);
    throw new Lost();
  }

  /** One of these comes next, perhaps behind a token too much. */
  #expect(types: readonly string[]): void {
    if (this.#is(types)) return;
    const { text } = this.#peek();
    if (!this.#is(types, 1)) this.#lose(`mismatched input '${shown(text)}' expecting ${listed(types)}`);
    this.#tell(`Syntax error: extraneous input '${shown(text)}' expecting ${listed(types)}`);
    this.#at += 1;
  }

  /** Takes a token; it may be missing where one of `behind` comes next. */
  #take(type: string, behind: readonly string[]): void {
    if (!this.#is([type]) && !this.#is([type], 1) && this.#is(behind)) {
      this.#tell(`Syntax error: missing ${type} at '${shown(this.#peek().text)}'`);
      return;
    }
    this.#expect([type]);
    this.#at += 1;
  }

  /** `closers`: what ends it. */
  #expression(closers: readonly string[]): void {
    this.#depth += 1;
    if (this.#depth > depthMax) {
      this.#tell(`expression recursion limit exceeded: ${depthMax}`);
      throw new Lost();
    }
    this.#operands(closers);
    if (this.#is(["'?'"])) {
      this.#at += 1;
      this.#operands(["':'"]);
      this.#take("':'", first);
      this.#expression(closers);
    }
    this.#depth -= 1;
  }

  #operands(closers: readonly string[]): void {
    this.#operand(closers);
    while (this.#is(["'&&'", "'||'", ...relations, ...calculations])) {
      this.#at += 1;
      this.#operand(closers);
    }
  }

  #operand(closers: readonly string[]): void {
    this.#expect(first);
    const sign = this.#peek().type;
    if (sign === "'!'" || sign === "'-'") while (this.#is([sign])) this.#at += 1;
    this.#expect(first);
    this.#primary([...closers, ...onward]);
    while (this.#is(["'.'", "'['"])) this.#member([...closers, ...onward]);
  }

  #member(behind: readonly string[]): void {
    if (this.#is(["'['"])) {
      this.#at += 1;
      this.#optional(["']'"], []);
      this.#take("']'", behind);
      return;
    }
    const optional = this.#is(["'?'"], 1) ? 1 : 0;
    if (!this.#is(names, optional + 1)) this.#notViable(optional + 1);
    this.#at += optional + 2;
    if (this.#is(["'('"])) this.#call(behind);
  }

  #notViable(ahead: number): never {
    const [from, to] = [this.#peek(), this.#peek(ahead)];
    const end = to.type === '<EOF>' ? to.start : to.start + to.text.length;
    const input = this.#source.slice(from.start, end).trimEnd();
    this.#lose(`no viable alternative at input '${shown(input)}'`, to.start);
  }

  #call(behind: readonly string[]): void {
    this.#at += 1;
    this.#expect([...first, "')'"]);
    if (!this.#is(["')'"]))
      this.#separated(() => {
        this.#expression(["','", "')'"]);
      });
    this.#take("')'", behind);
  }

  #separated(one: () => void): void {
    one();
    while (this.#is(["','"])) {
      this.#at += 1;
      one();
    }
  }

  #primary(behind: readonly string[]): void {
    const { type, text, start } = this.#peek();
    if (type === "'.'" && !this.#is(['IDENTIFIER'], 1)) this.#notViable(1);
    if (type === "'.'") this.#at += 1;
    this.#at += 1;
    if (type === "'('") {
      this.#expression(["')'"]);
      this.#take("')'", behind);
    } else if (type === "'['")
      this.#members("']'", behind, () => {
        this.#optional(["','", "']'"], []);
      });
    else if (type === "'{'")
      this.#members("'}'", behind, () => {
        this.#entry();
      });
    else if (type === 'IDENTIFIER' || type === "'.'") this.#named(text, start, behind);
  }

  #named(name: string, start: number, behind: readonly string[]): void {
    if (reservedIdentifiers.has(name)) this.#tell(`reserved identifier: ${name}`, start);
    let ahead = 0;
    while (this.#is(["'.'"], ahead) && this.#is(['IDENTIFIER'], ahead + 1)) ahead += 2;
    if (this.#is(["'{'"], ahead)) {
      this.#at += ahead + 1;
      this.#members("'}'", behind, () => {
        this.#entry();
      });
    } else if (this.#is(["'('"])) this.#call(behind);
  }

  /** The members of a list or a map, behind its opening. */
  #members(close: string, behind: readonly string[], one: () => void): void {
    this.#expect([...first, "'?'", "','", close]);
    if (!this.#is(["','", close])) {
      one();
      while (this.#is(["','"]) && !this.#is([close], 1)) {
        this.#at += 1;
        one();
      }
      this.#expect(["','", close]);
    }
    if (this.#is(["','"])) this.#at += 1;
    this.#take(close, behind);
  }

  #entry(): void {
    this.#optional(["':'"], names);
    this.#take("':'", first);
    this.#expression(["','", "'}'"]);
  }

  /** An expression that may be marked as optional. */
  #optional(closers: readonly string[], also: readonly string[]): void {
    this.#expect([...first, "'?'", ...also]);
    if (this.#is(["'?'"])) this.#at += 1;
    this.#expression(closers);
  }
}
