import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The folder that holds config/ and dashboard/: dist/ of a bundle, the checkout when run from sources. */
function installation(): string {
  const here = import.meta.dirname;
  return [here, join(here, '..', '..')].find((folder) => existsSync(join(folder, 'config', 'defaults.yaml'))) ?? here;
}

export function defaultsFile(): string {
  return join(installation(), 'config', 'defaults.yaml');
}

export function dashboardFolder(): string {
  return join(installation(), 'dashboard');
}
