import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { freePort, run } from './cluster.ts';

/** What `npm install` of the package brings, without the packages that it is built from. */
test('the published package is whole: it starts a cluster from a folder that has nothing else', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-package-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const packed = run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder]);
  t.is(packed.status, 0, packed.stderr);
  const [archive = ''] = readdirSync(folder);
  t.is(run('tar', ['-xzf', join(folder, archive), '-C', folder]).status, 0);
  const installed = join(folder, 'package');
  t.deepEqual(readdirSync(installed).sort(), ['LICENSE', 'README.md', 'dist', 'package.json']);
  const licenses = readFileSync(join(installed, 'dist', 'third-party-licenses.txt'), 'utf8');
  for (const name of ['nact', 'dockerode', '@nats-io/transport-node', 'uplot'])
    t.true(licenses.includes(`\n${name} `) || licenses.startsWith(`${name} `), name);
  const port = await freePort();
  const troupe = (...args: string[]) =>
    run(process.execPath, [join(installed, 'dist', 'launch.js'), ...args, '--home', join(folder, 'home')]);
  const up = troupe('up', '--cluster', 'package', '--nodes', '0', '--api-port', String(port));
  t.is(up.status, 0, up.stderr);
  t.regex(
    run('kubectl', ['--kubeconfig', join(folder, 'home', 'kubeconfig'), 'version']).stdout,
    /Server Version: v1\.33/,
  );
  t.true(existsSync(join(installed, 'dist', 'dashboard', 'index.html')));
  t.is(troupe('down', '--purge').status, 0);
  if (olderNode === undefined)
    t.log('this machine has no older Node of its own: how the command starts by one was not tried');
  else startsByOlderNode(t, olderNode, installed);
});

/** A checkout elsewhere: the files of the repository, and its packages. */
function checkout(folder: string): void {
  const files = run('git', ['-C', root, 'ls-files', '-z', '--cached', '--others', '--exclude-standard']);
  for (const file of files.stdout.split('\0').filter((name) => name !== '' && existsSync(join(root, name)))) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    copyFileSync(join(root, file), join(folder, file));
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
}

test('the package has the same bytes, whenever and wherever it is made', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-pack-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const elsewhere = join(folder, 'some', 'other', 'place');
  mkdirSync(elsewhere, { recursive: true });
  checkout(elsewhere);
  /** Built before the tests, and built anew. */
  const packs = [
    ['-C', root, 'pack', '--ignore-scripts', '--pack-destination', folder],
    ['-C', elsewhere, 'pack', '--pack-destination', join(folder, 'some')],
  ];
  for (const args of packs) {
    const packed = run('npm', args);
    t.is(packed.status, 0, packed.stderr);
  }
  const hashes = [folder, join(folder, 'some')].map((place) => {
    const [archive = ''] = readdirSync(place).filter((name) => name.endsWith('.tgz'));
    return createHash('sha256')
      .update(readFileSync(join(place, archive)))
      .digest('hex');
  });
  t.is(hashes[0], hashes[1]);
});

const root = resolve(import.meta.dirname, '..', '..');
const systemNode = run('/usr/bin/node', ['--version']);
const olderNode =
  systemNode.status === 0 && Number(/^v(\d+)/.exec(systemNode.stdout)?.[1]) < 24 ? '/usr/bin/node' : undefined;

/** Without a Node of its own the command says what it needs; with one it runs by that, and ends as it ends. */
function startsByOlderNode(t: ExecutionContext, node: string, installed: string): void {
  const command = (...args: string[]) => run(node, [join(installed, 'dist', 'launch.js'), ...args]);
  const refused = command('--version');
  t.is(refused.status, 1);
  t.regex(refused.stderr, /^troupe: this is Node \d+\.\d+\.\d+; Troupe needs Node 24 or newer\. .*\n$/);
  const own = join(installed, 'node_modules', `node-linux-${process.arch}`, 'bin');
  mkdirSync(own, { recursive: true });
  symlinkSync(process.execPath, join(own, 'node'));
  t.regex(command('--version').stdout, /^\d+\.\d+\.\d+\n$/);
  t.is(command('fly').status, 2, 'the exit code is handed on');
}
