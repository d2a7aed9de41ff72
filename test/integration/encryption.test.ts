import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Cluster, eventually } from './cluster.ts';
import { type Finding, promised, statesOf } from './hardening-table.ts';

/** What a file holds; nothing when it was removed since the folder was read. */
function contentOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return Buffer.alloc(0);
  }
}

/** The files of a home that hold a text, in the clear or as base64. */
function filesWith(folder: string, texts: readonly string[]): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => {
      const bytes = contentOf(file);
      return texts.some((text) => bytes.includes(text));
    });
}

const secret = 'a-value-that-no-file-may-hold';
const shapes = [secret, Buffer.from(secret).toString('base64')];

/** Holds the running cluster against the CIS benchmark, prints what fails, and compares it with the documents. */
function checkHardening(t: ExecutionContext, cluster: Cluster, profile: 'default' | 'hardened'): void {
  const findings = JSON.parse(cluster.troupe('hardening', 'check', '--json').stdout) as readonly Finding[];
  const outside = findings.filter(({ id }) => !id.startsWith('5.'));
  const count = (state: string): number => outside.filter((found) => found.state === state).length;
  t.log(`${profile}: ${count('pass')} of ${count('pass') + count('fail')} decided controls outside section 5 pass`);
  for (const { id, state, detail } of findings) if (state === 'fail') t.log(`${profile} fails ${id}: ${detail}`);
  t.deepEqual(statesOf(findings), promised(profile));
  t.true(count('pass') >= (profile === 'default' ? 59 : 63));
}

test("no file of the home holds a Secret's value, through rotation and restart; audit names the writer", async (t) => {
  t.timeout(240_000);
  const cluster = await Cluster.create('sealed', ['--nodes', '0']);
  t.teardown(() => cluster.destroy());
  cluster.must('create', 'secret', 'generic', 'sealed', `--from-literal=password=${secret}`);
  const read = (): string =>
    Buffer.from(cluster.must('get', 'secret', 'sealed', '-o', 'jsonpath={.data.password}'), 'base64').toString();
  t.deepEqual(filesWith(cluster.home, shapes), []);

  const rotated = cluster.troupe('encryption', 'rotate');
  t.is(rotated.status, 0, rotated.stderr);
  t.regex(rotated.stdout, /key-2 encrypts now; deleted key-1/);
  t.is(read(), secret);
  t.deepEqual(filesWith(cluster.home, shapes), []);

  const line = await eventually('an audit line', () =>
    readFileSync(join(cluster.home, 'logs', 'audit.log'), 'utf8')
      .split('\n')
      .find((text) => text.includes('"sealed"')),
  );
  t.like(JSON.parse(line), {
    verb: 'create',
    user: { username: 'kubernetes-admin' },
    objectRef: { resource: 'secrets', name: 'sealed' },
    sourceIPs: ['127.0.0.1'],
    responseStatus: { code: 201 },
  });

  checkHardening(t, cluster, 'default');
  t.is(cluster.troupe('down').status, 0);
  t.is(cluster.troupe('store', 'verify').status, 0);
  t.is(cluster.up(['--nodes', '0', '--hardened']).status, 0);
  t.is(read(), secret);
  t.deepEqual(filesWith(cluster.home, shapes), []);
  checkHardening(t, cluster, 'hardened');
});
