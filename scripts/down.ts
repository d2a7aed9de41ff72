/** `npm run down`: stops what `npm run up` started. Arguments go to `troupe down`: `npm run down -- --purge`. */
import { spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildIfStale } from './build.ts';
import { rerunAsRoot } from './root-rights.ts';

const root = resolve(import.meta.dirname, '..');
await buildIfStale();
rerunAsRoot(import.meta.filename);
const { status } = spawnSync(process.execPath, [join(root, 'dist', 'troupe.js'), 'down', ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, TROUPE_HOME: process.env['TROUPE_HOME'] ?? join(homedir(), '.troupe', 'local') },
});
process.exit(status ?? 1);
