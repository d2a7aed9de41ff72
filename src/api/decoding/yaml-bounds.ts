/** Weighs a YAML text in one cheap pass, before the parser sees it. */
import { limits } from '../../base/index.ts';
import { ExcessError, type ExcessReason } from '../machinery/index.ts';

/** How much of a YAML text is parsed in one go. */
export interface YamlBounds {
  /** Characters of the text. */
  readonly charactersMax: number;
  /** Characters that can end or begin a token. The parser's work grows with them, at up to 50 µs each. */
  readonly marksMax: number;
  /** Open brackets and braces at a time; the parser's work grows with the square of them. */
  readonly nestingMax: number;
  /** Anchors and aliases: each alias searches the document for its anchor. */
  readonly aliasesMax: number;
}

/** What the event loop parses itself: 40 ms at worst. */
export const briefYaml: YamlBounds = {
  charactersMax: limits.yamlBriefCharactersMax,
  marksMax: limits.yamlBriefMarksMax,
  nestingMax: 64,
  aliasesMax: 100,
};

/** What a worker thread parses. Nesting ends where that of JSON does. */
export const longYaml: YamlBounds = {
  charactersMax: limits.requestBytesMax,
  marksMax: limits.yamlMarksMax,
  nestingMax: 1000,
  aliasesMax: 1000,
};

/** 1 for the codes of the characters. */
const among = (characters: string): Uint8Array =>
  Uint8Array.from({ length: 128 }, (_, code) => (characters.includes(String.fromCharCode(code)) ? 1 : 0));
const isMark = among('[]{},:-?&*!|>\'"#%\n\r');
const isFlow = among('[]{},');

interface Weight {
  marks: number;
  nesting: number;
  aliases: number;
}

/**
 * Why a text is over the bounds; undefined when it is within them. What stands in quotes or in a block of text counts
 * too: the pass knows no grammar.
 */
export function yamlExcess(text: string, bounds: YamlBounds): ExcessError | undefined {
  const { charactersMax, marksMax, nestingMax, aliasesMax } = bounds;
  if (text.length > charactersMax)
    return over('bytes', `the text has ${text.length} characters, the limit is ${charactersMax}`);
  const weight: Weight = { marks: 0, nesting: 0, aliases: 0 };
  let open = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code > 127 || isMark[code] === 0 || isInsideWord(code, text.charCodeAt(at + 1))) continue;
    weight.marks += 1;
    if (code === 0x26 || code === 0x2a) weight.aliases += isAnchor(text, at) ? 1 : 0;
    else if (code === 0x5b || code === 0x7b) weight.nesting = Math.max(weight.nesting, (open += 1));
    else if (code === 0x5d || code === 0x7d) open = Math.max(0, open - 1);
  }
  if (weight.nesting > nestingMax) return over('depth', `brackets are nested more than ${nestingMax} deep`);
  if (weight.aliases > aliasesMax)
    return over('copies', `the text has ${weight.aliases} anchors and aliases, the limit is ${aliasesMax}`);
  if (weight.marks > marksMax)
    return over('values', `the text has ${weight.marks} lines and marks, the limit is ${marksMax}`);
  return undefined;
}

const over = (reason: ExcessReason, message: string): ExcessError => new ExcessError('yaml', reason, message);

/** A dash, a colon or a question mark is a mark before a space, a flow indicator or the end of the text. */
function isInsideWord(code: number, next: number): boolean {
  if (code !== 0x2d && code !== 0x3a && code !== 0x3f) return false;
  return next > 0x20 && (next > 127 || isFlow[next] === 0);
}

/** An anchor or an alias begins after a space or a mark, and has a name. */
function isAnchor(text: string, at: number): boolean {
  const [before, after] = [text.charCodeAt(at - 1), text.charCodeAt(at + 1)];
  return (at === 0 || before <= 0x20 || isMark[before] === 1) && after > 0x20;
}
