/** YAML as Kubernetes writes it. */
import { atOnce, Pace, type Steps } from '../../base/index.ts';
import { plainStringIsText, scalarAnalysis } from './yaml-scalar.ts';

/**
 * YAML as Kubernetes writes it (the conventions of its YAML library): keys in natural order, lists at the indentation
 * of their key, texts plain where they read back as texts, else in double quotes; several lines as a literal block.
 */
export function yamlText(value: unknown): string {
  return atOnce(yamlSteps(value));
}

/** Lines of one step: each takes some 10 µs. */
const linesMax = 1_000;

interface Text {
  readonly lines: string[];
  readonly pace: Pace;
}

/** The same in steps. */
export function* yamlSteps(value: unknown): Steps<string> {
  const text: Text = { lines: [], pace: new Pace(linesMax) };
  if (isFilledObject(value)) yield* writeMap(text, value, '');
  else if (Array.isArray(value) && value.length > 0) yield* writeList(text, value, '');
  else text.lines.push(scalar(value, ''));
  return `${text.lines.join('\n')}\n`;
}

type Fields = Readonly<Record<string, unknown>>;

function isFilledObject(value: unknown): value is Fields {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).some((field) => field !== undefined)
  );
}

function* writeMap(text: Text, value: Fields, indent: string, first = indent): Steps<undefined> {
  const { lines, pace } = text;
  let lead = first;
  for (const key of Object.keys(value)
    .filter((name) => value[name] !== undefined)
    .sort(naturalOrder)) {
    if (pace.isDue(1)) yield;
    const field = value[key];
    const head = `${lead}${keyText(key)}:`;
    lead = indent;
    if (isFilledObject(field)) {
      lines.push(head);
      yield* writeMap(text, field, `${indent}  `);
    } else if (Array.isArray(field) && field.length > 0) {
      lines.push(head);
      yield* writeList(text, field, indent);
    } else lines.push(`${head} ${scalar(field, `${indent}  `)}`);
  }
  return undefined;
}

function* writeList(text: Text, items: readonly unknown[], indent: string, first = indent): Steps<undefined> {
  const { lines, pace } = text;
  let lead = first;
  for (const item of items) {
    if (pace.isDue(1)) yield;
    const head = `${lead}- `;
    lead = indent;
    if (isFilledObject(item)) yield* writeMap(text, item, `${indent}  `, head);
    else if (Array.isArray(item) && item.length > 0) yield* writeList(text, item, `${indent}  `, head);
    else lines.push(`${head}${scalar(item, `${indent}  `)}`);
  }
  return undefined;
}

function keyText(key: string): string {
  return key.includes('\n') ? doubleQuoted(key) : lineText(key);
}

function scalar(value: unknown, indent: string): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'boolean' || typeof value === 'number') return String(value);
  if (typeof value !== 'string') return Array.isArray(value) ? '[]' : '{}';
  return value.includes('\n') ? blockText(value, indent) : lineText(value);
}

function lineText(text: string): string {
  if (!plainStringIsText(text)) return doubleQuoted(text);
  const { plain, single } = scalarAnalysis(text);
  if (plain) return text;
  return single ? `'${text.replaceAll("'", "''")}'` : doubleQuoted(text);
}

function blockText(text: string, indent: string): string {
  if (!scalarAnalysis(text).block) return doubleQuoted(text);
  const leading = /^[ \n]/.test(text) ? '2' : '';
  const chomping = !text.endsWith('\n') ? '-' : text === '\n' || text.endsWith('\n\n') ? '+' : '';
  const body = (text.endsWith('\n') ? text.slice(0, -1) : text)
    .split('\n')
    .map((line) => (line === '' ? '' : `${indent}${line}`));
  return `|${leading}${chomping}\n${body.join('\n')}`;
}

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\t': '\\t',
  '\r': '\\r',
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\v': '\\v',
  '\f': '\\f',
  '\x1b': '\\e',
  '\x85': '\\N',
  '\u2028': '\\L',
  '\u2029': '\\P',
};

function doubleQuoted(text: string): string {
  // Everything that is not printable is escaped, by name where YAML has one.
  const escaped = text.replace(
    /["\\]|[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]/gu,
    (character) => {
      const code = character.codePointAt(0) ?? 0;
      if (code > 0xffff) return character;
      return (
        escapes[character] ??
        (code < 0x100
          ? `\\x${code.toString(16).toUpperCase().padStart(2, '0')}`
          : `\\u${code.toString(16).toUpperCase().padStart(4, '0')}`)
      );
    },
  );
  return `"${escaped}"`;
}

const isDigit = (character: string | undefined): boolean =>
  character !== undefined && character >= '0' && character <= '9';
const isLetter = (character: string): boolean => /\p{L}/u.test(character);

/** Runs of digits compare as numbers, and what is no letter stands before letters. */
function naturalOrder(left: string, right: string): number {
  for (let i = 0; i < left.length && i < right.length; i++) {
    const [a, b] = [left[i] ?? '', right[i] ?? ''];
    if (a === b) continue;
    const [aLetter, bLetter] = [isLetter(a), isLetter(b)];
    if (aLetter && bLetter) return a < b ? -1 : 1;
    if (aLetter || bLetter) return isDigit(left[i - 1]) ? (aLetter ? -1 : 1) : bLetter ? -1 : 1;
    const [aRun, bRun] = [/^\d*/.exec(left.slice(i))?.[0] ?? '', /^\d*/.exec(right.slice(i))?.[0] ?? ''];
    if (Number(aRun) !== Number(bRun)) return Number(aRun) - Number(bRun);
    if (aRun.length !== bRun.length) return aRun.length - bRun.length;
    return a < b ? -1 : 1;
  }
  return left.length - right.length;
}
