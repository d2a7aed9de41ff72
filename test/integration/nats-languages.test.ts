import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import test from 'ava';
import { Cluster, eventually, run, signalProcess } from './cluster.ts';

/** The programs of examples/nats, built with Debian's NATS clients for C and Go, drive a real cluster. */
const folder = resolve(import.meta.dirname, '..', '..', 'examples', 'nats');

interface Language {
  readonly name: 'c' | 'go';
  /** What the build needs, and the package that has it. */
  readonly needs: readonly (readonly [path: string, debianPackage: string])[];
  readonly build: (program: string) => readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

const languages: readonly Language[] = [
  {
    name: 'c',
    needs: [
      ['/usr/bin/gcc', 'gcc'],
      ['/usr/include/nats/nats.h', 'libnats-dev'],
      ['/usr/include/cjson/cJSON.h', 'libcjson-dev'],
    ],
    build: (program) => ['gcc', '-Wall', '-Werror', '-o', program, join(folder, 'drive.c'), '-lnats', '-lcjson'],
    environment: {},
  },
  {
    name: 'go',
    needs: [
      ['/usr/bin/go', 'golang-go'],
      ['/usr/share/gocode/src/github.com/nats-io/nats.go', 'golang-github-nats-io-go-nats-dev'],
    ],
    // Without optimization, since most of the time of a first build goes into the standard library.
    build: (program) => [
      'go',
      'build',
      '-gcflags=all=-N -l',
      '-o',
      program,
      join(folder, 'drive.go'),
      join(folder, 'controller.go'),
    ],
    environment: { GOPATH: '/usr/share/gocode', GO111MODULE: 'off', CGO_ENABLED: '0' },
  },
];
const missing = (language: Language): readonly string[] =>
  language.needs.filter(([path]) => !existsSync(path)).map(([, debianPackage]) => debianPackage);
const built = languages.filter((language) => missing(language).length === 0);

let cluster: Cluster;
const children: Program[] = [];

/** A program of examples/nats while it runs. */
class Program {
  readonly child: ChildProcess;
  output = '';
  errors = '';
  readonly ended: Promise<number | null>;

  constructor(language: Language, args: readonly string[]) {
    const program = join(cluster.home, `drive-${language.name}`);
    this.child = spawn(program, args, { env: { ...process.env, NATS_FILE: join(cluster.home, 'nats.json') } });
    this.child.stdout?.on('data', (chunk: Buffer) => {
      this.output += chunk.toString();
    });
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.errors += chunk.toString();
    });
    this.ended = new Promise((done) => this.child.once('close', done));
    children.push(this);
  }

  get lines(): readonly string[] {
    return this.output.trim().split('\n');
  }

  async prints(text: string): Promise<void> {
    await eventually(`"${text}"`, () => this.output.includes(text)).catch((error: unknown) => {
      throw new Error(`${String(error)}; printed: ${this.output}${this.errors}`);
    });
  }
}

function compile(language: Language): Promise<void> {
  const [program = '', ...args] = language.build(join(cluster.home, `drive-${language.name}`));
  const child = spawn(program, args, { env: { ...process.env, ...language.environment } });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  return new Promise((done, failed) => {
    child.once('close', (status) => {
      if (status === 0) done();
      else failed(new Error(`${program} ${args.join(' ')}: ${said}`));
    });
  });
}

test.before(async (t) => {
  for (const language of languages)
    if (missing(language).length > 0)
      t.log(`nothing runs in ${language.name}: these packages are not installed: ${missing(language).join(', ')}`);
  if (built.length === 0) return;
  cluster = await Cluster.create('natslang', ['--nodes', '0']);
  await Promise.all(built.map(compile));
});
test.after.always(() => {
  for (const { child } of children) child.kill('SIGKILL');
  cluster?.destroy();
});

const mapOf = (name: string, label: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: default, labels: {${label}}}\n`;

for (const language of languages) {
  const { name } = language;
  const when = missing(language).length === 0 ? test : test.skip;

  when(`a client in ${name} creates, gets, lists, patches and deletes; answers in pieces are joined`, async (t) => {
    // Two of 600 kB: the list takes more than one message of NATS.
    for (const half of ['left', 'right']) {
      const large = {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: `${half}-${name}` },
        data: { large: 'x'.repeat(600_000) },
      };
      const made = run('kubectl', ['--kubeconfig', cluster.kubeconfig, 'create', '-f', '-'], {
        input: JSON.stringify(large),
      });
      t.is(made.status, 0, made.stderr);
    }
    const program = new Program(language, ['objects']);
    t.is(await program.ended, 0, program.errors);
    t.deepEqual(program.lines, [
      'created 201',
      'got blue',
      'patched red',
      `listed from-${name}`,
      'refused 404 NotFound',
      'deleted 200',
    ]);
  });

  when(`the change feed in ${name} tells what was made, changed and deleted`, async (t) => {
    const program = new Program(language, ['feed']);
    await program.prints('listening');
    cluster.apply(mapOf(`feed-${name}`, 'a: b'));
    cluster.must('label', 'configmap', `feed-${name}`, 'more=labels');
    cluster.must('delete', 'configmap', `feed-${name}`);
    t.is(await program.ended, 0, program.errors);
    t.deepEqual(program.lines, ['listening', `ADDED feed-${name}`, `MODIFIED feed-${name}`, `DELETED feed-${name}`]);
  });
}

const withAny = built.length === 0 ? test.skip : test.serial;

withAny('a watch in each gets every change in its window of 8, and heartbeats while nothing changes', async (t) => {
  const watches = await Promise.all(
    built.map(async (language) => {
      const { name } = language;
      const names = Array.from({ length: 20 }, (_, index) => `${name}-${String(index).padStart(2, '0')}`);
      cluster.apply(names.map((one) => mapOf(one, `watched: ${name}`)).join('---\n'));
      const program = new Program(language, ['watch']);
      await program.prints(`ADDED ${names.at(-1)}`);
      await program.prints('heartbeat');
      return { name, names, program };
    }),
  );
  for (const { name, names, program } of watches) {
    cluster.apply(mapOf('last', `watched: ${name}`).replace('name: last', `name: last, annotations: {by: ${name}}`));
    await program.prints('ADDED last');
    cluster.must('delete', 'configmap', 'last');
    t.is(await program.ended, 0, program.errors);
    const heard = program.lines.filter((line) => line !== 'heartbeat');
    t.deepEqual(
      heard,
      ['watching', ...names.map((one) => `ADDED ${one}`), 'ADDED last', 'DELETED last'],
      program.errors,
    );
    t.is(program.errors, '', 'the stream held from its first message to its last');
  }
});

withAny(
  'controllers in C and Go share their objects; one that hangs is replaced and cannot write any more',
  async (t) => {
    const [first, second = first] = built;
    if (first === undefined || second === undefined) return;
    const instances = { a: new Program(first, ['controller', 'a']), b: new Program(second, ['controller', 'b']) };
    await Promise.all([instances.a.prints('registered a'), instances.b.prints('registered b')]);
    const change = (colour: string): string =>
      cluster.apply(`${mapOf('paint', 'copy: "yes"')}data: {colour: ${colour}}\n`);
    const copy = (): string =>
      cluster.kubectl('get', 'configmap', 'paint-copy', '-o', 'jsonpath={.data.by} {.data.colour}').stdout;
    change('blue');
    await eventually('the copy', () => copy().endsWith(' blue'));
    // One that wakes up may find out that it is replaced before it writes: it is stopped again then.
    let lateWrites = 0;
    for (const colour of ['green', 'red', 'white', 'black', 'brown'] as const) {
      const owner = copy().startsWith('a') ? 'a' : 'b';
      const stopped = instances[owner];
      await eventually('it to say so', () => stopped.output.endsWith(`wrote paint ${owner}\n`));
      const before = stopped.output.length;
      signalProcess(stopped.child.pid, 'SIGSTOP');
      change(colour);
      await eventually('the other to take over', () => copy() === `${owner === 'a' ? 'b' : 'a'} ${colour}`);
      signalProcess(stopped.child.pid, 'SIGCONT');
      await eventually('it to register anew', () => stopped.output.slice(before).includes('registered'));
      const [late = ''] = stopped.output.slice(before).split('registered');
      t.false(late.includes('wrote'), late);
      t.regex(copy(), new RegExp(` ${colour}$`));
      lateWrites += late.includes('refused paint') ? 1 : 0;
      t.log(`${owner} stood still, and said "${late.trim()}" before it registered anew`);
      if (lateWrites > 0) break;
    }
    t.is(lateWrites, 1, 'a late write was tried, and refused');
    t.log(`a in ${first.name}, b in ${second.name}`);
  },
);
