/**
 * Runs the unit tests from one bundle: stripping the types of some hundred modules anew for each test file takes longer than the
 * tests. `npx ava src/…/x.test.ts` runs a single file from its source, with its lines in what it says. The simulation's tests
 * change sources as they load them and run unbundled.
 */
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';

const root = resolve(import.meta.dirname, '..');

/** A module still sees the folder of its source, where its fixtures are. */
const sourceFolders: Plugin = {
  name: 'source-folders',
  setup: (bundler) => {
    bundler.onLoad({ filter: /\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8')
        .replaceAll('import.meta.dirname', JSON.stringify(dirname(path)))
        .replaceAll('import.meta.filename', JSON.stringify(path))
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
      loader: 'ts',
    }));
  },
};

rmSync(join(root, 'build'), { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: globSync('{src,test}/**/*.test.ts', { cwd: root, exclude: (file) => /^test\/(integration|simulation)\b/.test(file) }),
  outdir: join(root, 'build', 'unit'),
  outbase: root,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  packages: 'external',
  logLevel: 'error',
  plugins: [sourceFolders],
});
// Each file is a thread that loads its part of the bundle: most of the time goes there, so what was compiled before is kept.
const env = { ...process.env, NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'unit') };
const { status } = spawnSync('ava', ['--config', 'test/unit.config.js', ...process.argv.slice(2)], { stdio: 'inherit', cwd: root, env });
process.exit(status ?? 1);
