import { enableCompileCache } from 'node:module';
import { run } from './program.ts';

// A start of the bundle compiles once per machine, not once per start.
enableCompileCache();
process.exitCode = await run(process.argv.slice(2));
