import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { Cluster, eventually, type Result } from './cluster.ts';

/** `troupe store` against a running member and on the files of a stopped one. */
let cluster: Cluster;
let agent: Agent;
let folder: string;

test.before('a control plane without nodes', async () => {
  folder = mkdtempSync(join(tmpdir(), 'troupe-store-command-'));
  cluster = await Cluster.create('store-command', ['--nodes', '0']);
  agent = new Agent({ keepAlive: true, maxSockets: 64, ca: cluster.ca });
});
test.after.always('removed with everything that it made', () => {
  agent?.destroy();
  if (cluster !== undefined) cluster.destroy();
  rmSync(folder, { recursive: true, force: true });
});

function create(name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const body = JSON.stringify({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name },
      data: { name, filling: 'x'.repeat(500) },
    });
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      authorization: `Bearer ${cluster.token}`,
    };
    const call = request(
      `${cluster.url}/api/v1/namespaces/default/configmaps`,
      { method: 'POST', agent, headers },
      (response) => {
        response.resume();
        response.once('end', () => {
          resolve(response.statusCode === 201);
        });
      },
    );
    call.once('error', () => {
      resolve(false);
    });
    call.end(body);
  });
}

const backupFile = (): string => join(folder, 'backup');
const fact = (text: string, name: string): string =>
  new RegExp(`^${name}: +(\\S+)$`, 'm').exec(text)?.[1] ?? `no ${name} in ${text}`;

function ok(
  t: { log: (text: string) => void; is: (a: unknown, b: unknown, message?: string) => unknown },
  result: Result,
): string {
  t.is(result.status, 0, result.stderr);
  return result.stdout;
}

test.serial('status names the member, its syncs and its hash; changes that cannot be are refused in words', (t) => {
  const status = JSON.parse(ok(t, cluster.troupe('store', 'status', '-o', 'json'))) as {
    members: { name: string; status: { role: string; syncMs: { longest: number }; alarms: unknown[] } }[];
    hash: { equal: boolean };
  };
  t.like(status.members[0], { name: 'member-1', status: { role: 'leader', alarms: [] } });
  t.true((status.members[0]?.status.syncMs.longest ?? 0) > 0);
  t.true(status.hash.equal);
  t.regex(ok(t, cluster.troupe('store', 'status')), /the hashes agree/);
  t.regex(ok(t, cluster.troupe('store', 'members')), /member-1.*voter.*yes/);
  for (const [args, words] of [
    [['remove', 'member-1'], /last voter \(last-voter\)/],
    [['promote', 'stranger'], /not a learner.*unknown-member/],
    [['transfer', 'stranger'], /not a voter/],
    [['add', 'a.b>'], /cannot be a member's name/],
    [['compact', '--revision', '99999999'], /not reached|future/],
  ] as const) {
    const refused = cluster.troupe('store', ...args);
    t.is(refused.status, 1, args.join(' '));
    t.regex(refused.stderr, words);
  }
});

test.serial(
  'a backup taken under load is whole, restores into another home, and that home has the very hash',
  async (t) => {
    let running = true;
    let created = 0;
    const clients = Array.from({ length: 64 }, async (_, id) => {
      for (let i = 0; running; i++) if (await create(`c-${id}-${i}`)) created += 1;
    });
    await eventually('the first 500 creates', () => created >= 500);
    const before = created;
    // The command runs while this process goes on sending: the creates are answered before and after it.
    const output = await new Promise<string>((resolve) => {
      const child = spawn(process.execPath, ['dist/troupe.js', 'store', 'backup', backupFile()], {
        env: { ...process.env, TROUPE_HOME: cluster.home },
      });
      let text = '';
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      child.stderr.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      child.once('close', () => {
        resolve(text);
      });
    });
    t.regex(output, /is intact/);
    t.true(created > before, 'writes went on');
    running = false;
    await Promise.all(clients);
    const hash = fact(output, 'hash');
    t.is(fact(ok(t, cluster.troupe('store', 'verify', backupFile())), 'hash'), hash);
    t.regex(cluster.troupe('store', 'backup', backupFile()).stderr, /already exists/);
    const home = join(folder, 'restored');
    const foreign = cluster.troupe('store', 'restore', backupFile(), '--home', home);
    t.is(foreign.status, 1);
    t.regex(foreign.stderr, /of cluster store-command, not of local \(foreign\)/);
    const restored = ok(t, cluster.troupe('store', 'restore', backupFile(), '--home', home, '--force'));
    t.is(fact(restored, 'hash'), hash);
    const jump = Number(fact(restored, 'goes on at revision')) - Number(fact(output, 'revision'));
    t.true(jump >= 2 ** 30, 'what was written after the backup had other revisions');
    t.regex(
      cluster.troupe('store', 'restore', backupFile(), '--home', home, '--force').stderr,
      /holds a store already.*not-empty/,
    );
    const verified = ok(t, cluster.troupe('store', 'verify', '--home', home));
    t.is(fact(verified, 'hash'), hash);
    t.is(fact(verified, 'revision'), fact(restored, 'goes on at revision'));
    t.log(
      `${created} creates; ${fact(output, 'keys')} keys at revision ${fact(output, 'revision')} ` +
        `with hash ${hash}, restored to the same`,
    );
  },
);

test.serial(
  'a damaged backup is refused, a compaction is carried out, and files of a running member are left alone',
  (t) => {
    const bytes = readFileSync(backupFile());
    bytes[Math.floor(bytes.length / 2)] = (bytes[Math.floor(bytes.length / 2)] ?? 0) ^ 1;
    const damaged = join(folder, 'damaged');
    writeFileSync(damaged, bytes);
    for (const args of [
      ['verify', damaged],
      ['restore', damaged, '--home', join(folder, 'never'), '--force'],
    ])
      t.regex(cluster.troupe('store', ...args).stderr, /checksum.*damaged/);
    t.regex(ok(t, cluster.troupe('store', 'compact')), /oldest readable revision is \d+/);
    for (const args of [['verify'], ['recover', '--yes-i-accept-loss']]) {
      const refused = cluster.troupe('store', ...args);
      t.is(refused.status, 1);
      t.regex(refused.stderr, /in use by.*in-use/);
    }
  },
);

test.serial('recovery says what it would lose before it does anything, and the member starts after it', async (t) => {
  ok(t, cluster.troupe('down'));
  const asked = cluster.troupe('store', 'recover');
  t.is(asked.status, 1);
  t.regex(asked.stderr, /LOST: every later write.*[\s\S]*Nothing was changed/);
  const hash = fact(ok(t, cluster.troupe('store', 'verify')), 'hash');
  t.is(fact(ok(t, cluster.troupe('store', 'recover', '--yes-i-accept-loss')), 'hash'), hash);
  ok(t, cluster.up(['--nodes', '0']));
  await eventually('the objects to be there', () => cluster.kubectl('get', 'configmap', 'c-0-0').status === 0);
});
