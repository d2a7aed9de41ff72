import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { DiskError, seededRandom } from '../base/index.ts';
import { diskSuite } from './disk.suite.ts';
import { SimulatedDisk, SimulatedTime, systemDisk } from './index.ts';

diskSuite('the machine', async () => ({ disk: systemDisk, folder: await mkdtemp(join(tmpdir(), 'troupe-disk-')) }));
diskSuite('the simulator', () => Promise.resolve({ disk: new SimulatedDisk(), folder: '/data' }));

const block = (value: number, count: number): Uint8Array => new Uint8Array(count).fill(value);

test('a crash keeps every synced byte and loses or tears the rest, by the seed', async (t) => {
  const outcomes = new Set<string>();
  for (let seed = 1; seed <= 30; seed++) {
    const disk = new SimulatedDisk({ random: seededRandom(seed) });
    const file = await disk.open('/data/f', 'create');
    await disk.syncFolder('/data');
    await file.write([block(1, 1024)], 0);
    await file.dataSync();
    await file.write([block(2, 4096)], 1024);
    disk.crash();
    const after = await disk.open('/data/f', 'read');
    t.deepEqual(await after.read(0, 1024), block(1, 1024));
    const rest = await after.read(1024, 4096);
    t.true(rest.every((byte) => byte === 0 || byte === 2));
    outcomes.add(`${rest.length}:${rest.filter((byte) => byte === 2).length}`);
  }
  t.true(outcomes.has('0:0'));
  t.true(outcomes.has('4096:4096'));
  t.true(outcomes.size > 4);
});

test('a crash may take back a name whose folder was not synced, and a rename stays whole', async (t) => {
  const seen = new Set<string>();
  for (let seed = 1; seed <= 30; seed++) {
    const disk = new SimulatedDisk({ random: seededRandom(seed) });
    await disk.open('/data/a', 'create');
    await disk.syncFolder('/data');
    await disk.rename('/data/a', '/data/b');
    disk.crash();
    seen.add((await disk.list('/data')).join());
  }
  t.deepEqual([...seen].sort(), ['a', 'b']);
});

test('a failed sync makes the file unusable', async (t) => {
  const disk = new SimulatedDisk();
  const file = await disk.open('/f', 'create');
  disk.failSyncs(1);
  await t.throwsAsync(file.dataSync(), { instanceOf: DiskError });
  await t.throwsAsync(file.write([block(1, 1)], 0), { instanceOf: DiskError });
});

test('a full disk refuses growth with a retryable error, not overwriting', async (t) => {
  const disk = new SimulatedDisk({ capacityBytes: 100 });
  const file = await disk.open('/f', 'create');
  await file.write([block(1, 100)], 0);
  const error = await t.throwsAsync(file.write([block(1, 1)], 100), { instanceOf: DiskError });
  t.is(error.code, 'full');
  t.true(error.retryable);
  await t.notThrowsAsync(file.write([block(2, 50)], 0));
});

test('a sync takes its time and a call that a crash cuts off never returns', async (t) => {
  const time = new SimulatedTime();
  const disk = new SimulatedDisk({ timers: time, syncMs: 5 });
  const file = await disk.open('/f', 'create');
  let done = 0;
  void file.dataSync().then(() => {
    done += 1;
  });
  await time.run(4);
  t.is(done, 0);
  await time.run(1);
  t.is(done, 1);
  void file.dataSync().then(() => {
    done += 1;
  });
  disk.crash();
  await time.run(10);
  t.is(done, 1);
});
