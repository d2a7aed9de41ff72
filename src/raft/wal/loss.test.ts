import test from 'ava';
import { type Disk, type LogIndex, silentLogger, type Term } from '../../base/index.ts';
import { SimulatedDisk, SimulatedTime } from '../../platform/index.ts';
import type { Entry } from '../core/index.ts';
import { CorruptError, inspectLog, openWriteAheadLog, type WriteAheadLogOptions } from './index.ts';

const folder = '/data/log';
const entry = (index: number, term = 1, size = 20): Entry => ({
  index: index as LogIndex,
  term: term as Term,
  type: 'data',
  data: new Uint8Array(size).fill(index % 251),
});
const hardState = (term: number, vote: string, commit = 0) => ({
  term: term as Term,
  vote,
  commit: commit as LogIndex,
});
const end = (index: number, term: number) => ({ index: index as LogIndex, term: term as Term });
const optionsOn = (disk: Disk, segmentBytes = 16 * 1024): WriteAheadLogOptions => ({
  disk,
  folder,
  clock: new SimulatedTime(),
  log: silentLogger,
  segmentBytes,
});
const open = (disk: SimulatedDisk) => openWriteAheadLog(optionsOn(disk.mount()));
const segment = (number: number): string => `${folder}/0000000${number}.log`;

test('a lost batch is owed over later batches and starts, until what it held is there again', async (t) => {
  const disk = new SimulatedDisk();
  const first = await open(disk);
  await first.wal.append({ hardState: hardState(1, 'a'), entries: [entry(1), entry(2)] });
  await first.wal.append({ hardState: hardState(2, 'b', 2), entries: [entry(2, 2)] });
  await first.wal.close();
  disk.corrupt(segment(1), ((await open(disk)).recovered.segments[0]?.bytes ?? 0) - 5);
  const second = await open(disk);
  // The vote is kept beside the batch; what was called committed speaks of the entry that is gone.
  t.like(second.recovered.hardState, hardState(2, 'b', 0));
  t.deepEqual(second.recovered.owed, end(2, 2));
  t.true(second.recovered.lost?.known);
  await second.wal.append({ hardState: hardState(3, 'c'), entries: [] });
  await second.wal.close();
  const third = await open(disk);
  t.deepEqual(third.recovered.owed, end(2, 2));
  await third.wal.append({ hardState: hardState(4, 'c'), entries: [] });
  await third.wal.close();
  const fourth = await open(disk);
  t.deepEqual(fourth.recovered.owed, end(2, 2), 'also after a start that lost nothing');
  await fourth.wal.append({ hardState: hardState(4, 'c'), entries: [entry(2, 2)] });
  await fourth.wal.close();
  t.deepEqual((await open(disk)).recovered.owed, end(0, 0));
});

test('the newest of two marks counts, and the one before it when a crash tore that', async (t) => {
  const disk = new SimulatedDisk();
  const { wal } = await open(disk);
  for (let index = 1; index <= 2; index++) await wal.append({ hardState: hardState(1, 'a'), entries: [entry(index)] });
  const newest = async (): Promise<number | undefined> =>
    (await inspectLog(disk.mount(), folder)).segments[0]?.mark?.sequence;
  t.is(await newest(), 2);
  disk.corrupt(segment(1), 512 + 20);
  t.is(await newest(), 1);
  await open(disk);
  t.is(await newest(), 2, 'a start writes the one that is missing again');
});

test('a log that is told to be idle in the middle of a write still misses that write when it is lost', async (t) => {
  for (const idleFirst of [false, true])
    for (let turns = 0; turns < 12; turns++) {
      const disk = new SimulatedDisk();
      const { wal } = await open(disk);
      await wal.append({ hardState: hardState(1, 'a'), entries: [entry(1)] });
      const write = (): Promise<void> => wal.append({ hardState: hardState(1, 'a'), entries: [entry(2)] });
      const idle = (): Promise<void> => wal.confirm({ atOnce: true });
      const [one, other] = idleFirst ? [idle, write] : [write, idle];
      const begun = one();
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      await Promise.all([begun, other()]);
      const { recovered } = await open(disk);
      disk.corrupt(segment(1), (recovered.segments[0]?.bytes ?? 0) - 5);
      t.deepEqual((await open(disk)).recovered.owed, end(2, 1), `${idleFirst ? 'before' : 'after'}, ${turns} turns`);
    }
});

test('a segment is missed though a crash came before the one in front of it said that it was begun', async (t) => {
  const disk = new SimulatedDisk();
  const mounted = disk.mount();
  let hangs = false;
  const opening: Disk['open'] = async (path, mode) => {
    const file = await mounted.open(path, mode);
    const first = path === segment(1) || path.endsWith('next.tmp');
    const write: typeof file.write = (chunks, position) =>
      hangs && first ? new Promise(() => undefined) : file.write(chunks, position);
    return { ...file, write };
  };
  const { wal } = await openWriteAheadLog(optionsOn({ ...mounted, open: opening }));
  await wal.append({ hardState: hardState(1, 'a'), entries: [entry(1, 1, 9_000)] });
  await wal.prepare();
  hangs = true;
  void wal.append({ hardState: hardState(1, 'a'), entries: [entry(2, 1, 9_000)] });
  for (let turn = 0; turn < 200; turn++) await Promise.resolve();
  disk.crash();
  const again = await open(disk);
  t.is(again.recovered.segments.length, 2);
  await again.wal.append({ hardState: hardState(1, 'a'), entries: [entry(2)] });
  await again.wal.close();
  await disk.remove(segment(2));
  await t.throwsAsync(open(disk), { instanceOf: CorruptError, message: /segment 2 is missing/ });
});

test('what a crash tore is cleared away, so that nothing of it stands in front of a later segment', async (t) => {
  const disk = new SimulatedDisk();
  const { wal } = await open(disk);
  await wal.append({ hardState: hardState(1, 'a'), entries: [entry(1)] });
  await wal.close();
  const { bytes = 0 } = (await open(disk)).recovered.segments[0] ?? {};
  // The end of a large batch came to the disk, its beginning did not.
  const file = await disk.open(segment(1), 'write');
  await file.write([new Uint8Array(2_000).fill(7)], bytes + 3_000);
  await file.dataSync();
  const again = await open(disk);
  t.true(again.recovered.cutBytes > 0);
  await again.wal.append({ hardState: hardState(1, 'a'), entries: [entry(2)] });
  again.wal.turnOver();
  await again.wal.append({ hardState: hardState(1, 'a'), entries: [entry(3)] });
  await again.wal.close();
  t.is((await open(disk)).recovered.entries.length, 3);
});

/** A log of `batches` batches whose last one came to the disk in a crash, and its mark did not. */
async function withoutTheLastMark(batches: number): Promise<SimulatedDisk> {
  const disk = new SimulatedDisk();
  const { wal } = await open(disk);
  const file = await disk.open(segment(1), 'write');
  let head: Uint8Array = new Uint8Array(0);
  for (let index = 1; index <= batches; index++) {
    head = await file.read(512, 1_024);
    await wal.append({ hardState: hardState(index, 'a'), entries: [entry(index, index)] });
  }
  await file.write([head], 512);
  await file.dataSync();
  return disk;
}

test('a batch whose mark a crash took is missed when it is lost after a start has counted it', async (t) => {
  for (const batches of [1, 3]) {
    const disk = await withoutTheLastMark(batches);
    const again = await open(disk);
    t.is(again.recovered.entries.length, batches);
    await again.wal.close();
    disk.corrupt(segment(1), (again.recovered.segments[0]?.bytes ?? 0) - 5);
    const { recovered } = await open(disk);
    t.deepEqual([recovered.owed, recovered.lost?.known], [end(batches, batches), true], `${batches} batches`);
  }
});

test('a segment is missed though the one before it held nothing but a batch whose mark a crash took', async (t) => {
  const disk = await withoutTheLastMark(1);
  const { wal } = await open(disk);
  wal.turnOver();
  await wal.append({ hardState: hardState(1, 'a'), entries: [entry(2)] });
  await wal.close();
  await disk.remove(segment(2));
  await t.throwsAsync(open(disk), { instanceOf: CorruptError, message: /segment 2 is missing/ });
});
