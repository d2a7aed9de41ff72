import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { freePort, run } from './cluster.ts';

/** What `npm install` of the package brings, without the packages that it is built from. */
test('the published package is whole: it starts a cluster from a folder that has nothing else', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-package-'));
  t.teardown(() => { rmSync(folder, { recursive: true, force: true }); });
  const packed = run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder]);
  t.is(packed.status, 0, packed.stderr);
  const [archive = ''] = readdirSync(folder);
  t.is(run('tar', ['-xzf', join(folder, archive), '-C', folder]).status, 0);
  const installed = join(folder, 'package');
  t.deepEqual(readdirSync(installed).sort(), ['LICENSE', 'README.md', 'dist', 'package.json']);
  const licenses = readFileSync(join(installed, 'dist', 'third-party-licenses.txt'), 'utf8');
  for (const name of ['nact', 'dockerode', '@nats-io/transport-node', 'uplot']) t.true(licenses.includes(`\n${name} `) || licenses.startsWith(`${name} `), name);
  const port = await freePort();
  const troupe = (...args: string[]) => run(process.execPath, [join(installed, 'dist', 'troupe.js'), ...args, '--home', join(folder, 'home')]);
  const up = troupe('up', '--cluster', 'package', '--nodes', '0', '--api-port', String(port));
  t.is(up.status, 0, up.stderr);
  t.regex(run('kubectl', ['--kubeconfig', join(folder, 'home', 'kubeconfig'), 'version']).stdout, /Server Version: v1\.33/);
  t.true(existsSync(join(installed, 'dist', 'dashboard', 'index.html')));
  t.is(troupe('down', '--purge').status, 0);
});
