/**
 * Measures how readable the house is and holds it to its limits: wide lines, Kubernetes types with several homes, blunt
 * casts, conditional spreads, modules without a first sentence, exports that nobody imports, folders without a test.
 *   node scripts/house.ts [FOLDER] [--list]
 * FOLDER counts only what lies below it; --list names each place. Exits 1 when a measure is over its limit.
 */
import { dirname } from 'node:path';
import { casts, conditionalSpreads, firstSentenceMissing, wideLines } from './house/lines.ts';
import { declaredTypes, unusedExports } from './house/exports.ts';
import { sourceFiles, type SourceFile } from './house/source-files.ts';
import { kubernetesTypeNames } from './house/kubernetes-types.ts';

interface Measure {
  readonly name: string;
  /** The most that the whole project may have. */
  readonly limit: number;
  readonly places: readonly string[];
}

/** Types with a Kubernetes name that more than one file declares. */
function typesWithSeveralHomes(sources: readonly SourceFile[]): readonly string[] {
  const known = kubernetesTypeNames();
  const homes = new Map<string, string[]>();
  for (const source of sources.filter(({ file }) => !/^src\/client\/kinds\//.test(file))) {
    for (const name of declaredTypes(source)) {
      if (known.has(name)) homes.set(name, [...(homes.get(name) ?? []), source.file]);
    }
  }
  return [...homes].filter(([, files]) => files.length > 1).map(([name, files]) => `${name}: ${files.join(', ')}`);
}

/** Source files whose folder has no test of its own: a test in a folder below does not count. */
function filesWithoutTest(sources: readonly SourceFile[], all: readonly SourceFile[]): readonly string[] {
  const tested = new Set(all.filter(({ file }) => /\.test\.ts$/.test(file)).map(({ file }) => dirname(file)));
  return sources
    .filter(({ file, isData }) => !isData && !file.endsWith('/index.ts') && !tested.has(dirname(file)))
    .map(({ file }) => file)
    .sort();
}

function controllersWithoutTest(files: readonly string[]): readonly string[] {
  return [...new Set(files.map((file) => dirname(file)))].filter((folder) => /^src\/controllers\/[^/]+$/.test(folder));
}

function measures(below: string): readonly Measure[] {
  const all = sourceFiles(['src', 'scripts', 'test', 'benchmarks', 'dashboard', 'examples']);
  const of = (places: readonly string[]): readonly string[] => places.filter((place) => place.includes(below));
  const product = all.filter(({ file, isTest }) => file.startsWith('src/') && !isTest);
  const modules = all.filter(({ file, isTest }) => !file.startsWith('test/') && !isTest);
  const untested = filesWithoutTest(product, all);
  return [
    { name: 'lines over 120 characters', limit: 0, places: of(all.flatMap(wideLines)) },
    { name: 'Kubernetes types with several homes', limit: 0, places: of(typesWithSeveralHomes(product)) },
    { name: 'casts `as unknown as`', limit: 10, places: of(product.flatMap(casts)) },
    { name: 'conditional spreads', limit: 40, places: of(product.flatMap(conditionalSpreads)) },
    {
      name: 'flat files in src/main',
      limit: 12,
      places: of(product.map(({ file }) => file).filter((file) => /^src\/main\/[^/]+$/.test(file))),
    },
    { name: 'modules without a first sentence', limit: 0, places: of(modules.flatMap(firstSentenceMissing)) },
    { name: 'exports that no other file imports', limit: 0, places: of(unusedExports(all)) },
    { name: 'controllers without a test', limit: 0, places: of(controllersWithoutTest(untested)) },
    { name: 'source files in folders without a test', limit: Infinity, places: of(untested) },
  ];
}

export function report(below: string, list: boolean): { readonly text: string; readonly kept: boolean } {
  const lines: string[] = [];
  let kept = true;
  for (const { name, limit, places } of measures(below)) {
    const over = places.length > limit;
    if (over) kept = false;
    const bound = limit === Infinity ? '' : ` (at most ${limit})`;
    lines.push(`${over ? 'OVER' : 'ok  '}  ${String(places.length).padStart(5)}  ${name}${bound}`);
    if (list || (over && places.length <= 20)) lines.push(...places.map((place) => `             ${place}`));
  }
  return { text: lines.join('\n'), kept };
}

if (import.meta.main) {
  const list = process.argv.includes('--list');
  const below = process.argv.slice(2).find((argument) => !argument.startsWith('--')) ?? '';
  const { text, kept } = report(below, list);
  console.log(text);
  process.exitCode = kept ? 0 : 1;
}
