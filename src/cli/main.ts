import { enableCompileCache } from 'node:module';
import { preferSystemPrograms } from '../main/index.ts';
import { run } from './program.ts';

// A start of the bundle compiles once per machine, not once per start.
enableCompileCache();
preferSystemPrograms();
// Whoever reads the output may have seen enough (`| head`).
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
process.exitCode = await run(process.argv.slice(2));
// What a process of the cluster had opened before it failed must not keep it.
if (process.exitCode !== 0) process.exit();
