import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { runCommand } from '../network/index.ts';
import { localFolder } from './local-folder.ts';
import { VolumeSetupError } from './volume-files.ts';

function folderFor(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-local-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  return folder;
}

/** A block device of a file; undefined: this machine gives none. */
function loopDevice(t: ExecutionContext, folder: string): string | undefined {
  const image = join(folder, 'image');
  writeFileSync(image, '');
  spawnSync('truncate', ['-s', '16M', image]);
  const { status, stdout } = spawnSync('losetup', ['--find', '--show', image], { encoding: 'utf8' });
  const device = stdout?.trim();
  if (status !== 0) return undefined;
  t.teardown(() => {
    spawnSync('losetup', ['--detach', device]);
  });
  return device;
}

const place = (at: string): Parameters<typeof localFolder>[2] => ({
  at,
  fsType: undefined,
  mountOptions: ['noatime'],
  isMounted: false,
});

test('a folder is its own place; one that is absent or a file is an error of the step that finds it', async (t) => {
  const folder = folderFor(t);
  const found = (path: string): Promise<string> => localFolder(() => Promise.reject(new Error()), path, place('/x'));
  t.is(await found(folder), folder);
  const step = 'NewMounter initialization';
  const absent = await t.throwsAsync(found(join(folder, 'absent')), { instanceOf: VolumeSetupError });
  t.like(absent, { step, message: `path "${folder}/absent" does not exist` });
  writeFileSync(join(folder, 'file'), '');
  t.like(await t.throwsAsync(found(join(folder, 'file')), { instanceOf: VolumeSetupError }), { step });
});

test('a blank device gets a file system, which it keeps', async (t) => {
  const folder = folderFor(t);
  const device = process.getuid?.() === 0 ? loopDevice(t, folder) : undefined;
  if (device === undefined) {
    t.log('skipped: loop devices need root');
    t.pass();
    return;
  }
  const [first, second] = [join(folder, 'first'), join(folder, 'second')];
  t.is(await localFolder(runCommand, device, place(first)), first);
  const shown = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  t.regex(shown.find((line) => line.includes(` ${first} `)) ?? '', /\bnoatime\b/);
  mkdirSync(join(first, 'data'));
  writeFileSync(join(first, 'data', 'mine'), 'text');
  t.is(await localFolder(runCommand, device, place(second)), second, 'two pods have it at once');
  t.is(readFileSync(join(second, 'data', 'mine'), 'utf8'), 'text');
  for (const at of [first, second]) spawnSync('umount', [at]);
  const other = { ...place(first), fsType: 'xfs' };
  const wrong = await t.throwsAsync(localFolder(runCommand, device, other), { instanceOf: VolumeSetupError });
  t.like(wrong, { step: 'MountDevice' }, 'another type is no reason to lose what is there');
});
