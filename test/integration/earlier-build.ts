/** Builds of this program from before, as far as the repository remembers them. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';

const top = resolve(import.meta.dirname, '..', '..');
const layout = 'src/raft/wal/frame.ts';

export interface EarlierBuild {
  readonly commit: string;
  /** The layout of the log that it writes. */
  readonly format: number;
}

function git(...args: readonly string[]): string {
  const { status, stdout } = spawnSync('git', args, { cwd: top, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 });
  return status === 0 ? stdout.trim() : '';
}

/**
 * The last builds that wrote each of the log's earlier layouts, the newest first. None where this is no repository or
 * its history is not there.
 */
export function earlierBuilds(): readonly EarlierBuild[] {
  const changes = git('log', '--format=%H', '-G', '^export const format = ', '--', layout).split('\n');
  return changes.flatMap((change) => {
    const commit = change === '' ? '' : git('rev-parse', '--verify', '--quiet', `${change}^`);
    const format = /^export const format = (\d+);/m.exec(commit === '' ? '' : git('show', `${commit}:${layout}`))?.[1];
    return format === undefined ? [] : [{ commit, format: Number(format) }];
  });
}

/** Lays the sources of a build into a folder, with the member of the tests; answers the program of a member. */
export function layOut({ commit }: EarlierBuild, folder: string): string {
  mkdirSync(folder, { recursive: true });
  const archive = join(folder, 'source.tar');
  git('archive', '--output', archive, commit, 'src', 'package.json');
  const { status, stderr } = spawnSync('tar', ['-xf', archive, '-C', folder], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`commit ${commit} cannot be laid out: ${stderr}`);
  cpSync(join(top, 'benchmarks', 'store'), join(folder, 'benchmarks', 'store'), { recursive: true });
  symlinkSync(join(top, 'node_modules'), join(folder, 'node_modules'));
  return join(folder, 'benchmarks', 'store', 'member.ts');
}
