import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test from 'ava';
import { Cluster, eventually, freePort, type Result } from './cluster.ts';
import { httpWriter, maps, Witness } from './members-witness.ts';
import { ManyClient } from './members-client.ts';

/**
 * A copy of a member's home is started beside the cluster that it was copied from, as after a restored backup: it must
 * not serve, and harm nothing.
 */
const program = resolve(import.meta.dirname, '..', '..', 'dist', 'troupe.js');
let cluster: Cluster;
let copy: string;

test.before(async () => {
  cluster = await Cluster.create('twice', ['--members', '3', '--nodes', '0']);
  copy = mkdtempSync(join(tmpdir(), 'troupe-copy-'));
});
test.after.always(() => {
  cluster?.destroy();
  if (copy !== undefined) rmSync(copy, { recursive: true, force: true });
});

/** Copies what member-2 has, pid files included; only its ports are others, since both are on one machine. */
async function copyHome(): Promise<void> {
  for (const part of ['pki', 'data', 'run', 'config.yaml'])
    cpSync(join(cluster.home, part), join(copy, part), { recursive: true });
  mkdirSync(join(copy, 'logs'));
  const file = join(copy, 'run', 'members.json');
  const plan = JSON.parse(readFileSync(file, 'utf8')) as { name: string }[];
  const ports = { apiPort: await freePort(), natsPort: await freePort(), routePort: await freePort() };
  writeFileSync(
    file,
    JSON.stringify(plan.map((member) => (member.name === 'member-2' ? { ...member, ...ports } : member))),
  );
}

/** Runs the copy's member as its keeper would, to its end. */
function runCopy(): Promise<Result> {
  const child = spawn(process.execPath, [program, 'run-member', '--home', copy, '--name', 'member-2', '--no-node'], {
    env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text: Buffer) => {
    stdout += text.toString();
  });
  child.stderr.on('data', (text: Buffer) => {
    stderr += text.toString();
  });
  const late = setTimeout(() => {
    child.kill('SIGKILL');
  }, 90_000);
  return new Promise((done) => {
    child.on('close', (status) => {
      clearTimeout(late);
      done({ status: status ?? -1, stdout, stderr });
    });
  });
}

test('a second home of a running member says so and ends for good, and the cluster loses no write', async (t) => {
  const urls = cluster.status().members.map(({ url }) => url);
  const pids = (): unknown => cluster.status().members.map(({ name, pid }) => [name, pid]);
  const natsPid = (): string => readFileSync(join(cluster.home, 'run', 'member-2', 'nats-server.pid'), 'utf8');
  const before = [pids(), natsPid()];
  await copyHome();
  const record = new Witness();
  const writing = Promise.all([0, 1, 2].map((id) => httpWriter(cluster, { id, urls, record })));
  await eventually('writes', () => record.acknowledged.size > 20);
  const ended = await runCopy();
  const then = record.acknowledged.size;
  await eventually('more writes', () => record.acknowledged.size > then + 20);
  record.running = false;
  await writing;
  t.is(ended.status, 78, ended.stderr);
  t.true(
    ended.stderr.includes(
      'another process serves as member member-2 already, ' +
        `with its data in ${join(cluster.home, 'data', 'member-2', 'store')}`,
    ),
    ended.stderr,
  );
  t.true(ended.stderr.includes('stop one of the two'), ended.stderr);
  t.deepEqual([pids(), natsPid()], before);
  t.true(cluster.status().members.every(({ role }) => role !== 'down'));
  const client = new ManyClient(cluster, urls);
  const { items } = JSON.parse((await client.ask('GET', maps)).body) as { items: { metadata: { name: string } }[] };
  client.close();
  const present = new Set(items.map(({ metadata }) => metadata.name));
  t.deepEqual(
    [...record.acknowledged].filter((name) => !present.has(name)),
    [],
  );
  t.deepEqual(record.others, []);
  t.log(
    `${record.acknowledged.size} writes acknowledged meanwhile; ` +
      `retried: ${[...record.retryable].map(([code, count]) => `${code} ${count} times`).join(', ') || 'none'}`,
  );
});
