/** Builds dist/client: the package `@troupe/client`, one bundled module with its types. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';

const root = resolve(import.meta.dirname, '..');

/**
 * Packages stay outside; packages and modules of ours that nothing of the client uses are not even loaded: the index of
 * a folder passes on far more than the client needs.
 */
const outside: Plugin = {
  name: 'outside',
  setup: (bundler) => {
    bundler.onResolve({ filter: /^\./ }, ({ path, resolveDir }) => ({
      path: resolve(resolveDir, path),
      sideEffects: false,
    }));
    bundler.onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === 'entry-point' ? undefined : { path, external: true, sideEffects: false },
    );
  },
};

export async function buildClient(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await build({
    entryPoints: [join(root, 'src', 'client', 'index.ts')],
    outfile: join(folder, 'index.js'),
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    treeShaking: true,
    legalComments: 'none',
    plugins: [outside],
  });
  const types = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules', 'typescript', 'bin', 'tsc'),
      '-p',
      join(root, 'tsconfig.client.json'),
      '--outDir',
      join(folder, 'types'),
    ],
    { encoding: 'utf8' },
  );
  if (types.status !== 0) throw new Error(`the types of the client could not be made: ${types.stdout}`);
  const whole = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly version: string;
    readonly license: string;
    readonly dependencies: Readonly<Record<string, string>>;
  };
  const used = ['@nats-io/transport-node', 'msgpackr'];
  writeFileSync(
    join(folder, 'package.json'),
    `${JSON.stringify(
      {
        name: '@troupe/client',
        version: whole.version,
        license: whole.license,
        description:
          'The Kubernetes API of a Troupe cluster over NATS, with typed kinds, informers and leader election',
        type: 'module',
        engines: { node: '>=20' },
        exports: { '.': { types: './types/client/index.d.ts', default: './index.js' } },
        files: ['index.js', 'types', 'LICENSE'],
        dependencies: Object.fromEntries(used.map((name) => [name, whole.dependencies[name]])),
      },
      undefined,
      2,
    )}\n`,
  );
  copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
}
