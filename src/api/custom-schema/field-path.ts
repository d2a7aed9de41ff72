/** Reads the fieldPath of a validation rule. */

import { type JsonSchema, propertyOf, valuesOf } from './definition.ts';

const tokens = /'(?:\\[^]|[^'\\])*'|[.[\]]|[^.[\]]+/g;
const escapes: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  "'": "'",
  '\\': '\\',
};

/**
 * A rule's path to a field (`.a.b`, `['a']`) as errors spell it; undefined where it does not lead to a field of the
 * schema.
 */
export function fieldPathOf(path: string, schema: JsonSchema): string | undefined {
  const found = path.match(tokens) ?? [];
  let place: JsonSchema | undefined = schema;
  let text = '';
  for (let at = 0; at < found.length; at += 1) {
    const quoted = found[at] === '[';
    if (!quoted && found[at] !== '.') return undefined;
    const token = found[(at += 1)];
    const name = quoted ? unquoted(token) : token;
    if (name === undefined || (quoted && found[(at += 1)] !== ']')) return undefined;
    const named: boolean = Object.keys(place.properties ?? {}).length > 0;
    place = named ? propertyOf(place, name) : valuesOf(place);
    if (place === undefined) return undefined;
    text += named ? `${text === '' ? '' : '.'}${name}` : `[${name}]`;
  }
  return text;
}

function unquoted(token: string | undefined): string | undefined {
  if (token === undefined || token.length < 2 || !token.startsWith("'") || !token.endsWith("'")) return undefined;
  let bad = false;
  const text = token.slice(1, -1).replace(/\\([^])/g, (_whole, letter: string) => {
    bad ||= escapes[letter] === undefined;
    return escapes[letter] ?? '';
  });
  return bad ? undefined : text;
}
