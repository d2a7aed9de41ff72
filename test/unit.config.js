/** The bundled unit tests that scripts/unit.ts makes. What they leave in the temporary folder goes with the run. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// A short name: paths of sockets have their limit.
const folder = mkdtempSync(join(tmpdir(), 'tt-'));
process.once('exit', () => {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});

export default {
  files: ['build/unit/*.test.js'],
  extensions: ['js'],
  workerThreads: true,
  concurrency: 2,
  timeout: '60s',
  environmentVariables: { TMPDIR: folder },
};
