/** Measures that follow imports: which exports another file uses, and which types a file declares for others. */
import { dirname, join } from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';
import type { SourceFile } from './source-files.ts';

/** Entries that others enter from outside the sources: commands, tests, workers, what is published. */
const entries =
  /^(test|benchmarks|examples|dashboard|src\/client)\/|^scripts\/[^/]+$|\.test\.ts$|^src\/cli\/(main|launch)\.ts$/;

interface Module {
  readonly file: string;
  /** Exported name -> where it comes from: declared here, or passed on from another file. */
  readonly exports: ReadonlyMap<string, Passed | undefined>;
  readonly stars: readonly string[];
  readonly imports: readonly Passed[];
}

/** A name in a file; `*` is all of them. */
interface Passed {
  readonly file: string;
  readonly name: string;
}

function target(from: string, specifier: string): string | undefined {
  return specifier.startsWith('.') ? join(dirname(from), specifier) : undefined;
}

function readModule({ file, text }: SourceFile): Module {
  const parsed = parseSync(file, text);
  const exports = new Map<string, Passed | undefined>();
  const stars: string[] = [];
  const imports: Passed[] = [];
  for (const statement of parsed.module.staticImports) {
    const from = target(file, statement.moduleRequest.value);
    if (from === undefined) continue;
    for (const { importName } of statement.entries) {
      imports.push({ file: from, name: importName.kind === 'Name' ? (importName.name ?? '*') : '*' });
    }
  }
  for (const { entries: exported } of parsed.module.staticExports) {
    for (const { moduleRequest, importName, exportName } of exported) {
      const from = moduleRequest === null ? undefined : target(file, moduleRequest.value);
      if (from !== undefined && exportName.name === null) stars.push(from);
      else if (exportName.name !== null) {
        exports.set(exportName.name, from === undefined ? undefined : { file: from, name: importName.name ?? '*' });
      }
    }
  }
  if (/\bimport\s*\(/.test(text)) imports.push(...dynamicImports(file, parsed.program));
  return { file, exports, stars, imports };
}

/** `import('…')` in code takes all names; in a type it is taken so, too. */
function dynamicImports(file: string, program: ReturnType<typeof parseSync>['program']): readonly Passed[] {
  const found: Passed[] = [];
  const add = (specifier: unknown): void => {
    const from = typeof specifier === 'string' ? target(file, specifier) : undefined;
    if (from !== undefined) found.push({ file: from, name: '*' });
  };
  new Visitor({
    ImportExpression: ({ source }) => {
      if (source.type === 'Literal') add(source.value);
    },
    TSImportType: ({ source }) => {
      add(source.value);
    },
  }).visit(program);
  return found;
}

/**
 * Exports, and names that an index passes on, which no other file imports: `file: name`. Generated vocabularies are
 * whole whoever uses them, and are left out.
 */
export function unusedExports(sources: readonly SourceFile[]): readonly string[] {
  const modules = new Map(sources.map((source) => [source.file, readModule(source)]));
  const used = new Map<string, Set<string>>();
  const use = ({ file, name }: Passed): void => {
    const names = used.get(file) ?? new Set<string>();
    if (names.has(name)) return;
    used.set(file, names.add(name));
    const module = modules.get(file);
    if (module === undefined) return;
    const passedOn = name === '*' ? [...module.exports.values()] : [module.exports.get(name)];
    for (const passed of passedOn) if (passed !== undefined) use(passed);
    for (const star of module.stars) use({ file: star, name });
  };
  for (const module of modules.values()) for (const passed of module.imports) use(passed);
  const generated = new Set(sources.filter(({ isData }) => isData).map(({ file }) => file));
  const unused: string[] = [];
  for (const { file, exports } of modules.values()) {
    const names = used.get(file) ?? new Set<string>();
    if (entries.test(file) || generated.has(file) || names.has('*')) continue;
    unused.push(...[...exports.keys()].filter((name) => !names.has(name)).map((name) => `${file}: ${name}`));
  }
  return unused;
}

/** The interfaces, classes and type aliases that a file declares and exports. */
export function declaredTypes({ text }: SourceFile): readonly string[] {
  return [...text.matchAll(/^export (?:declare )?(?:interface|type|class|abstract class) (\w+)/gm)].flatMap(
    ({ 1: name }) => (name === undefined ? [] : [name]),
  );
}
