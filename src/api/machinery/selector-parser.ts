/** Parses the text form of label selectors. */
import { limits } from '../../base/index.ts';
import { ExcessError } from './excess.ts';
import { aggregateText, type FieldError, fieldErrorText, invalid } from './field-error.ts';
import type { Requirement, Selector, SelectorOperator } from './label-selector.ts';
import { labelValue, qualifiedName } from './names.ts';
import { badRequest } from './status-errors.ts';

/** Carries a parse failure's text up to `parseLabelSelector`, which makes the Status of it. */
class SelectorSyntaxError extends Error {
  override readonly name = 'SelectorSyntaxError';
}

type TokenType =
  | 'end'
  | 'identifier'
  | 'error'
  | ')'
  | ','
  | '!'
  | '=='
  | '='
  | '>'
  | 'in'
  | '!='
  | 'notin'
  | '('
  | '<';
interface Token {
  readonly type: TokenType;
  readonly text: string;
}

const symbols: ReadonlySet<string> = new Set([')', ',', '!', '==', '=', '>', '!=', '(', '<']);
const isSymbol = (character: string): boolean => '=!(),><'.includes(character);
const isSpace = (character: string): boolean => ' \t\r\n'.includes(character);

function tokens(text: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const character = text.charAt(at);
    if (isSpace(character)) {
      at++;
      continue;
    }
    const token = isSymbol(character) ? symbolAt(text, at) : wordAt(text, at);
    found.push(token);
    at += token.text.length;
  }
  return [...found, { type: 'end', text: '' }];
}

function symbolAt(text: string, at: number): Token {
  const two = text.slice(at, at + 2);
  const symbol = symbols.has(two) ? two : text.charAt(at);
  return { type: symbol as TokenType, text: symbol };
}

function wordAt(text: string, at: number): Token {
  let end = at;
  while (end < text.length && !isSymbol(text.charAt(end)) && !isSpace(text.charAt(end))) end++;
  const word = text.slice(at, end);
  return { type: word === 'in' || word === 'notin' ? word : 'identifier', text: word };
}

/** Reads tokens. Where values may stand, the words `in` and `notin` are ordinary identifiers. */
interface Reader {
  peek(): Token;
  next(): Token;
  nextOperator(): Token;
}

function readerOf(text: string): Reader {
  const all = tokens(text);
  const end: Token = { type: 'end', text: '' };
  let at = 0;
  const asValue = (token: Token): Token =>
    token.type === 'in' || token.type === 'notin' ? { type: 'identifier', text: token.text } : token;
  return {
    peek: () => asValue(all[at] ?? end),
    next: () => asValue(all[at++] ?? end),
    nextOperator: () => all[at++] ?? end,
  };
}

/** Parses the text form of a label selector, as `?labelSelector=` carries it. Throws 400 with upstream's message. */
export function parseLabelSelector(text: string): Selector {
  try {
    if (text.length > limits.selectorCharactersMax) tooLong(`${limits.selectorCharactersMax} characters`);
    return requirementsOf(readerOf(text));
  } catch (error) {
    if (error instanceof SelectorSyntaxError) throw badRequest(error.message, error);
    throw error;
  }
}

function requirementsOf(reader: Reader): Requirement[] {
  const requirements: Requirement[] = [];
  let values = 0;
  for (;;) {
    const first = reader.peek();
    if (first.type === 'end') return requirements;
    if (first.type !== 'identifier' && first.type !== '!')
      throw new SelectorSyntaxError(`found '${first.text}', expected: !, identifier, or 'end of string'`);
    const requirement = requirementOf(reader);
    requirements.push(requirement);
    values += requirement.values.length;
    if (requirements.length > limits.selectorTermsMax) tooLong(`${limits.selectorTermsMax} terms`);
    if (values > limits.selectorValuesMax) tooLong(`${limits.selectorValuesMax} values`);
    const separator = reader.next();
    if (separator.type === 'end') return requirements;
    if (separator.type !== ',')
      throw new SelectorSyntaxError(`found '${separator.text}', expected: ',' or 'end of string'`);
    const following = reader.peek();
    if (following.type !== 'identifier' && following.type !== '!')
      throw new SelectorSyntaxError(`found '${following.text}', expected: identifier after ','`);
  }
}

function tooLong(bound: string): never {
  const excess = new ExcessError('label-selector', 'values');
  throw new SelectorSyntaxError(`the label selector has more than ${bound}`, { cause: excess });
}

function failRequirement(reason: string): never {
  throw new SelectorSyntaxError(`unable to parse requirement: ${reason}`);
}

function requirementOf(reader: Reader): Requirement {
  let token = reader.next();
  const absent = token.type === '!';
  if (absent) token = reader.next();
  if (token.type !== 'identifier') failRequirement(`found '${token.text}', expected: identifier`);
  const key = token.text;
  const keyMessages = qualifiedName(key);
  if (keyMessages.length > 0) failRequirement(`<nil>: ${fieldErrorText(invalid('', key, keyMessages.join('; ')))}`);
  const following = reader.peek();
  if (absent) return { key, operator: '!', values: [] };
  if (following.type === 'end' || following.type === ',') return { key, operator: 'exists', values: [] };
  const operator = operatorOf(reader.nextOperator());
  const values = operator === 'in' || operator === 'notin' ? valueList(reader) : [exactValue(reader)];
  return checked({ key, operator, values: [...new Set(values)].sort() });
}

const operators: Partial<Record<TokenType, SelectorOperator>> = {
  in: 'in',
  notin: 'notin',
  '=': '=',
  '==': '==',
  '!=': '!=',
  '>': 'gt',
  '<': 'lt',
};

function operatorOf(token: Token): SelectorOperator {
  return operators[token.type] ?? failRequirement(`found '${token.text}', expected: in, notin, =, ==, !=, gt, lt`);
}

function exactValue(reader: Reader): string {
  const ahead = reader.peek();
  if (ahead.type === 'end' || ahead.type === ',') return '';
  const token = reader.next();
  return token.type === 'identifier' ? token.text : failRequirement(`found '${token.text}', expected: identifier`);
}

/** `(a,b)`; an empty place between commas or brackets stands for ''. */
function valueList(reader: Reader): string[] {
  const open = reader.next();
  if (open.type !== '(') failRequirement(`found '${open.text}' expected: '('`);
  const first = reader.peek();
  if (first.type === ')') {
    reader.next();
    return [''];
  }
  if (first.type !== 'identifier' && first.type !== ',')
    failRequirement(`found '${first.text}', expected: ',', ')' or identifier`);
  const values: string[] = [];
  for (;;) {
    const token = reader.next();
    if (token.type === 'identifier') values.push(token.text);
    else if (token.type === ',') addEmptyPlaces(reader, values);
    else failRequirement(`found '${token.text}', expected: ',', or identifier`);
    const ahead = reader.peek();
    if (ahead.type === ')') break;
    if (token.type === 'identifier' && ahead.type !== ',')
      failRequirement(`found '${ahead.text}', expected: ',' or ')'`);
  }
  reader.next();
  return values;
}

function addEmptyPlaces(reader: Reader, values: string[]): void {
  if (values.length === 0) values.push('');
  const ahead = reader.peek();
  if (ahead.type === ')') values.push('');
  if (ahead.type === ',') {
    reader.next();
    values.push('');
  }
}

function checked(requirement: Requirement): Requirement {
  const errors: FieldError[] = [];
  const { operator, values } = requirement;
  values.forEach((value, index) => {
    if ((operator === 'gt' || operator === 'lt') && !/^[+-]?[0-9]+$/.test(value))
      errors.push(invalid(`values[${index}]`, value, "for 'Gt', 'Lt' operators, the value must be an integer"));
    const messages = labelValue(value);
    if (messages.length > 0) errors.push(invalid(`values[${index}][${requirement.key}]`, value, messages.join('; ')));
  });
  if (errors.length > 0)
    failRequirement(aggregateText(errors.map((error) => `${error.field}: ${fieldErrorText(error)}`)));
  return requirement;
}
