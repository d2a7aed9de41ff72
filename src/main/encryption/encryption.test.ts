import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { CipherError, type Disk, DiskError, silentLogger, silentMetrics } from '../../base/index.ts';
import { systemClock, systemDisk, systemRandom, systemTimers } from '../../platform/index.ts';
import { openStore, rewriteStore, type StoreMember } from '../../state/index.ts';
import { homeAt } from '../process/index.ts';
import { openEncryption } from './encryption.ts';
import { fileWrapping } from './key-wrapping.ts';
import { dropOldKeys, ensureKeysFile, newKeyFirst, readKeysFile } from './keys-file.ts';
import { encryptionStatus } from './rotation.ts';

/** A home with a keys file, and the means to open its store again and again. */
function place() {
  const home = homeAt(mkdtempSync(join(tmpdir(), 'troupe-encryption-')));
  for (const folder of [home.pki, home.data]) mkdirSync(folder);
  const [file, storeFolder] = [join(home.pki, 'encryption-keys.json'), join(home.data, 'store')];
  ensureKeysFile(file);
  let look = (): void => undefined;
  const failures: string[] = [];
  const log = { ...silentLogger, error: (message: string) => void failures.push(message) };
  const timers = {
    after: systemTimers.after,
    every: (_ms: number, call: () => void) => {
      look = call;
      return { cancel: () => undefined };
    },
  };
  const encryption = async () => await openEncryption({ storeFolder, wrapping: fileWrapping(file), timers, log });
  const store = (disk: Disk): Promise<StoreMember> =>
    openStore({
      member: 'm',
      voters: ['m'],
      folder: storeFolder,
      disk,
      clock: systemClock,
      timers: systemTimers,
      random: systemRandom,
      log: silentLogger,
      metrics: silentMetrics,
      segmentBytes: 256 * 1024,
    });
  return {
    home,
    file,
    storeFolder,
    /** What the encryption logged as errors. */
    failures,
    encryption,
    store,
    look: () => {
      look();
    },
  };
}

function put(store: StoreMember, key: string, text: string): Promise<unknown> {
  const value = JSON.stringify({ metadata: { resourceVersion: '' }, data: { password: text } });
  return store.transact({
    compares: [],
    operations: [
      {
        type: 'put',
        key,
        value: new TextEncoder().encode(value),
        index: { uid: key, labels: {}, fields: {}, owners: [] },
        revisionAt: value.indexOf('""') + 1,
      },
    ],
  });
}

function anywhere(folder: string, text: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(text));
}

test('a value is in no file of the home, neither log nor snapshot, and is back after a restart', async (t) => {
  const { home, encryption, store } = place();
  const first = await store((await encryption()).disk(systemDisk));
  await put(first, '/core/secrets/n/s', 'needle-in-the-store');
  t.deepEqual(anywhere(home.folder, 'needle-in-the-store'), []);
  await rewriteStore(first);
  t.deepEqual(anywhere(home.folder, 'needle-in-the-store'), []);
  await first.close();
  const second = await store((await encryption()).disk(systemDisk));
  t.true(Buffer.from(second.get('/core/secrets/n/s')?.bytes ?? []).includes('needle-in-the-store'));
  await second.close();
  await t.throwsAsync(store(systemDisk), { instanceOf: CipherError, message: /is encrypted and no key was given/ });
});

test('a new key takes over while the store runs, and the old one is not needed any more', async (t) => {
  const { home, file, encryption, store, look, storeFolder } = place();
  const opened = await encryption();
  const running = await store(opened.disk(systemDisk));
  opened.follow(running);
  await put(running, '/core/secrets/n/s', 'before');
  const key = newKeyFirst(file);
  look();
  for (
    let i = 0;
    i < 3_000 &&
    encryptionStatus({
      home,
      settings: { enabled: true, keysFile: '' },
      storeFolders: [storeFolder],
    }).stores[0]?.needs.join() !== key;
    i++
  )
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  t.deepEqual(encryptionStatus({ home, settings: { enabled: true, keysFile: '' }, storeFolders: [storeFolder] }), {
    file,
    keys: ['key-2', 'key-1'],
    stores: [{ folder: storeFolder, needs: ['key-2'] }],
  });
  t.deepEqual(dropOldKeys(file), ['key-1']);
  await put(running, '/core/secrets/n/t', 'after');
  await running.close();
  const again = await store((await encryption()).disk(systemDisk));
  t.true(Buffer.from(again.get('/core/secrets/n/s')?.bytes ?? []).includes('before'));
  t.true(Buffer.from(again.get('/core/secrets/n/t')?.bytes ?? []).includes('after'));
  await again.close();
});

test('a store that was never encrypted is, once a member runs with a key', async (t) => {
  const { home, encryption, store, look } = place();
  const plain = await store(systemDisk);
  await put(plain, '/core/secrets/n/s', 'lying-open');
  await plain.close();
  t.is(anywhere(home.folder, 'lying-open').length, 1);
  const opened = await encryption();
  const running = await store(opened.disk(systemDisk));
  opened.follow(running);
  look();
  for (let i = 0; i < 3_000 && anywhere(home.folder, 'lying-open').length > 0; i++)
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  t.deepEqual(anywhere(home.folder, 'lying-open'), []);
  await running.close();
});

test('a missing key, and a keys file that others may read, are refused with what to do', async (t) => {
  const { file, encryption, store } = place();
  t.is(statSync(file).mode & 0o777, 0o600);
  const running = await store((await encryption()).disk(systemDisk));
  await running.close();
  newKeyFirst(file);
  dropOldKeys(file);
  await t.throwsAsync(encryption(), {
    message: /has no key key-1, which encrypts the store's data keys; put it back/,
  });
  (await import('node:fs')).chmodSync(file, 0o644);
  t.throws(() => readKeysFile(file), { message: /its mode must be 0600/ });
});

test('while the disk has no room for a snapshot, the old key stays needed and the store starts again', async (t) => {
  const { home, file, failures, encryption, store, look, storeFolder } = place();
  let room = true;
  const open: Disk['open'] = (path, mode) =>
    mode === 'create' && path.includes('/snapshots/') && !room
      ? Promise.reject(new DiskError('full', path))
      : systemDisk.open(path, mode);
  const needs = (): string | undefined =>
    encryptionStatus({
      home,
      settings: { enabled: true, keysFile: '' },
      storeFolders: [storeFolder],
    }).stores[0]?.needs.join();
  const until = async (done: () => boolean): Promise<void> => {
    for (let i = 0; i < 300 && !done(); i++)
      await new Promise((resolve) => {
        setTimeout(resolve, 10);
      });
  };
  const opened = await encryption();
  const running = await store(opened.disk({ ...systemDisk, open }));
  opened.follow(running);
  for (let i = 0; i < 20; i++) await put(running, `/core/secrets/n/s${i}`, 'before');
  await t.throwsAsync(
    (async () => {
      room = false;
      await rewriteStore(running);
    })(),
    { instanceOf: DiskError, code: 'full' },
  );
  const key = newKeyFirst(file);
  look();
  await until(() => failures.length > 0);
  t.deepEqual(failures, ['cannot change the key of the store; retrying']);
  t.is(needs(), `key-1,${key}`, 'the files are still sealed with the old one');
  await running.close();
  const again = await encryption();
  const restarted = await store(again.disk(systemDisk));
  t.is(restarted.count(''), 20);
  again.follow(restarted);
  look();
  await until(() => needs() === key);
  t.is(needs(), key, 'with room for a snapshot the old key is not needed any more');
  await restarted.close();
});
