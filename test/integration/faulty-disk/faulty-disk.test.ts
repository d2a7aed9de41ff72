import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { seededRandom } from '../../../src/base/index.ts';
import { compileFaultyDisk, FaultyDisk } from './faulty-disk.ts';

/** The lying disk does what it is told, to the very calls that a member's disk makes. */
const platform = join(import.meta.dirname, '../../../src/platform/index.ts');
const folder = mkdtempSync(join(tmpdir(), 'troupe-faulty-disk-'));
const compiled = compileFaultyDisk(folder);
if ('reason' in compiled) console.log(`skipped: ${compiled.reason}`);
const lying = 'reason' in compiled ? test.skip : test;
let made = 0;

test.after.always('removed', () => {
  rmSync(folder, { recursive: true, force: true });
});

interface Work {
  readonly disk: FaultyDisk;
  readonly root: string;
  /** Runs statements in a process on the disk, with `file` open for `name`; answers what it printed. */
  run(name: string, statements: string, mode?: 'create' | 'write'): string;
}

function work(t: ExecutionContext): Work {
  const place = join(folder, String(++made));
  const root = join(place, 'root');
  mkdirSync(root, { recursive: true });
  const disk = new FaultyDisk({
    library: 'library' in compiled ? compiled.library : '',
    root,
    platter: join(place, 'platter'),
  });
  t.teardown(() => {
    disk.close();
  });
  return {
    disk,
    root,
    run(name, statements, mode = 'write') {
      const script = `
        const { systemDisk: disk } = await import(${JSON.stringify(platform)});
        const root = ${JSON.stringify(root)};
        const bytes = (text) => [Buffer.from(text)];
        const file = await disk.open(root + ${JSON.stringify(`/${name}`)}, ${JSON.stringify(mode)});
        const tried = (work) => work.then(() => 'fine', ({ code }) => code);
        ${statements}
        process.kill(process.pid, 'SIGKILL');`;
      const { stdout, stderr, signal } = spawnSync(
        'env',
        [...disk.environment, process.execPath, '--input-type=module', '-e', script],
        { encoding: 'utf8' },
      );
      t.is(signal, 'SIGKILL', stderr);
      return stdout.trim();
    },
  };
}

lying('a power loss takes what was not synced, bytes and names, and nothing else', (t) => {
  const { disk, root, run } = work(t);
  run('a', `await file.write(bytes('kept'), 0); await file.dataSync(); await disk.syncFolder(root);`, 'create');
  run('b', `await file.write(bytes('nameless'), 0); await file.dataSync();`, 'create');
  run(
    'a',
    `await file.write([Buffer.from('k'), Buffer.from('lost')], 0); await disk.rename(root + '/a', root + '/c');`,
  );
  t.is(readFileSync(join(root, 'c'), 'utf8'), 'klost', 'a process that is killed loses nothing');
  t.deepEqual(disk.losePower(), { atRisk: 13, bytes: 13, files: 3 });
  t.is(readFileSync(join(root, 'a'), 'utf8'), 'kept');
  t.false(existsSync(join(root, 'b')));
  t.false(existsSync(join(root, 'c')));
  t.deepEqual(disk.losePower(), { atRisk: 0, bytes: 0, files: 0 });
  run('a', `await file.write(bytes('new'), 0); await file.truncate(3); await file.dataSync();`);
  disk.losePower();
  t.is(readFileSync(join(root, 'a'), 'utf8'), 'new');
});

lying('what an earlier process left dirty is written by a later sync', (t) => {
  const { disk, root, run } = work(t);
  run('a', `await disk.syncFolder(root); await file.write(bytes('early'), 0);`, 'create');
  run('a', 'await file.dataSync();');
  disk.losePower();
  t.is(readFileSync(join(root, 'a'), 'utf8'), 'early');
});

lying('a sync that fails forgets what it should have written: no later sync writes it, as in Linux', (t) => {
  const { disk, root, run } = work(t);
  run('a', `await file.write(bytes('old '), 0); await file.dataSync(); await disk.syncFolder(root);`, 'create');
  disk.order('failSyncs', 1);
  const said = run('a', `await file.write(bytes('new '), 0); console.log(await tried(file.dataSync()));`);
  t.is(said, 'input-output');
  t.is(run('a', `console.log(String(Buffer.from(await file.read(0, 4))), await tried(file.dataSync()));`), 'new  fine');
  disk.losePower();
  t.is(readFileSync(join(root, 'a'), 'utf8'), 'old ');
  t.is(disk.count('failed'), 1);
});

lying('a disk that fills takes a part of a write and then none, and still what makes no file longer', (t) => {
  const { disk, root, run } = work(t);
  disk.order('spaceLeft', 3);
  const said = run(
    'a',
    `const grown = await tried(file.write(bytes('12345'), 0));
     console.log(grown, await tried(file.write(bytes('abc'), 0)), await tried(file.write(bytes('x'), 3)));`,
    'create',
  );
  t.is(said, 'full fine full');
  t.is(readFileSync(join(root, 'a'), 'utf8'), 'abc');
  t.is(disk.count('shortened'), 1);
  t.true(disk.count('refused') > 0);
  disk.order('spaceLeft', -1);
  t.is(run('a', `console.log(await tried(file.write(bytes('12345'), 0)));`), 'fine');
});

lying('one read has one bit that is another', (t) => {
  const { disk, run } = work(t);
  run('a', 'await file.write([Buffer.alloc(1024)], 0);', 'create');
  disk.order('flipAt', 8 * 700 + 2);
  disk.order('flipReads', 1);
  const said = run(
    'a',
    `const [one, two] = [await file.read(0, 1024), await file.read(0, 1024)];
     console.log(one.findIndex((byte) => byte !== 0), one[700], Math.max(...two));`,
  );
  t.is(said, '700 4 0');
  t.is(disk.count('flipped'), 1);
});

lying('the kernel may have written some sectors of what nobody synced', (t) => {
  const { disk, root, run } = work(t);
  run(
    'a',
    `await file.write([Buffer.alloc(65536, 'o')], 0); await file.dataSync(); await disk.syncFolder(root);
     await file.write([Buffer.alloc(65536, 'n')], 0);`,
    'create',
  );
  const { atRisk, bytes } = disk.losePower({ random: seededRandom(1), share: 0.5 });
  t.is(atRisk, 65_536);
  t.true(bytes > 16_384 && bytes < 49_152, `${bytes} bytes are lost`);
  const sectors = readFileSync(join(root, 'a'), 'utf8').match(/.{512}/g) ?? [];
  t.true(sectors.every((sector) => /^(n+|o+)$/.test(sector)));
});
