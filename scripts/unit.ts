/**
 * Runs the unit tests from one bundle, many files to a worker: starting a worker, and stripping the types of some
 * hundred modules anew in each, takes longer than the tests. `npx ava src/…/x.test.ts` runs a single file from its
 * source. Three kinds run elsewhere, each with its own ava.config.js: the simulation's long tests, which change sources
 * as they load them, hostile requests, and what needs real engines (the integration tests and the runtimes' suite).
 */
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { startedPrograms } from './build.ts';

const root = resolve(import.meta.dirname, '..');
const testsOf = join(root, 'test', 'tests-of.ts');
/** Few enough that starting them costs little, enough that the last one to end keeps nobody waiting for long. */
const sharedWorkers = 8;

const elsewhere =
  /^(test\/(hostile\/|integration|simulation\/(simulation|planted|planted-others|exit-codes)\.)|.*\/runtime-suite\.)/;

/** The test files of each worker. Hooks hold for a whole worker, so a file that has some gets one for itself. */
function workers(): readonly (readonly string[])[] {
  const files = globSync('{src,test}/**/*.test.ts', { cwd: root })
    .filter((file) => !elsewhere.test(file))
    .sort();
  const hasHooks = (file: string): boolean =>
    /\btest(\.serial)?\.(before|after)/.test(readFileSync(join(root, file), 'utf8'));
  const [alone, together] = [files.filter(hasHooks), files.filter((file) => !hasHooks(file))];
  const shared = Array.from({ length: sharedWorkers }, (_, worker) =>
    together.filter((_file, i) => i % sharedWorkers === worker),
  );
  return [...shared, ...alone.map((file) => [file])];
}

/**
 * A worker's entry imports its files; in each of them, and in the suites that they share, `ava` is the `test` that
 * names the file.
 */
function entries(all: readonly (readonly string[])[]): Plugin {
  return {
    name: 'entries',
    setup: (bundler) => {
      bundler.onResolve({ filter: /^worker-\d+$/ }, ({ path }) => ({ path, namespace: 'worker' }));
      bundler.onLoad({ filter: /.*/, namespace: 'worker' }, ({ path }) => ({
        contents: (all[Number(path.slice('worker-'.length))] ?? []).map((file) => `import './${file}';`).join('\n'),
        resolveDir: root,
      }));
      bundler.onResolve({ filter: /^ava$/ }, ({ importer }) =>
        importer === testsOf
          ? { path: 'ava', external: true }
          : { path: relative(root, importer), namespace: 'tests-of' },
      );
      bundler.onLoad({ filter: /.*/, namespace: 'tests-of' }, ({ path }) => ({
        contents:
          `import { testsOf } from ${JSON.stringify(testsOf)}; ` +
          `export default testsOf(${JSON.stringify(path.replace(/(\.test)?\.ts$/, ''))});`,
        resolveDir: root,
      }));
    },
  };
}

/**
 * A module still sees the folder of its source, where its fixtures are. One that asks whether it is bundled starts a
 * program, and finds that in the bundle.
 */
const sourceFolders: Plugin = {
  name: 'source-folders',
  setup: (bundler) => {
    bundler.onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8')
        .replaceAll('import.meta.dirname', JSON.stringify(dirname(path)))
        .replaceAll('import.meta.filename', JSON.stringify(path));
      const url = JSON.stringify(pathToFileURL(path).href);
      const startsProgram = source.includes("import.meta.url.endsWith('.ts')");
      return { contents: startsProgram ? source : source.replaceAll('import.meta.url', url), loader: 'ts' };
    });
  },
};

const all = workers();
rmSync(join(root, 'build'), { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: [
    ...all.map((_, worker) => ({ in: `worker-${worker}`, out: `worker-${worker}.test` })),
    ...Object.entries(startedPrograms).map(([name, file]) => ({ in: file, out: name })),
  ],
  outdir: join(root, 'build', 'unit'),
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  packages: 'external',
  sourcemap: true,
  logLevel: 'error',
  plugins: [entries(all), sourceFolders],
});
const { status } = spawnSync('ava', ['--config', 'test/unit.config.js', ...process.argv.slice(2)], {
  stdio: 'inherit',
  cwd: root,
});
process.exit(status ?? 1);
