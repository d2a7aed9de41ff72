/**
 * `npm test`: the fast gate, the simulation's whole seeds, hostile requests, then the integration tests against the
 * real nats-server, Docker and kubectl. Ends with one line that counts the tests of all.
 */
import { spawn } from 'node:child_process';
import { buildBundle } from './build.ts';
import { asRoot } from './root-rights.ts';

interface Outcome {
  readonly code: number;
  readonly passed: number;
  readonly failed: number;
}

const environment = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };

/** Runs one part, showing its output as it comes. */
function run(title: string, command: readonly string[]): Promise<Outcome> {
  const started = performance.now();
  console.log(`\n── ${title}: ${command.join(' ')}`);
  const [program = '', ...args] = command;
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'], env: environment });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      process.stdout.write(chunk);
    });
    child.on('close', (code) => {
      console.log(`── ${title} took ${((performance.now() - started) / 1000).toFixed(0)} s`);
      const count = (what: string): number =>
        [...output.matchAll(new RegExp(`(\\d+) (?:tests?|hooks?) ${what}`, 'g'))].reduce(
          (sum, [, number]) => sum + Number(number),
          0,
        );
      resolve({ code: code ?? 1, passed: count('passed'), failed: count('failed') });
    });
  });
}

const gate = await run('fast gate', ['node', 'scripts/check.ts']);
const simulation = await run('simulation', ['ava', '--config', 'test/simulation/ava.config.js']);
const hostile = await run('hostile requests', ['ava', '--config', 'test/hostile/ava.config.js']);
await buildBundle();
const integration = await run('integration', [
  ...asRoot(),
  'ava',
  '--config',
  'test/integration/ava.config.js',
  ...process.argv.slice(2),
]);
const parts = [gate, simulation, hostile, integration];
const sum = (count: (part: Outcome) => number): number => parts.reduce((total, part) => total + count(part), 0);
console.log(`\n${sum((part) => part.passed)} passed, ${sum((part) => part.failed)} failed`);
process.exit(parts.every((part) => part.code === 0) ? 0 : 1);
