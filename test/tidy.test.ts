import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import test from 'ava';
import ts from 'typescript';

/** House rules over the repository's own files. Each rule names what to do instead. */
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' }).split('\n').filter((file) => file !== '' && existsSync(file));
const sources = files.filter((file) => /^(src|scripts|test|benchmarks)\/.*\.ts$/.test(file));
const read = (file: string): string => readFileSync(file, 'utf8');

const fileLinesMax = 500;
const functionLinesMax = 70;
/** Tables of facts may be long. */
const isTable = (file: string): boolean => /^src\/(api\/schema\/tables|client\/kinds)\//.test(file);

test('no source file is longer than 500 lines', (t) => {
  const long = sources.filter((file) => !isTable(file)).map((file) => [file, read(file).split('\n').length] as const).filter(([, lines]) => lines > fileLinesMax);
  t.deepEqual(long, [], 'split by concern');
});

test('no function is longer than 70 lines', (t) => {
  const long: string[] = [];
  for (const file of sources.filter((name) => !isTable(name) && !/\.(test|suite)\.ts$/.test(name))) {
    const source = ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true);
    const visit = (node: ts.Node): void => {
      if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) {
        const [from, to] = [node.getStart(), node.getEnd()].map((position) => source.getLineAndCharacterOfPosition(position).line);
        if (from !== undefined && to !== undefined && to - from + 1 > functionLinesMax) long.push(`${file}:${from + 1} (${to - from + 1} lines)`);
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  t.deepEqual(long, [], 'split by step; a decision and its effects are two functions');
});

/** Where the machine may be touched directly; everything else takes ports. */
const machineHomes = /^(scripts|test|benchmarks|src\/(platform|main|cli))\/|\.(test|suite|fixture)\.ts$|\/testing\//;
const banned: readonly { readonly pattern: RegExp; readonly instead: string }[] = [
  { pattern: /\bDate\.now\(/, instead: 'Clock.now()' },
  { pattern: /\bMath\.random\(/, instead: 'Random' },
  { pattern: /(?<![.\w])set(Timeout|Interval)\(/, instead: 'Timers' },
  { pattern: /\bconsole\./, instead: 'Logger' },
  { pattern: /\bprocess\.env\b/, instead: 'a setting' },
];

test('time, chance, output and the environment come from ports', (t) => {
  const problems: string[] = [];
  for (const file of sources.filter((name) => !machineHomes.test(name))) {
    for (const [i, line] of read(file).split('\n').entries()) {
      const code = line.replace(/\/\/.*|^\s*\*.*/, '');
      for (const { pattern, instead } of banned) if (pattern.test(code)) problems.push(`${file}:${i + 1} use ${instead}`);
    }
  }
  t.deepEqual(problems, []);
});

test('names follow the house: kebab case, no utils, helpers, common or manager', (t) => {
  t.deepEqual(sources.filter((file) => !/^[a-z0-9-/]+(\.(test|suite|fixture))?\.ts$/.test(file)), []);
  t.deepEqual(sources.filter((file) => /(^|[/-])(utils?|helpers?|common|managers?)([/.-]|$)/.test(file)), []);
});

function mentionsAny(node: ts.Node): boolean {
  return node.kind === ts.SyntaxKind.AnyKeyword || (ts.forEachChild(node, mentionsAny) ?? false);
}

test('no any, enum or namespace, no leftover note without a reason', (t) => {
  const problems: string[] = [];
  for (const file of sources.filter((name) => name !== 'test/tidy.test.ts')) {
    const text = read(file);
    if (/\bany\b/.test(text) && mentionsAny(ts.createSourceFile(file, text, ts.ScriptTarget.Latest))) problems.push(`${file}: any`);
    if (/^\s*(export )?(const )?enum /m.test(text)) problems.push(`${file}: enum`);
    if (/\b(TODO|FIXME|XXX)\b/.test(text)) problems.push(`${file}: an open note; finish it or write an issue`);
  }
  t.deepEqual(problems, []);
});

test('every source file is reached from an entry, a test or a script', (t) => {
  const imported = new Set<string>();
  for (const file of sources) {
    for (const { fileName } of ts.preProcessFile(read(file), true, true).importedFiles) {
      if (fileName.startsWith('.')) imported.add(new URL(fileName, `file:///${file}`).pathname.slice(1));
    }
  }
  const entry = (file: string): boolean => /\.test\.ts$|\/testing\/|^scripts\/|^benchmarks\/|^test\/|\/index\.ts$|^src\/cli\/main\.ts$/.test(file);
  t.deepEqual(sources.filter((file) => !entry(file) && !imported.has(file)), [], 'delete what nothing uses');
});

test('every folder under src explains itself in its index.ts', (t) => {
  const indexes = sources.filter((file) => /^src\/.*\/index\.ts$/.test(file));
  t.true(indexes.length > 0);
  t.deepEqual(indexes.filter((file) => !read(file).startsWith('/**')), []);
});

test('the repository names no home folder and no registry host', (t) => {
  const hosts = new RegExp(['registry\\.npmjs', 'deb\\.debian', '/work' + '/main', '/root' + '/'].join('|'));
  t.deepEqual(files.filter((file) => !file.endsWith('.png') && hosts.test(read(file))), []);
});
