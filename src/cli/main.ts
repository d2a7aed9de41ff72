import { enableCompileCache } from 'node:module';
import { preferSystemPrograms } from '../main/index.ts';
import { run } from './program.ts';

// A start of the bundle compiles once per machine, not once per start.
enableCompileCache();
preferSystemPrograms();
process.exitCode = await run(process.argv.slice(2));
