import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { PodFacts } from '../container/index.ts';
import type { New, Pod, PodSpec, Volume } from '../../api/index.ts';
import { type ConfigData, diskVolumeFiles, hostsFile, VolumeSetupError } from './index.ts';
import { runCommand } from '../network/index.ts';
import { withPinnedPath } from './pinned-path.ts';
import { projectedFiles, type ProjectionSources } from './projection.ts';
import { stored } from '../objects.fixture.ts';

const pod = (spec: New<PodSpec> = {}): Pod =>
  stored<Pod>({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop', uid: 'u', labels: { b: '2', a: '1' } },
    spec: { containers: [], ...spec },
  });
const facts: PodFacts = { pod: pod(), podIps: ['10.244.0.2'], hostIps: ['192.0.2.2'], allocatable: {} };
const bytes = (text: string): Uint8Array => Buffer.from(text);
const objects: Readonly<Record<string, ConfigData>> = { settings: { a: bytes('1'), b: bytes('2') } };
const sources: ProjectionSources = {
  configMap: (name) => Promise.resolve(objects[name]),
  secret: (name) => Promise.resolve(objects[name]),
  token: ({ audience }) => Promise.resolve(`token for ${audience}`),
};
const shown = async (volume: Omit<Volume, 'name'>): Promise<Record<string, string>> =>
  Object.fromEntries(
    [...(await projectedFiles(facts, { name: 'v', ...volume }, sources))].map(([path, file]) => [
      path,
      `${Buffer.from(file.data).toString()} ${file.mode.toString(8)}`,
    ]),
  );
const files = diskVolumeFiles(() => Promise.resolve(''));

test('a ConfigMap shows all keys, or the chosen ones under other names', async (t) => {
  t.deepEqual(await shown({ configMap: { name: 'settings' } }), { a: '1 644', b: '2 644' });
  t.deepEqual(
    await shown({
      configMap: {
        name: 'settings',
        defaultMode: 0o400,
        items: [
          { key: 'a', path: 'x/y' },
          { key: 'b', path: 'z', mode: 0o600 },
        ],
      },
    }),
    { 'x/y': '1 400', z: '2 600' },
  );
});

test("a missing source of a volume is an error with the kubelet's text, unless it is optional", async (t) => {
  await t.throwsAsync(shown({ configMap: { name: 'gone' } }), {
    instanceOf: VolumeSetupError,
    message: 'configmap "gone" not found',
  });
  await t.throwsAsync(shown({ secret: { secretName: 'gone' } }), { message: 'secret "gone" not found' });
  await t.throwsAsync(shown({ secret: { secretName: 'settings', items: [{ key: 'x', path: 'x' }] } }), {
    message: 'references non-existent secret key: x',
  });
  t.deepEqual(await shown({ configMap: { name: 'gone', optional: true } }), {});
});

test('a projected volume joins its sources', async (t) => {
  const projected = {
    sources: [
      { configMap: { name: 'settings', items: [{ key: 'a', path: 'a' }] } },
      { serviceAccountToken: { audience: 'me', path: 'token' } },
      { downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
    ],
  };
  t.deepEqual(await shown({ projected }), { a: '1 644', token: 'token for me 644', labels: 'a="1"\nb="2" 644' });
});

test('a projection is exchanged as a whole, keeps what did not change, and drops what went', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-volume-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  const file = (text: string): { data: Uint8Array; mode: number } => ({ data: bytes(text), mode: 0o640 });
  await files.project(
    folder,
    new Map([
      ['a', file('1')],
      ['d/e', file('2')],
    ]),
    {},
  );
  const first = readlinkSync(join(folder, '..data'));
  t.is(readFileSync(join(folder, 'a'), 'utf8') + readFileSync(join(folder, 'd/e'), 'utf8'), '12');
  t.is(statSync(join(folder, 'a')).mode & 0o777, 0o640);
  await files.project(
    folder,
    new Map([
      ['a', file('1')],
      ['d/e', file('2')],
    ]),
    {},
  );
  t.is(readlinkSync(join(folder, '..data')), first);
  await files.project(folder, new Map([['a', file('3')]]), {});
  t.not(readlinkSync(join(folder, '..data')), first);
  t.is(readFileSync(join(folder, 'a'), 'utf8'), '3');
  t.deepEqual(
    readdirSync(folder).filter((name) => !name.startsWith('..')),
    ['a'],
  );
});

test('a sub path is a place inside of its volume, made when absent', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-volume-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  writeFileSync(join(folder, 'file'), '');
  symlinkSync('/etc', join(folder, 'out'));
  symlinkSync('file', join(folder, 'in'));
  const found: string[] = [];
  const look = async (inside: string): Promise<void> => {
    await withPinnedPath(folder, inside, (path, kind) => {
      found.push(`${kind} ${readlinkSync(path)}`);
      return Promise.resolve();
    });
  };
  for (const inside of ['in', 'new/one', '', 'new']) await look(inside);
  t.deepEqual(found, [
    `file ${join(folder, 'file')}`,
    `folder ${join(folder, 'new/one')}`,
    `folder ${folder}`,
    `folder ${join(folder, 'new')}`,
  ]);
  for (const inside of ['out', 'out/passwd', 'out/troupe-absent', '../other', 'new/../../other'])
    await t.throwsAsync(look(inside), { instanceOf: VolumeSetupError, message: /outside of the volume/ });
});

test('a sub path that becomes a link after it was found still shows the old place', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-volume-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'data', 'mine'), '');
  await withPinnedPath(folder, 'data', (path) => {
    renameSync(join(folder, 'data'), join(folder, 'away'));
    symlinkSync('/etc', join(folder, 'data'));
    t.deepEqual(readdirSync(path), ['mine']);
    return Promise.resolve();
  });
});

const asRoot = process.getuid?.() === 0 ? test : test.skip;
if (process.getuid?.() !== 0) console.log('a test of volumes is skipped: mounts need root');

asRoot('what is shown at a path of the pod is the sub path, and goes with the pod', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'troupe volume-'));
  const mounting = diskVolumeFiles(runCommand);
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  mkdirSync(join(folder, 'volume', 'data'), { recursive: true });
  writeFileSync(join(folder, 'volume', 'data', 'mine'), 'text');
  const at = join(folder, 'pod', 'sub-paths', '0');
  for (const inside of ['data', 'data/mine', 'data'])
    await mounting.pinSubPath({ folder: join(folder, 'volume'), inside }, at);
  t.deepEqual(readdirSync(at), ['mine']);
  await mounting.remove(join(folder, 'pod'));
  t.is(readFileSync(join(folder, 'volume', 'data', 'mine'), 'utf8'), 'text');
  t.deepEqual(readdirSync(folder), ['volume']);
});

test('the type of a hostPath is checked', async (t) => {
  await t.notThrowsAsync(files.hostPath('/tmp', 'Directory'));
  await t.throwsAsync(files.hostPath('/tmp', 'File'), { message: 'hostPath type check failed: /tmp is not a file' });
  await t.throwsAsync(files.hostPath('/tmp/troupe-absent', 'Directory'), {
    message: 'hostPath type check failed: /tmp/troupe-absent is not a directory',
  });
  // What cannot be made is a failure of this volume, told as such.
  await t.throwsAsync(files.hostPath('/tmp/troupe-absent/file', 'FileOrCreate'), {
    instanceOf: VolumeSetupError,
    message: /no such file or directory/,
  });
});

test('the end of a file is read, a missing one is nothing', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-volume-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  await files.write(join(folder, 'log'), 'abcdef', 0o666);
  t.is(await files.readTail(join(folder, 'log'), 3), 'def');
  t.is(await files.readTail(join(folder, 'none'), 3), undefined);
});

test('the hosts file names the pod and its aliases', (t) => {
  const given = { podIps: ['10.244.0.2'], clusterDomain: 'cluster.local', hostFile: '127.0.0.1 host\n' };
  t.true(hostsFile(pod(), given).startsWith('# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n'));
  t.true(hostsFile(pod({ hostname: 'h', subdomain: '' }), given).endsWith('\n10.244.0.2\th\n'));
  t.true(
    hostsFile(pod({ hostname: 'h', subdomain: 's' }), given).endsWith('10.244.0.2\th.s.shop.svc.cluster.local\th\n'),
  );
  t.true(
    hostsFile(pod({ hostAliases: [{ ip: '1.2.3.4', hostnames: ['a', 'b'] }] }), given).endsWith(
      '# Entries added by HostAliases.\n1.2.3.4\ta\tb\n',
    ),
  );
  t.true(hostsFile(pod({ hostNetwork: true }), given).includes('127.0.0.1 host'));
});
