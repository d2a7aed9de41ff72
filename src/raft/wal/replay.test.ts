import test from 'ava';
import { type LogIndex, silentLogger, type Term } from '../../base/index.ts';
import { SimulatedDisk, SimulatedTime } from '../../platform/index.ts';
import type { Entry, Identity } from '../core/index.ts';
import { CorruptError, ForeignError, openWriteAheadLog } from './index.ts';

const folder = '/data/log';
const entry = (index: number, term = 1): Entry => ({
  index: index as LogIndex,
  term: term as Term,
  type: 'data',
  data: new Uint8Array(20),
});
const hardState = (term: number, identity?: Identity) => ({
  term: term as Term,
  vote: '',
  commit: 0 as LogIndex,
  identity,
});
const open = (disk: SimulatedDisk, begun = false) =>
  openWriteAheadLog({
    disk: disk.mount(),
    folder,
    clock: new SimulatedTime(),
    log: silentLogger,
    segmentBytes: 16 * 1024,
    begun,
  });
const ofA: Identity = { member: 'a', timeline: 'one', incarnation: 'first' };

test('a log with a gap in it is damage, and so is none at all where there was one', async (t) => {
  const disk = new SimulatedDisk();
  const { wal } = await open(disk);
  for (const at of [1, 2, 4]) await wal.append({ hardState: hardState(1), entries: [entry(at)] });
  await wal.close();
  await t.throwsAsync(open(disk), { instanceOf: CorruptError, message: /entry 4 does not follow/ });
  await t.throwsAsync(open(new SimulatedDisk(), true), { instanceOf: CorruptError, message: /no segment of the log/ });
});

test('an end that was replaced further back than the log reaches takes nothing with it', async (t) => {
  const disk = new SimulatedDisk();
  const { wal } = await open(disk);
  await wal.append({ hardState: hardState(1), entries: [1, 2, 3, 4].map((at) => entry(at)) });
  wal.turnOver();
  await wal.append({ hardState: hardState(1), entries: [entry(5), entry(6)] });
  await wal.deleteThrough(4 as LogIndex);
  await wal.append({ hardState: hardState(2), entries: [entry(4, 2)] });
  await wal.close();
  const { recovered } = await open(disk);
  t.deepEqual(
    recovered.entries.map(({ index, term }) => [index, term] as const),
    [[4 as LogIndex, 2 as Term]],
  );
});

test('a log is of one member and one life, but for what comes behind a new base', async (t) => {
  const others: readonly Identity[] = [
    { ...ofA, incarnation: 'second' },
    { ...ofA, timeline: 'two' },
    { ...ofA, member: 'b' },
  ];
  for (const other of others) {
    const disk = new SimulatedDisk();
    const { wal } = await open(disk);
    await wal.append({ hardState: hardState(1, ofA), entries: [entry(1)] });
    await wal.append({ hardState: hardState(1, other), entries: [entry(2)] });
    await wal.close();
    await t.throwsAsync(open(disk), { instanceOf: ForeignError });
    const based = new SimulatedDisk();
    const { wal: next } = await open(based);
    await next.append({ hardState: hardState(1, ofA), entries: [entry(1)] });
    const base = { index: 5 as LogIndex, term: 1 as Term };
    await next.append({ base, hardState: hardState(1, other), entries: [entry(6)] });
    await next.append({ hardState: hardState(2, other), entries: [entry(7)] });
    await next.close();
    const { recovered } = await open(based);
    t.deepEqual(recovered.hardState?.identity, other);
    t.is(recovered.hardState?.term, 2 as Term);
    t.deepEqual(recovered.base, base);
  }
});
