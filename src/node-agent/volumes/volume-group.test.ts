import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import { diskVolumeFiles } from './index.ts';

const files = diskVolumeFiles(() => Promise.resolve(''));
const group = 4242;
const asRoot = process.getuid?.() === 0 ? test : test.skip;
if (process.getuid?.() !== 0) console.log('tests of fsGroup are skipped: only root gives files to a group');

const modeAndOwner = (path: string): string => {
  const { mode, uid, gid } = statSync(path);
  return `${(mode & 0o7777).toString(8)} ${uid}:${gid}`;
};

asRoot('a volume is given to a group with all that is in it, links but not their targets', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'fs-group-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  const volume = join(folder, 'volume');
  mkdirSync(join(volume, 'a/b'), { recursive: true, mode: 0o755 });
  writeFileSync(join(volume, 'a/b/file'), '', { mode: 0o600 });
  chownSync(join(volume, 'a/b/file'), 1000, 1000);
  writeFileSync(join(folder, 'outside'), '', { mode: 0o600 });
  symlinkSync('../outside', join(volume, 'link'));
  await files.giveToGroup(volume, group);
  t.deepEqual(
    ['', 'a', 'a/b'].map((name) => modeAndOwner(join(volume, name))),
    [`2775 0:${group}`, `2775 0:${group}`, `2775 0:${group}`],
  );
  t.is(modeAndOwner(join(volume, 'a/b/file')), `660 1000:${group}`, 'the owner stays, as in Kubernetes');
  t.is(lstatSync(join(volume, 'link')).gid, group);
  t.is(modeAndOwner(join(folder, 'outside')), '600 0:0');
});

asRoot('a folder that is exchanged for a link meanwhile leads nobody outside of the volume', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'fs-group-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  const volume = join(folder, 'volume');
  const outside = join(folder, 'outside');
  mkdirSync(outside);
  writeFileSync(join(outside, 'secret'), '');
  chmodSync(join(outside, 'secret'), 0o600);
  chmodSync(outside, 0o700);
  for (let each = 0; each < 1500; each++) {
    mkdirSync(join(volume, `d${each}`), { recursive: true });
    writeFileSync(join(volume, `d${each}`, 'secret'), '');
  }
  mkdirSync(join(folder, 'aside'));
  const names = readdirSync(volume);
  const given = files.giveToGroup(volume, group);
  const begun = (): boolean => names.some((name) => statSync(join(volume, name)).gid === group);
  while (!begun()) await setImmediate();
  for (const name of names.slice(-700)) {
    renameSync(join(volume, name), join(folder, 'aside', name));
    symlinkSync(outside, join(volume, name));
  }
  await given;
  t.is(modeAndOwner(join(outside, 'secret')), '600 0:0');
  t.is(modeAndOwner(outside), '700 0:0');
});

asRoot('a volume whose folders are too deep is refused', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'fs-group-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  mkdirSync(join(folder, 'd/'.repeat(300)), { recursive: true });
  await t.throwsAsync(files.giveToGroup(folder, group), { message: /deeper than 256 folders/ });
  t.true(existsSync(folder));
});

asRoot('the folders of files that are put together are given to the group, too', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'fs-group-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const volume = join(folder, 'config');
  const file = { data: Buffer.from('x'), mode: 0o440 };
  await files.project(volume, new Map([['a/b', file]]), { group });
  t.deepEqual(
    ['', '..data/', 'a/', 'a/b'].map((path) => modeAndOwner(join(volume, path))),
    [`2777 0:${group}`, `2755 0:${group}`, `2755 0:${group}`, `440 0:${group}`],
  );
});
