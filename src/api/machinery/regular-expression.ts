/** Regular expressions in the syntax of Go (RE2). */
import { RE2JS } from 're2js';
import { Memo } from '../../base/index.ts';

/**
 * Regular expressions of clients: Go's syntax (RE2), matched in time linear in the text, so that no pattern can hold
 * the server up (github.com/google/re2/wiki/Syntax). JavaScript's own backtrack without bound.
 */
export interface RegularExpression {
  /** Whether the pattern is found anywhere in the text. */
  test(text: string): boolean;
  /** What it finds, from the left, at most `max` times. */
  find(text: string, max: number): readonly string[];
}

const compiled = new Memo<string, RegularExpression | string>({ bytesMax: 2 * 1024 * 1024 });

/** The compiled pattern, or Go's text for why it is none. */
export function compilePattern(pattern: string): RegularExpression | string {
  return compiled.of(pattern, tryCompile);
}

function tryCompile(pattern: string): RegularExpression | string {
  try {
    const expression = RE2JS.compile(pattern);
    return {
      test: (text) => expression.test(text),
      find: (text, max) => {
        const matcher = expression.matcher(text);
        const found: string[] = [];
        while (found.length < max && matcher.find()) found.push(matcher.group() ?? '');
        return found;
      },
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
