/** The entry of the `troupe` command. */
import { enableCompileCache } from 'node:module';
import { preferSystemPrograms } from '../main/index.ts';
import { run } from './program.ts';

// A start of the bundle compiles once per machine, not once per start.
enableCompileCache();
preferSystemPrograms();
// The reader of the output may have closed it (`| head`).
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
process.exitCode = await run(process.argv.slice(2));
// Handles that a failed start left open must not keep the process alive.
if (process.exitCode !== 0) process.exit();
