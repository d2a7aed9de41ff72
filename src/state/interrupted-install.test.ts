import test from 'ava';
import { type Disk, type LogIndex, seededRandom, silentLogger, silentMetrics, type Term } from '../base/index.ts';
import { SimulatedDisk, SimulatedTime } from '../platform/index.ts';
import { openWriteAheadLog, writeSnapshot } from '../raft/wal/index.ts';
import { openState } from './recovery.ts';
import { StateMachine } from './state-machine.ts';
import type { StoreOptions } from './options.ts';

const index = (value: number): LogIndex => value as LogIndex;
const term = (value: number): Term => value as Term;
const entry = (at: number, of: number) => ({
  index: index(at),
  term: term(of),
  type: 'empty' as const,
  data: new Uint8Array(0),
});

const open: Parameters<typeof openState>[1] = async (options, read) => ({
  ...(await read(options)),
  rejoining: false,
});

/** A member whose log holds so many entries of a term that is over. */
async function member(seed: number, last: number) {
  const time = new SimulatedTime();
  const disk = new SimulatedDisk({ random: seededRandom(seed) });
  const options: StoreOptions = {
    member: 'a',
    folder: '/store',
    disk,
    clock: time,
    timers: time,
    random: seededRandom(2),
    log: silentLogger,
    voters: ['a', 'b', 'c'],
    metrics: silentMetrics,
  };
  const { wal } = await openWriteAheadLog({ disk, folder: '/store/log', clock: time, log: silentLogger });
  await wal.append({
    hardState: { term: term(2), vote: 'b', commit: index(2), identity },
    entries: Array.from({ length: last }, (_, place) => entry(place + 1, 1)),
  });
  await wal.close();
  return { disk, options };
}

const identity = { member: 'a', timeline: 'first', incarnation: 'one' };

/** Keeps a snapshot that a leader sent. */
async function keepSnapshot(disk: Disk): Promise<void> {
  const source = StateMachine.empty({}).snapshot();
  const configuration = { voters: ['a', 'b', 'c'], outgoing: [], learners: [] };
  await writeSnapshot({
    disk,
    folder: '/store/snapshots',
    mark: { index: index(10), term: term(2), configuration, identity },
    next: () => source.next(),
  });
  source.close();
}

/** One life: what was read, and an entry behind the snapshot. */
async function live(options: StoreOptions): Promise<LogIndex> {
  const opened = await openState(options, open);
  const { lastIndex } = opened.raft;
  const hardState = { term: term(2), vote: '', commit: index(10), identity };
  if (lastIndex === index(10)) await opened.wal.append({ hardState, entries: [entry(11, 2)] });
  await opened.wal.close();
  await opened.release();
  return lastIndex;
}

const logs: Readonly<Record<string, number>> = {
  'ends before it': 3,
  'holds entries of another leader there': 12,
};
for (const [what, last] of Object.entries(logs)) {
  test(`a leader's snapshot was kept and the log ${what}: what is appended next is read again`, async (t) => {
    const { disk, options } = await member(1, last);
    await keepSnapshot(disk);
    t.is(await live(options), index(10));
    t.is(await live(options), index(11));
  });
}

test('a process died before the name of its snapshot was durable: the log rests on it only once it is', async (t) => {
  for (let seed = 1; seed <= 8; seed++) {
    const { disk, options } = await member(seed, 3);
    const renamed = new Promise<void>((resolve) => {
      void keepSnapshot({
        ...bound(disk),
        // The process is gone before the folder is synced.
        syncFolder: () => {
          resolve();
          return new Promise(() => undefined);
        },
      });
    });
    await renamed;
    t.is(await live(options), index(10), 'the page cache shows it');
    disk.crash();
    t.is(await live(options), index(11), `seed ${seed}`);
  }
});

const bound = (disk: SimulatedDisk): Disk => ({
  open: (path, mode) => disk.open(path, mode),
  list: (folder) => disk.list(folder),
  rename: (from, to) => disk.rename(from, to),
  remove: (path) => disk.remove(path),
  makeFolder: () => disk.makeFolder(),
  syncFolder: (path) => disk.syncFolder(path),
});
