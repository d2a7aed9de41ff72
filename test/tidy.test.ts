import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import test from 'ava';
import { importsOf } from '../scripts/imports.ts';

/**
 * House rules over the repository's own files, as far as the linter (.oxlintrc.json) has none for them. Each rule names
 * what to do instead.
 */
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && existsSync(file));
const sources = files.filter((file) => /^(src|scripts|test|benchmarks)\/.*\.ts$/.test(file));
const read = (file: string): string => readFileSync(file, 'utf8');

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
      for (const { pattern, instead } of banned)
        if (pattern.test(code)) problems.push(`${file}:${i + 1} use ${instead}`);
    }
  }
  t.deepEqual(problems, []);
});

test('names follow the house: kebab case, no utils, helpers, common or manager', (t) => {
  t.deepEqual(
    sources.filter((file) => !/^[a-z0-9-/]+(\.(test|suite|fixture))?\.ts$/.test(file)),
    [],
  );
  t.deepEqual(
    sources.filter((file) => /(^|[/-])(utils?|helpers?|common|managers?)([/.-]|$)/.test(file)),
    [],
  );
});

test('no enum, no leftover note without a reason', (t) => {
  const problems: string[] = [];
  for (const file of sources.filter((name) => name !== 'test/tidy.test.ts')) {
    const text = read(file);
    if (/^\s*(export )?(const )?enum /m.test(text)) problems.push(`${file}: enum`);
    if (/\b(TODO|FIXME|XXX)\b/.test(text)) problems.push(`${file}: an open note; finish it or write an issue`);
  }
  t.deepEqual(problems, []);
});

/** Their files share a worker, and ava ends one in which a test is declared after the others have begun. */
test('no unit test awaits anything before its tests are declared', (t) => {
  const units = sources.filter(
    (file) => /\.test\.ts$/.test(file) && !/^test\/(simulation|integration|hostile)\//.test(file),
  );
  t.deepEqual(
    units.filter((file) => /^(?:(?:const|let) .*= )?await /m.test(read(file))),
    [],
  );
});

test('every source file is reached from an entry, a test or a script', (t) => {
  const imported = new Set<string>();
  for (const file of sources) {
    for (const specifier of importsOf(file))
      if (specifier.startsWith('.')) imported.add(new URL(specifier, `file:///${file}`).pathname.slice(1));
  }
  const entry = (file: string): boolean =>
    /\.test\.ts$|\/testing\/|^scripts\/|^benchmarks\/|^test\/|\/index\.ts$|^src\/cli\/(main|launch)\.ts$/.test(file);
  t.deepEqual(
    sources.filter((file) => !entry(file) && !imported.has(file)),
    [],
    'delete what nothing uses',
  );
});

test('every folder under src explains itself in its index.ts', (t) => {
  const indexes = sources.filter((file) => /^src\/.*\/index\.ts$/.test(file));
  t.true(indexes.length > 0);
  t.deepEqual(
    indexes.filter((file) => !read(file).startsWith('/**')),
    [],
  );
});

test('decisions are numbered without gap or repeat, and each says its number', (t) => {
  const decisions = files.filter((file) => /^docs\/adr\/.*\.md$/.test(file)).sort();
  t.deepEqual(
    decisions.map((file) => Number(/\/(\d+)-/.exec(file)?.[1])),
    decisions.map((_, i) => i + 1),
  );
  t.deepEqual(
    decisions.filter((file, i) => !read(file).startsWith(`# ${i + 1}. `)),
    [],
  );
});

test('the repository names no home folder and no registry host', (t) => {
  const hosts = new RegExp(['registry\\.npmjs', 'deb\\.debian', '/work' + '/main', '/root' + '/'].join('|'));
  t.deepEqual(
    files.filter((file) => !file.endsWith('.png') && hosts.test(read(file))),
    [],
  );
});
