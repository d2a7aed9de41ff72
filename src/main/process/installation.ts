/** Where the installed files are: defaults, dashboard and the system's programs. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The folder that holds config/ and dashboard/: dist/ of a bundle, the checkout when run from sources. */
function installation(): string {
  const here = import.meta.dirname;
  return (
    [here, join(here, '..', '..', '..')].find((folder) => existsSync(join(folder, 'config', 'defaults.yaml'))) ?? here
  );
}

export function defaultsFile(): string {
  return join(installation(), 'config', 'defaults.yaml');
}

export function dashboardFolder(): string {
  return join(installation(), 'dashboard');
}

/** The folders of the system's programs. */
export const systemFolders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'] as const;

/**
 * Puts the system's folders first on this process's PATH: npm puts folders before them that have programs of the same
 * names (nft).
 */
export function preferSystemPrograms(): void {
  process.env['PATH'] = [...systemFolders, process.env['PATH'] ?? ''].join(delimiter);
}
