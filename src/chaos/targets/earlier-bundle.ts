/** The program of the last tagged version, built anew from the repository that this program was built in. */
import { existsSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { mustMeanwhile, run } from './programs.ts';

/** What the bundle is made of. */
const parts = ['src', 'scripts', 'dashboard', 'config', 'package.json', 'package-lock.json'];

interface Tagged {
  /** The newest tag that the checked-out commit descends from. */
  readonly tag: string;
  readonly commit: string;
}

export interface EarlierBundle extends Tagged {
  /** Its `troupe` program. */
  readonly program: string;
  remove(): void;
}

/** The repository of a program in `dist`; undefined for an installed one, which has none. */
function repositoryOf(program: string): string | undefined {
  if (!existsSync(program)) return undefined;
  const root = dirname(dirname(realpathSync(program)));
  return ['.git', 'scripts/build.ts', 'node_modules'].every((part) => existsSync(join(root, part))) ? root : undefined;
}

/** The last tagged version of a repository; undefined where no tag is. */
export function lastTagged(repository: string): Tagged | undefined {
  const git = (...args: readonly string[]): string | undefined => {
    const { status, stdout } = run('git', ['-C', repository, ...args]);
    return status === 0 ? stdout.trim() : undefined;
  };
  const tag = git('describe', '--tags', '--abbrev=0');
  const commit = tag === undefined ? undefined : git('rev-parse', '--short=8', `${tag}^{commit}`);
  return tag === undefined || commit === undefined ? undefined : { tag, commit };
}

/** Builds it in a folder of its own, with the packages that are installed here; a sentence says why it cannot. */
export async function earlierBundle(program: string, say: (text: string) => void): Promise<EarlierBundle | string> {
  const repository = repositoryOf(program);
  if (repository === undefined) return 'this program is not in a repository from which an earlier one could be built';
  const tagged = lastTagged(repository);
  if (tagged === undefined) return 'no tag is reachable from here: there is no earlier version to begin with';
  const folder = mkdtempSync(join(tmpdir(), 'troupe-chaos-earlier-'));
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  say(`building ${tagged.tag} (${tagged.commit}) in ${folder}`);
  try {
    const archive = join(folder, 'source.tar');
    await mustMeanwhile('git', ['-C', repository, 'archive', '--output', archive, tagged.commit, ...parts]);
    await mustMeanwhile('tar', ['-xf', archive, '-C', folder]);
    symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'));
    await mustMeanwhile(process.execPath, [join(folder, 'scripts', 'build.ts'), '--if-stale']);
  } catch (error) {
    remove();
    throw error;
  }
  return { ...tagged, program: join(folder, 'dist', 'troupe.js'), remove };
}
