/** Measures that read one file's text: width, blunt casts, conditional spreads, the first sentence. */
import type { SourceFile } from './source-files.ts';

const widthMax = 120;

function places(source: SourceFile, pattern: RegExp): readonly string[] {
  return [...source.text.matchAll(pattern)].map(({ index }) => {
    const line = source.text.slice(0, index).split('\n').length;
    return `${source.file}:${line}`;
  });
}

/** Each line that is longer than the house allows; data tables and generated files may be. */
export function wideLines(source: SourceFile): readonly string[] {
  if (source.isData) return [];
  return source.text.split('\n').flatMap((line, i) => (line.length > widthMax ? [`${source.file}:${i + 1}`] : []));
}

export function casts(source: SourceFile): readonly string[] {
  return places(source, /\bas unknown as\b/g);
}

/** `...(x === undefined ? {} : { x })` and its mirror: an optional field that says `| undefined` needs none. */
export function conditionalSpreads(source: SourceFile): readonly string[] {
  return [...source.text.matchAll(/\.\.\.\(/g)].flatMap(({ index }) => {
    const inside = parenthesised(source.text, index + '...'.length);
    if (!/\bundefined\b[^{}]*\?\s*\{\s*\}\s*:|!== undefined\b[^{}]*\?[\s\S]*:\s*\{\s*\}\s*$/.test(inside)) return [];
    return [`${source.file}:${source.text.slice(0, index).split('\n').length}`];
  });
}

/** What stands between the parenthesis at `start` and its partner. */
function parenthesised(text: string, start: number): string {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    if (text[at] === '(') depth += 1;
    if (text[at] === ')') depth -= 1;
    if (depth === 0) return text.slice(start + 1, at);
  }
  return text.slice(start + 1);
}

/**
 * A module begins with a sentence about itself, in a doc comment that an import or a blank line divides from the first
 * code.
 */
export function firstSentenceMissing(source: SourceFile): readonly string[] {
  const comment = /^(?:#!.*\n)?\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n/.exec(source.text);
  const after = source.text.slice(comment?.[0].length ?? 0);
  const divided = /^(\n|import |export \{|export \* |export type \{|export default |'use )/.test(after);
  const sentence = /^\s*\S+ \S[^]*[.:]/.test(comment?.[1]?.replaceAll('\n *', '') ?? '');
  return divided && sentence ? [] : [source.file];
}
