/**
 * The `troupe` command as npm installs it, in syntax that any Node since 18 reads: runs the program beside it with this
 * Node if that is new enough, else with the one that came with the package, or says which version is missing.
 */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

/** The major version that the bundle is built for. */
const wanted = 24;

function ownNode(): string | undefined {
  try {
    return createRequire(import.meta.url).resolve(`node-${process.platform}-${process.arch}/bin/node`);
  } catch {
    return undefined;
  }
}

/** Hands over to another Node; signals reach it, and its end is this process's. */
function handOver(node: string, program: URL): void {
  const child = spawn(node, [fileURLToPath(program), ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      child.kill(signal);
    });
  child.on('error', (error) => {
    console.error(`troupe: cannot start ${node}: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    process.exit(code ?? 128 + constants.signals[signal ?? 'SIGKILL']);
  });
}

const program = new URL('./troupe.js', import.meta.url);
const major = Number(process.versions.node.split('.')[0]);
const other = major >= wanted ? undefined : ownNode();
if (major >= wanted) await import(program.href);
else if (other !== undefined) handOver(other, program);
else {
  console.error(
    `troupe: this is Node ${process.versions.node}; Troupe needs Node ${String(wanted)} or newer. ` +
      'Install that, or install Troupe with npm, which brings it along.',
  );
  process.exitCode = 1;
}
