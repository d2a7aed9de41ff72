import test from 'ava';
import {
  assert,
  type Disk,
  DiskError,
  type LogIndex,
  seededRandom,
  silentLogger,
  type Term,
} from '../../base/index.ts';
import { SimulatedDisk, SimulatedTime } from '../../platform/index.ts';
import type { Entry } from '../core/index.ts';
import { CorruptError, inspectLog, openWriteAheadLog, type WriteAheadLog, type WriteAheadLogOptions } from './index.ts';

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
    for (let turns = 0; turns < 30; turns++) {
      const disk = new SimulatedDisk();
      const { wal } = await open(disk);
      await wal.append({ hardState: hardState(1, 'a'), entries: [entry(1)] });
      const write = (): Promise<void> => wal.append({ hardState: hardState(1, 'a'), entries: [entry(2)] });
      const idle = (): Promise<void> => wal.confirm({ atOnce: true });
      const [one, other] = idleFirst ? [idle, write] : [write, idle];
      const begun = one();
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      await Promise.all([begun, other()]);
      // Only a look: a start would write the mark of the batch again.
      const { segments } = await inspectLog(disk.mount(), folder);
      disk.corrupt(segment(1), (segments[0]?.bytes ?? 0) - 5);
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
  // What that start wrote, no power loss takes.
  disk.crash();
  disk.lose(segment(2));
  await t.throwsAsync(open(disk), { instanceOf: CorruptError, message: /segment 2 is missing/ });
});

/** A log of one batch: of a large one behind it, the end came to the disk and the beginning did not. */
async function withTornEnd(): Promise<SimulatedDisk> {
  const disk = new SimulatedDisk();
  const { wal } = await open(disk);
  await wal.append({ hardState: hardState(1, 'a'), entries: [entry(1)] });
  await wal.close();
  const { bytes = 0 } = (await open(disk)).recovered.segments[0] ?? {};
  const file = await disk.open(segment(1), 'write');
  await file.write([new Uint8Array(2_000).fill(7)], bytes + 3_000);
  await file.dataSync();
  return disk;
}

async function goOnInAnotherSegment(wal: WriteAheadLog): Promise<void> {
  await wal.append({ hardState: hardState(1, 'a'), entries: [entry(2)] });
  wal.turnOver();
  await wal.append({ hardState: hardState(1, 'a'), entries: [entry(3)] });
}

test('what a crash tore is cleared away, so that nothing of it stands in front of a later segment', async (t) => {
  const disk = await withTornEnd();
  const again = await open(disk);
  t.true(again.recovered.cutBytes > 0);
  await goOnInAnotherSegment(again.wal);
  await again.wal.close();
  t.is((await open(disk)).recovered.entries.length, 3);
});

test('what a crash tore is cleared away for good, though the first sync of that failed', async (t) => {
  const disk = await withTornEnd();
  disk.failSyncs(1);
  await t.throwsAsync(open(disk), { instanceOf: DiskError });
  // The system shows zeros now, and takes them for clean.
  const again = await open(disk);
  t.is(again.recovered.cutBytes, 0);
  await goOnInAnotherSegment(again.wal);
  disk.crash();
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

/** Each batch by itself; where each one begins, and the end of the last. */
async function written(
  wal: WriteAheadLog,
  batches: readonly Parameters<WriteAheadLog['append']>[0][],
): Promise<readonly number[]> {
  const places = [wal.bytes];
  for (const batch of batches) {
    await wal.append(batch);
    places.push(wal.bytes);
  }
  return places;
}

const forget = (disk: SimulatedDisk, from: number | undefined, to: number | undefined): void => {
  disk.forget(segment(1), from ?? 0, (to ?? 0) - (from ?? 0));
};

test('what was lost is known to have been durable when a batch followed it, or the log was idle', async (t) => {
  const of = (index: number) => ({ hardState: hardState(1, 'a'), entries: [entry(index)] });
  const cases = [
    { idle: false, lost: 1, known: false },
    { idle: true, lost: 1, known: true },
    { idle: false, lost: 2, known: true },
  ];
  for (const { idle, lost, known } of cases) {
    const disk = new SimulatedDisk();
    const { wal } = await open(disk);
    const places = await written(wal, [of(1), of(2), of(3)]);
    if (idle) await wal.confirm({ atOnce: true });
    forget(disk, places[3 - lost], places[3]);
    const { recovered } = await open(disk);
    t.deepEqual(recovered.lost, { path: segment(1), position: places[3 - lost] as number, known });
    t.deepEqual(recovered.owed, end(3, 1));
  }
});

test('batches without entries that are lost are missed with the entries before them', async (t) => {
  const disk = new SimulatedDisk();
  const identity = { member: 'a', timeline: 'one', incarnation: 'first' };
  const { wal } = await open(disk);
  const places = await written(wal, [
    { hardState: { ...hardState(1, 'a'), identity }, entries: [entry(1)] },
    { hardState: { ...hardState(1, 'a'), identity }, entries: [entry(2)] },
    { hardState: { ...hardState(2, 'b'), identity }, entries: [] },
  ]);
  forget(disk, places[1], places[3]);
  const { recovered } = await open(disk);
  t.deepEqual(recovered.owed, end(2, 1));
  t.deepEqual(recovered.hardState, { ...hardState(2, 'b'), identity }, 'whose log it is, it says in front');
});

/** A log that owes entries up to the fifth and has the first three. */
async function owing(): Promise<{ readonly disk: SimulatedDisk; readonly wal: WriteAheadLog }> {
  const disk = new SimulatedDisk();
  const { wal } = await open(disk);
  const of = (index: number) => ({ hardState: hardState(1, 'a'), entries: [entry(index)] });
  const places = await written(wal, [of(1), of(2), of(3), of(4), of(5)]);
  forget(disk, places[3], places[5]);
  const { wal: next, recovered } = await open(disk);
  assert(recovered.owed.index === 5, 'it owes up to the fifth');
  return { disk, wal: next };
}

test('what is owed goes on to be owed when a shorter end is lost too', async (t) => {
  const { disk, wal } = await owing();
  const places = await written(wal, [{ hardState: hardState(1, 'a'), entries: [entry(4)] }]);
  forget(disk, places[0], places[1]);
  t.deepEqual((await open(disk)).recovered.owed, end(5, 1));
});

test('what is owed goes on to be owed in a segment that nothing was written to', async (t) => {
  const { disk, wal } = await owing();
  await wal.append({ hardState: hardState(1, 'a'), entries: [entry(4)] });
  wal.turnOver();
  await wal.prepare();
  disk.capacityBytes = disk.usedBytes;
  await t.throwsAsync(wal.append({ hardState: hardState(1, 'a'), entries: [entry(5, 1, 40_000)] }));
  disk.crash();
  disk.capacityBytes = Number.POSITIVE_INFINITY;
  const { recovered } = await open(disk);
  t.is(recovered.segments.length, 2);
  t.deepEqual(recovered.owed, end(5, 1));
});

/** Opens a log; the first mark that follows a batch is not written, nor anything after it: a crash came before. */
async function openWithoutNextMark(disk: SimulatedDisk): Promise<WriteAheadLog> {
  const mounted = disk.mount();
  let state: 'opening' | 'open' | 'batch' | 'crashed' = 'opening';
  const opening: Disk['open'] = async (path, mode) => {
    const file = await mounted.open(path, mode);
    const write: typeof file.write = (chunks, position) => {
      const isMark = position < 1_536;
      if (isMark && state === 'batch') state = 'crashed';
      else if (!isMark && state === 'open') state = 'batch';
      return state === 'crashed' ? Promise.resolve() : file.write(chunks, position);
    };
    return { ...file, write };
  };
  const { wal } = await openWriteAheadLog(optionsOn({ ...mounted, open: opening }));
  await wal.prepare();
  state = 'open';
  return wal;
}

for (const where of ['over what was lost', 'in a new segment'] as const)
  test(`what is owed goes on to be owed when a crash takes the mark of the next batch, ${where}`, async (t) => {
    for (const bytes of [20, 500]) {
      const { disk, wal } = await owing();
      await wal.close();
      const next = await openWithoutNextMark(disk);
      if (where === 'in a new segment') next.turnOver();
      await next.append({ hardState: hardState(1, 'a'), entries: [entry(4, 1, bytes)] });
      disk.crash();
      for (let start = 0; start < 2; start++) {
        const { recovered, wal: again } = await open(disk);
        t.is(recovered.entries.length, 4);
        t.deepEqual(recovered.owed, end(5, 1), `${bytes} bytes, start ${start}`);
        await again.close();
      }
    }
  });

test('a crash before anything takes the place of what was lost leaves the newest vote, and what is owed', async (t) => {
  const disk = new SimulatedDisk();
  const { wal } = await open(disk);
  const places = await written(wal, [
    { hardState: hardState(1, 'a'), entries: [entry(1)] },
    { hardState: hardState(2, 'b', 1), entries: [entry(2)] },
  ]);
  forget(disk, places[1], places[2]);
  const mounted = disk.mount();
  const opening: Disk['open'] = async (path, mode) => {
    const file = await mounted.open(path, mode);
    const write: typeof file.write = (chunks, position) =>
      path === segment(1) && position >= 1_536 && started ? new Promise(() => undefined) : file.write(chunks, position);
    return { ...file, write };
  };
  let started = false;
  const second = await openWriteAheadLog(optionsOn({ ...mounted, open: opening }));
  started = true;
  t.false(second.recovered.lost?.known);
  await second.wal.confirm({ atOnce: true });
  t.false((await inspectLog(disk.mount(), folder)).lost?.known, 'an idle log confirms nothing that is not there');
  void second.wal.append({ hardState: hardState(2, 'b'), entries: [entry(2, 2)] });
  for (let turn = 0; turn < 200; turn++) await Promise.resolve();
  disk.crash();
  const { recovered } = await open(disk);
  t.like(recovered.hardState, hardState(2, 'b', 0));
  t.deepEqual(recovered.owed, end(2, 1));
});

test('a segment whose name a killed process had not made durable is durable once a start counts on it', async (t) => {
  for (let seed = 1; seed <= 4; seed++) {
    const disk = new SimulatedDisk({ random: seededRandom(seed) });
    const mounted = disk.mount();
    let hangs = false;
    const syncFolder: Disk['syncFolder'] = (path) => (hangs ? new Promise(() => undefined) : mounted.syncFolder(path));
    const { wal } = await openWriteAheadLog(optionsOn({ ...mounted, syncFolder }));
    await wal.append({ hardState: hardState(1, 'a'), entries: [entry(1)] });
    await wal.prepare();
    wal.turnOver();
    hangs = true;
    void wal.append({ hardState: hardState(1, 'a'), entries: [entry(2)] });
    for (let turn = 0; turn < 200; turn++) await Promise.resolve();
    const next = await open(disk);
    t.is(next.recovered.segments.length, 2);
    await next.wal.append({ hardState: hardState(1, 'a'), entries: [entry(2)] });
    disk.crash();
    t.is((await open(disk)).recovered.entries.length, 2, `seed ${seed}`);
  }
});

test('a batch that is missing or broken at the end of a segment is damage when a later one was begun', async (t) => {
  for (const how of ['missing', 'broken'] as const) {
    const disk = new SimulatedDisk();
    const { wal } = await open(disk);
    const of = (index: number) => ({ hardState: hardState(1, 'a'), entries: [entry(index)] });
    const places = await written(wal, [of(1), of(2)]);
    wal.turnOver();
    // Its entries do not show that there is a gap.
    await wal.append({ hardState: hardState(2, 'b'), entries: [] });
    await wal.close();
    if (how === 'missing') forget(disk, places[1], places[2]);
    else disk.corrupt(segment(1), (places[2] ?? 0) - 5);
    const message =
      how === 'missing' ? /a batch is missing and later segments/ : /a batch is broken and later segments/;
    await t.throwsAsync(open(disk), { instanceOf: CorruptError, message });
  }
});

test("marks of another segment that a disk wrote to the wrong place are not taken for a segment's own", async (t) => {
  const disk = new SimulatedDisk();
  const { wal } = await open(disk);
  await wal.append({ hardState: hardState(1, 'a'), entries: [entry(1)] });
  wal.turnOver();
  await wal.append({ hardState: hardState(1, 'a'), entries: [entry(2)] });
  await wal.close();
  const [from, to] = [await disk.open(segment(1), 'read'), await disk.open(segment(2), 'write')];
  await to.write([await from.read(512, 1_024)], 512);
  await to.dataSync();
  const { recovered } = await open(disk);
  t.is(recovered.entries.length, 2);
  t.deepEqual(recovered.owed, end(0, 0));
});
