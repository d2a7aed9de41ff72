/**
 * Bundles src/cli/main.ts into dist/troupe.js (one file starts in a fraction of the time of a thousand) with its
 * launcher, and copies what the program serves beside it; then dist/client, the package `@troupe/client`. `--if-stale`:
 * the bundle alone, when a source is newer.
 */
import {
  chmodSync,
  copyFileSync,
  cpSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { buildClient } from './build-client.ts';
import { thirdPartyLicenses } from './third-party-licenses.ts';

const root = resolve(import.meta.dirname, '..');
const bundle = join(root, 'dist', 'troupe.js');

/** What the dashboard loads beside its own files, each one file. */
const vendored = [
  ['htm/preact/standalone.module.js', 'preact.js'],
  ['uplot/dist/uPlot.esm.js', 'uplot.js'],
  ['uplot/dist/uPlot.min.css', 'uplot.css'],
] as const;

/**
 * Parts of dockerode that Troupe never reaches (Docker over SSH, BuildKit sessions); they would be loaded at each
 * start.
 */
const unreached: Plugin = {
  name: 'unreached',
  setup: (bundler) => {
    bundler.onResolve({ filter: /^(ssh2|\.\/session|\.\/buildkit)$/ }, ({ path, importer }) =>
      /node_modules\/(dockerode|docker-modem)\//.test(importer) ? { path, namespace: 'unreached' } : undefined,
    );
    bundler.onLoad({ filter: /.*/, namespace: 'unreached' }, () => ({
      contents: 'module.exports = {};',
      loader: 'js',
    }));
  },
};

function stale(): boolean {
  const built = statSync(bundle, { throwIfNoEntry: false })?.mtimeMs;
  if (built === undefined) return true;
  const sources = globSync(['src/**/*.ts', 'dashboard/**/*', 'config/**/*', 'package.json', 'package-lock.json'], {
    cwd: root,
  });
  return sources.some((file) => statSync(join(root, file)).mtimeMs > built);
}

/**
 * Writes what is not ASCII as escapes: V8 keeps the source of a running program, in twice the room if there is any.
 * esbuild leaves comments and regular expressions as they are, and to these an escape means the same.
 */
function escapeInPlace(file: string): void {
  const source = readFileSync(file, 'utf8');
  writeFileSync(
    file,
    source.replace(/[^\0-\x7f]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
}

/** Threads and processes that the program starts from files of their own, which stand beside its own in a bundle. */
export const startedPrograms: Readonly<Record<string, string>> = {
  'ingress-worker': join(root, 'src', 'main', 'node', 'ingress-worker.ts'),
  'loop-watch-worker': join(root, 'src', 'platform', 'loop-watch-worker.ts'),
  'yaml-worker': join(root, 'src', 'api-server', 'yaml-worker.ts'),
  'loopback-process': join(root, 'src', 'node-agent', 'loopback', 'process.ts'),
};

interface BundleOptions {
  /** The folder to make; default: dist. */
  readonly into?: string | undefined;
  /** Tests change sources on their way. */
  readonly plugins?: readonly Plugin[] | undefined;
}

export async function buildBundle({ into = join(root, 'dist'), plugins = [] }: BundleOptions = {}): Promise<void> {
  // Built aside and then put in place, so that a failed build leaves the last one.
  const fresh = `${into}.new`;
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh);
  const { metafile } = await build({
    absWorkingDir: root,
    metafile: true,
    entryPoints: { troupe: join(root, 'src', 'cli', 'main.ts'), ...startedPrograms },
    outdir: fresh,
    bundle: true,
    platform: 'node',
    preserveSymlinks: true,
    target: 'node24',
    format: 'esm',
    minifySyntax: true,
    legalComments: 'none',
    // Optional native accelerators; everything works without.
    external: ['msgpackr-extract', 'bufferutil', 'utf-8-validate'],
    plugins: [unreached, ...plugins],
    define: { 'globalThis.TROUPE_VERSION': JSON.stringify(version) },
    banner: {
      js:
        "#!/usr/bin/env node\nimport { createRequire as __createRequire } from 'node:module';\nconst require = " +
        '__createRequire(import.meta.url);',
    },
  });
  for (const name of ['troupe', ...Object.keys(startedPrograms)]) escapeInPlace(join(fresh, `${name}.js`));
  chmodSync(join(fresh, 'troupe.js'), 0o755);
  await build({
    absWorkingDir: root,
    entryPoints: [join(root, 'src', 'cli', 'launch.ts')],
    outfile: join(fresh, 'launch.js'),
    platform: 'node',
    preserveSymlinks: true,
    target: 'node18',
    format: 'esm',
    banner: { js: '#!/usr/bin/env node' },
  });
  chmodSync(join(fresh, 'launch.js'), 0o755);
  cpSync(join(root, 'config'), join(fresh, 'config'), { recursive: true });
  cpSync(join(root, 'dashboard'), join(fresh, 'dashboard'), { recursive: true });
  mkdirSync(join(fresh, 'dashboard', 'vendor'));
  for (const [from, to] of vendored)
    copyFileSync(join(root, 'node_modules', from), join(fresh, 'dashboard', 'vendor', to));
  writeFileSync(
    join(fresh, 'third-party-licenses.txt'),
    thirdPartyLicenses([...Object.keys(metafile.inputs), ...vendored.map(([from]) => `node_modules/${from}`)], root),
  );
  rmSync(into, { recursive: true, force: true });
  renameSync(fresh, into);
}

/** Builds unless the bundle is newer than every source. */
export async function buildIfStale(): Promise<void> {
  if (stale()) await buildBundle();
}

if (import.meta.main) {
  if (process.argv.includes('--if-stale')) await buildIfStale();
  else {
    await buildBundle();
    await buildClient(join(root, 'dist', 'client'));
  }
}
