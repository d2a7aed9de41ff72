/**
 * Checks layers.json against the imports of src/: floors only go down, folders are entered through index.ts, packages
 * and Node modules stay in their homes, and no files import each other in a circle. Type-only imports count: a type is
 * a dependency too. Exit 1 with one line a violation.
 */
import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { globSync } from 'node:fs';
import { circlesOf } from './circles.ts';
import { importsOf } from './imports.ts';

interface Layer {
  readonly imports: readonly string[];
  readonly packages: readonly string[];
  readonly node: boolean;
}
interface Layers {
  readonly folders: Readonly<Record<string, Layer>>;
  /** What tests, suites and fixtures may use beside what their folder may. */
  readonly tests: { readonly imports: readonly string[]; readonly packages: readonly string[]; readonly node: boolean };
}

const root = resolve(import.meta.dirname, '..');

function layerOf(layers: Layers, file: string): string | undefined {
  return Object.keys(layers.folders)
    .filter((folder) => file.startsWith(`${folder}/`))
    .sort((a, b) => b.length - a.length)[0];
}

/** `@scope/name/sub` and `name/sub` are the package `@scope/name` and `name`. */
function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** Tests, the suites that twins share, and what only they use. */
function isTestFile(file: string): boolean {
  return /\.(test|suite|fixture)\.ts$|\/testing\//.test(file);
}

interface Import {
  readonly file: string;
  readonly home: string;
  readonly layer: Layer;
  readonly specifier: string;
  readonly isTest: boolean;
}

function checkRelative(layers: Layers, { file, home, layer, specifier, isTest }: Import): string | undefined {
  const target = relative(root, resolve(root, dirname(file), specifier));
  const targetHome = layerOf(layers, target);
  if (targetHome === undefined) return `${file}: ${specifier} leaves src/`;
  if (targetHome === home) return undefined;
  if (!layer.imports.includes(targetHome) && !(isTest && layers.tests.imports.includes(targetHome)))
    return `${file}: ${home} may not import ${targetHome} (${specifier})`;
  if (target !== `${targetHome}/index.ts`)
    return `${file}: ${targetHome} is entered through its index.ts (${specifier})`;
  return undefined;
}

function checkPackage(layers: Layers, { file, home, layer, specifier, isTest }: Import): string | undefined {
  if (specifier.startsWith('node:')) {
    return layer.node || (isTest && layers.tests.node)
      ? undefined
      : `${file}: ${home} may not touch the machine (${specifier}); take a port from src/base`;
  }
  const name = packageName(specifier);
  if (layer.packages.includes(name) || (isTest && layers.tests.packages.includes(name))) return undefined;
  return `${file}: ${home} may not use the package ${name}`;
}

/** Every violation, as text. */
export function checkLayers(layers: Layers, files: readonly string[]): string[] {
  const problems: string[] = [];
  const used = new Set<string>();
  for (const file of files) {
    const home = layerOf(layers, file);
    const layer = home === undefined ? undefined : layers.folders[home];
    if (home === undefined || layer === undefined) {
      problems.push(`${file}: no layer of layers.json holds this file`);
      continue;
    }
    for (const specifier of importsOf(join(root, file))) {
      const found: Import = { file, home, layer, specifier, isTest: isTestFile(file) };
      const problem = specifier.startsWith('.') ? checkRelative(layers, found) : checkPackage(layers, found);
      if (problem !== undefined) problems.push(problem);
      used.add(`${home} ${packageName(specifier)}`);
    }
  }
  for (const [folder, { packages }] of Object.entries(layers.folders)) {
    for (const name of packages)
      if (!used.has(`${folder} ${name}`)) problems.push(`layers.json: ${folder} does not use ${name} any more`);
  }
  return problems;
}

/** Every circle of files, as text. */
export function checkCircles(files: readonly string[]): string[] {
  const imports = new Map(
    files.map((file) => {
      const own = importsOf(join(root, file)).filter((specifier) => specifier.startsWith('.'));
      return [file, own.map((specifier) => relative(root, resolve(root, dirname(file), specifier)))];
    }),
  );
  return circlesOf(imports).map((circle) => `these files import each other in a circle: ${circle.join(', ')}`);
}

if (import.meta.main) {
  const layers = JSON.parse(readFileSync(join(root, 'layers.json'), 'utf8')) as Layers;
  const files = globSync('src/**/*.ts', { cwd: root });
  const problems = [...checkLayers(layers, files), ...checkCircles(files)];
  for (const problem of problems) console.error(problem);
  console.log(`layers: ${files.length} files, ${problems.length} violations`);
  process.exit(problems.length === 0 ? 0 : 1);
}
