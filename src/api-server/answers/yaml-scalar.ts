/**
 * Which ways of writing a YAML scalar keep a text what it is. Follows libyaml's analysis and the resolution of YAML
 * 1.1.
 */

const words = new Set([
  '',
  '~',
  '<<',
  ...['y', 'n', 'yes', 'no', 'on', 'off', 'true', 'false', 'null'].flatMap((word) => [
    word,
    word.toUpperCase(),
    `${word[0]?.toUpperCase() ?? ''}${word.slice(1)}`,
  ]),
]);
const specialNumber = /^([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$/;
const integer = /^[-+]?(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|[1-9][0-9]*|0)$/;
const float = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const sexagesimal = /^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$/;
const timestamp = /^\d{4}-\d{1,2}-\d{1,2}([Tt ]\d{1,2}:\d{1,2}:\d{1,2}(\.\d+)?(Z|[-+]\d{2}:\d{2})?)?$/;

/** Whether a reader takes the text for a text when nothing is around it. */
export function plainStringIsText(text: string): boolean {
  if (words.has(text)) return false;
  const first = text[0] ?? '';
  if (!/[-+.0-9]/.test(first)) return true;
  const digits = text.replaceAll('_', '');
  return !(
    specialNumber.test(text) ||
    integer.test(digits) ||
    float.test(digits) ||
    sexagesimal.test(text) ||
    timestamp.test(text)
  );
}

interface ScalarAnalysis {
  readonly plain: boolean;
  /** In single quotes. */
  readonly single: boolean;
  /** As a literal block. */
  readonly block: boolean;
}

const indicators = new Set('#,[]{}&*!|>\'"%@`');

export function scalarAnalysis(text: string): ScalarAnalysis {
  const special = /[^\n\x20-\x7e\xa0-\u2027\u202a-\ufefe\uff00-\ufffd]/.test(text);
  const spaceBeforeBreak = / \n/.test(text);
  const breakBeforeSpace = /\n /.test(text);
  const edges = /^[ \n]|[ \n]$/.test(text);
  const single = !(breakBeforeSpace || spaceBeforeBreak || special);
  return {
    plain: single && !edges && !text.includes('\n') && !hasIndicator(text),
    single,
    block: !(text.endsWith(' ') || spaceBeforeBreak || special),
  };
}

/** A character at a place where it would mean something to YAML. */
function hasIndicator(text: string): boolean {
  const first = text[0] ?? '';
  const beforeSpace = text.length === 1 || text[1] === ' ';
  if (indicators.has(first) || text.startsWith('---') || text.startsWith('...')) return true;
  if ((first === '-' || first === '?' || first === ':') && beforeSpace) return true;
  return text.includes(': ') || text.endsWith(':') || text.includes(' #');
}
