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

/** Where the system's own programs are. */
export const systemFolders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'] as const;

/**
 * Puts the system's folders first on this process's PATH: npm's own come before them otherwise, with programs of the
 * same names (nft).
 */
export function preferSystemPrograms(): void {
  process.env['PATH'] = [...systemFolders, process.env['PATH'] ?? ''].join(delimiter);
}
