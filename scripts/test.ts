/** `npm test`: the fast gate, then the integration tests against the real nats-server, Docker and kubectl. */
import { spawnSync } from 'node:child_process';
import { buildBundle } from './build.ts';
import { asRoot } from './root-rights.ts';

function run(title: string, command: readonly string[]): void {
  const started = performance.now();
  console.log(`\n── ${title}: ${command.join(' ')}`);
  const [program, ...args] = command;
  const { status } = spawnSync(program ?? '', args, { stdio: 'inherit', env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` } });
  console.log(`── ${title} took ${((performance.now() - started) / 1000).toFixed(0)} s`);
  if (status !== 0) process.exit(status ?? 1);
}

run('fast gate', ['node', 'scripts/check.ts']);
await buildBundle();
run('integration', [...asRoot(), 'ava', '--config', 'test/integration/ava.config.js', ...process.argv.slice(2)]);
