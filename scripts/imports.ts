/** Finds the modules that a TypeScript file imports. */
import { readFileSync } from 'node:fs';
import { parseSync, Visitor } from 'oxc-parser';

/**
 * Every module that a TypeScript file names: imports and exports from, of types too, `import()` and types of
 * `import('…')`. Throws when the file has no valid syntax.
 */
export function importsOf(file: string): readonly string[] {
  const text = readFileSync(file, 'utf8');
  const parsed = parseSync(file, text);
  const { module, errors } = parsed;
  if (errors[0] !== undefined) throw new Error(`${file}: ${errors[0].message}`);
  const found = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest }) => (moduleRequest === null ? [] : [moduleRequest.value])),
    ),
  ];
  // Reading the tree takes ten times as long as the rest, and few files need it.
  if (!/\bimport\s*\(/.test(text)) return found;
  const add = (value: unknown): void => {
    if (typeof value === 'string') found.push(value);
  };
  new Visitor({
    ImportExpression: ({ source }) => {
      if (source.type === 'Literal') add(source.value);
    },
    TSImportType: ({ source }) => {
      add(source.value);
    },
  }).visit(parsed.program);
  return found;
}
