/** Kubernetes' JSONPath, for printer columns. */

import { isObject, Memo } from '../../base/index.ts';

type Step = (values: readonly unknown[]) => readonly unknown[];

/** Deep recursion (`..`) looks at no more values than this. */
const valuesMax = 10_000;

const paths = new Memo<string, readonly Step[]>({ bytesMax: 2 * 1024 * 1024 });

/**
 * The values at a path of client-go's JSONPath, `.status.conditions[?(@.type=="Ready")].status`; fields that are
 * missing give none. Knows fields, `['name']`, indices, slices, `*`, `..` and filters that compare with a literal.
 */
export function valuesAt(root: unknown, path: string): readonly unknown[] {
  let values: readonly unknown[] = [root];
  for (const step of paths.of(path, parse)) values = step(values).slice(0, valuesMax);
  return values;
}

const none: Step = () => [];

function parse(path: string): readonly Step[] {
  const steps: Step[] = [];
  let rest = path.replace(/^\$/, '');
  while (rest !== '' && rest !== '.') {
    const bracket = rest.startsWith('[') ? closing(rest) : -1;
    if (bracket > 0) {
      steps.push(bracketStep(rest.slice(1, bracket).trim()));
      rest = rest.slice(bracket + 1);
      continue;
    }
    const match = /^(\.\.|\.)?((?:\\.|[^.[\]\\])+)/.exec(rest);
    if (match === null) return [none];
    if (match[1] === '..') steps.push(descendants);
    steps.push(fieldStep((match[2] ?? '').replace(/\\(.)/g, '$1')));
    rest = rest.slice(match[0].length);
  }
  return steps;
}

/** The index of the bracket that closes the first one; quoted texts are passed over. */
function closing(text: string): number {
  let depth = 0;
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === '"' || character === "'") quote = character;
    else if (character === '[') depth++;
    else if (character === ']' && --depth === 0) return at;
  }
  return -1;
}

function fieldStep(name: string): Step {
  if (name === '*') return (values) => values.flatMap(membersOf);
  return (values) => values.flatMap((value) => (isObject(value) && Object.hasOwn(value, name) ? [value[name]] : []));
}

function membersOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value as unknown[];
  return isObject(value) ? Object.values(value) : [];
}

const descendants: Step = (values) => {
  const found: unknown[] = [];
  const visit = (value: unknown): void => {
    if (found.length >= valuesMax) return;
    found.push(value);
    for (const member of membersOf(value)) visit(member);
  };
  for (const value of values) visit(value);
  return found;
};

function bracketStep(text: string): Step {
  if (text === '*') return (values) => values.flatMap(membersOf);
  const quoted = /^(['"])(.*)\1$/.exec(text);
  if (quoted !== null) return fieldStep(quoted[2] ?? '');
  const filter = /^\?\s*\((.*)\)$/.exec(text);
  if (filter !== null) return filterStep(filter[1] ?? '');
  if (/^-?\d+$/.test(text))
    return (values) =>
      values.flatMap((value) =>
        Array.isArray(value) && value.at(Number(text)) !== undefined ? [value.at(Number(text)) as unknown] : [],
      );
  const slice = /^(-?\d*):(-?\d*)$/.exec(text);
  if (slice === null) return none;
  const [from, to] = [slice[1], slice[2]].map((bound) =>
    bound === undefined || bound === '' ? undefined : Number(bound),
  );
  return (values) => values.flatMap((value) => (Array.isArray(value) ? (value.slice(from, to) as unknown[]) : []));
}

function filterStep(text: string): Step {
  const match = /^\s*@(.*?)\s*(==|!=|<=|>=|<|>)\s*(.+?)\s*$/.exec(text);
  if (match === null) {
    const exists = /^\s*@(.*?)\s*$/.exec(text)?.[1];
    return exists === undefined
      ? none
      : (values) => values.flatMap(membersOf).filter((item) => valuesAt(item, exists).length > 0);
  }
  const [, path = '', operator = '', right = ''] = match;
  const literal = literalOf(right);
  return (values) =>
    values.flatMap(membersOf).filter((item) => valuesAt(item, path).some((left) => compares(left, operator, literal)));
}

function literalOf(text: string): unknown {
  const quoted = /^(['"])(.*)\1$/.exec(text);
  if (quoted !== null) return quoted[2];
  if (text === 'true' || text === 'false') return text === 'true';
  const number = Number(text);
  return Number.isNaN(number) ? text : number;
}

function compares(left: unknown, operator: string, right: unknown): boolean {
  if (operator === '==') return left === right;
  if (operator === '!=') return left !== right;
  if (typeof left !== typeof right || (typeof left !== 'number' && typeof left !== 'string')) return false;
  const [a, b] = [left as string, right as string];
  return operator === '<' ? a < b : operator === '<=' ? a <= b : operator === '>' ? a > b : a >= b;
}
