import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import test from 'ava';
import { buildClient } from '../../scripts/build-client.ts';
import { Cluster, eventually, run } from './cluster.ts';

/** Every example of docs/nats.md, cut out of the page and run against a cluster as its reader would run it. */
const root = resolve(import.meta.dirname, '..', '..');
const examples = new Map(
  [
    ...readFileSync(join(root, 'docs', 'nats.md'), 'utf8').matchAll(
      /```(\w+)\n(?:#|\/\/) example: (\S+)\n([\s\S]*?)```/g,
    ),
  ].map(([, , name = '', code = '']) => [name, code]),
);
/** The file of nats-py where Python finds it; undefined: it is not installed. */
const natsPy = run('python3', ['-c', 'import nats; print(nats.__file__)']).stdout.trim() || undefined;
let cluster: Cluster;
const children: ChildProcess[] = [];

test.before(async (t) => {
  t.log(
    natsPy === undefined
      ? 'nats-py is not installed: its examples run on test/integration/python/nats, which has the part of its ' +
          'interface that they use'
      : `the examples in Python run on nats-py, ${natsPy}`,
  );
  cluster = await Cluster.create('natsdocs', ['--nodes', '0']);
  const modules = join(cluster.home, 'examples', 'node_modules');
  mkdirSync(join(modules, '@troupe'), { recursive: true });
  await buildClient(join(modules, '@troupe', 'client'));
  for (const name of ['@nats-io', 'msgpackr', 'tweetnacl'])
    symlinkSync(join(root, 'node_modules', name), join(modules, name));
});
test.after.always(() => {
  for (const child of children) child.kill('SIGKILL');
  cluster?.destroy();
});

const environment = (): Record<string, string> => ({
  NATS_FILE: join(cluster.home, 'nats.json'),
  ...(natsPy !== undefined ? {} : { PYTHONPATH: join(import.meta.dirname, 'python') }),
});

function fileOf(name: string, ending: string): string {
  const file = join(cluster.home, 'examples', `${name}.${ending}`);
  writeFileSync(file, examples.get(name) ?? '');
  return file;
}

const expected: readonly (readonly [name: string, program: string, ending: string, output: readonly string[]])[] = [
  ['python-request', 'python3', 'py', ['201', 'red', 'NotFound', '200']],
  ['python-watch', 'python3', 'py', ['watching', 'ADDED seen', 'DELETED seen']],
  ['typescript-objects', process.execPath, 'mts', ['red', 'colour shape', '404 NotFound']],
  ['typescript-informer', process.execPath, 'mts', ['added informed', 'changed 2', 'deleted informed']],
  ['typescript-election', process.execPath, 'mts', ['first leads', 'first lost', 'second leads', 'second lost']],
  ['shell-request', 'bash', 'sh', ['"gitVersion":"v1.33', '{"status":200']],
];

for (const [name, program, ending, output] of expected) {
  test.serial(`the example ${name} does what the page says`, (t) => {
    const result = run(program, [fileOf(name, ending)], { env: environment(), timeoutMs: 90_000 });
    t.deepEqual(result.stdout.trim().split('\n'), output, result.stderr);
  });
}

test('every example of the page is run', (t) => {
  t.deepEqual([...examples.keys()].sort(), [...expected.map(([name]) => name), 'python-controller'].sort());
});

test.serial(
  'an external controller in Python reconciles, and one that hangs is replaced and cannot write any more',
  async (t) => {
    const file = fileOf('python-controller', 'py');
    let output = '';
    const startInstance = (instance: string): void => {
      const child = spawn('python3', [file, instance], {
        env: { ...process.env, ...environment() },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      child.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
      child.stderr.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
      children.push(child);
    };
    startInstance('a');
    startInstance('b');
    await eventually(
      'both instances to register',
      () => output.includes('registered a') && output.includes('registered b'),
    );
    cluster.apply(
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: source, namespace: default, labels: {mirror: ' +
        '"yes"}}\ndata: {colour: blue}\n',
    );
    const written = (): string =>
      cluster.kubectl('get', 'configmap', 'source-mirror', '-o', 'jsonpath={.data.by} {.data.colour}').stdout;
    await eventually('the copy', () => written().endsWith(' blue'));
    const tree = cluster.troupe('tree').stdout;
    t.true(
      ['participant-mirror-a', 'participant-mirror-b', 'external-mirror'].every((name) => tree.includes(name)),
      'they stand in the supervision tree',
    );

    const [hanging = '', other] = written().startsWith('a') ? ['a', 'b'] : ['b', 'a'];
    cluster.must(
      'patch',
      'configmap',
      'source',
      '--type=merge',
      '-p',
      `{"data":{"hang":"${hanging}","colour":"green"}}`,
    );
    await eventually('the other to take over', () => written() === `${other} green`);
    await eventually('the late write to be refused', () => output.includes(`refused 409 source ${hanging}`)).catch(
      (error: unknown) => {
        t.fail(`${String(error)}: ${output}`);
      },
    );
    t.regex(cluster.troupe('tree', '-o', 'json').stdout, /external controller stalled/);
    await eventually('it to register anew', () => output.split(`registered ${hanging}`).length > 2);
  },
);
