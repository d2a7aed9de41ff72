/** Field selectors: reading, checking and matching. */
import { limits } from '../../base/index.ts';
import { ExcessError } from './excess.ts';
import type { StatusError } from './status.ts';
import { badRequest } from './status-errors.ts';

interface FieldRequirement {
  readonly field: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

/** A conjunction; empty: everything. */
export type FieldSelector = readonly FieldRequirement[];

/**
 * Parses `?fieldSelector=`: terms joined by commas, `\` escapes `\`, `,` and `=`. Throws 400 with upstream's message.
 */
export function parseFieldSelector(text: string): FieldSelector {
  if (text.length > limits.selectorCharactersMax) throw tooLong(`${limits.selectorCharactersMax} characters`);
  const terms = splitTerms(text).filter((term) => term !== '');
  if (terms.length > limits.selectorTermsMax) throw tooLong(`${limits.selectorTermsMax} terms`);
  return terms.map((term) => requirementOf(term, text));
}

function tooLong(bound: string): StatusError {
  return badRequest(`the field selector has more than ${bound}`, new ExcessError('field-selector', 'values'));
}

function splitTerms(text: string): string[] {
  const terms: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '\\') at++;
    else if (character === ',') {
      terms.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...terms, text.slice(start)];
}

function requirementOf(term: string, selector: string): FieldRequirement {
  for (let at = 0; at < term.length; at++) {
    if (term.charAt(at) === '\\') {
      at++;
      continue;
    }
    const operator = ['!=', '==', '='].find((candidate) => term.startsWith(candidate, at));
    if (operator === undefined) continue;
    return {
      field: term.slice(0, at),
      operator: operator === '!=' ? '!=' : '=',
      value: unescape(term.slice(at + operator.length)),
    };
  }
  throw badRequest(`invalid selector: '${selector}'; can't understand '${term}'`);
}

function unescape(value: string): string {
  let plain = '';
  for (let at = 0; at < value.length; at++) {
    const character = value.charAt(at);
    if (character === '\\') {
      const escaped = value.charAt(++at);
      if (escaped === '' || !'\\,='.includes(escaped))
        throw badRequest(`invalid field selector: invalid escape sequence: \\${escaped}`);
      plain += escaped;
    } else if (character === ',' || character === '=')
      throw badRequest(`invalid field selector: unescaped character in value: ${character.charCodeAt(0)}`);
    else plain += character;
  }
  return plain;
}

/** `fields` holds every field the kind knows, `metadata.name` and `metadata.namespace` among them. */
export function fieldSelectorMatches(selector: FieldSelector, fields: Readonly<Record<string, string>>): boolean {
  return selector.every(({ field, operator, value }) => ((fields[field] ?? '') === value) === (operator === '='));
}

/**
 * Refuses fields that the kind does not know: throws 400 with upstream's message. `own` are the kind's fields besides
 * the two of the metadata; undefined for a kind that has none, which is told in other words. A cluster-scoped kind with
 * fields of its own does not know `metadata.namespace`.
 */
export function checkFieldSelector(
  selector: FieldSelector,
  { kind, namespaced }: { readonly kind: string; readonly namespaced: boolean },
  own: readonly string[] | undefined,
): void {
  for (const { field } of selector) {
    if (field === 'metadata.name' || own?.includes(field) === true) continue;
    if (field === 'metadata.namespace' && (namespaced || own === undefined)) continue;
    if (own === undefined)
      throw badRequest(`"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`);
    throw badRequest(
      kind === 'Job' ? `field label "${field}" not supported for Job` : `field label not supported: ${field}`,
    );
  }
}
