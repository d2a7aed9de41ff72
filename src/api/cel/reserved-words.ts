/** Words of CEL that name nothing else. */

/** Reserved for languages that CEL is embedded in (cel-spec, "Syntax"). */
export const reservedIdentifiers: ReadonlySet<string> = new Set([
  'as',
  'break',
  'const',
  'continue',
  'else',
  'for',
  'function',
  'if',
  'import',
  'let',
  'loop',
  'namespace',
  'package',
  'return',
  'var',
  'void',
  'while',
]);

const literals: ReadonlySet<string> = new Set(['true', 'false', 'null', 'in']);

/** Whether a word means something in every expression, or is kept for that. */
export const isReservedWord = (name: string): boolean => literals.has(name) || reservedIdentifiers.has(name);
