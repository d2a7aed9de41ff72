import test from 'ava';
import { DiskError, type LogIndex, seededRandom, silentLogger, silentMetrics, type Term } from '../../base/index.ts';
import { SimulatedDisk, SimulatedTime } from '../../platform/index.ts';
import { openWriteAheadLog } from '../../raft/wal/index.ts';
import { StateMachine } from '../state-machine.ts';
import { Snapshotter } from './snapshotter.ts';

const folder = '/store';
const index = (value: number): LogIndex => value as LogIndex;
const markAt = (at: number) => ({
  index: index(at),
  term: 1 as Term,
  configuration: { voters: ['a'], outgoing: [], learners: [] },
});
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 400; turn++) await Promise.resolve();
};

/** A snapshotter of an empty state beside a log; ten changes make a snapshot due. */
async function beside(newest = 0) {
  const [disk, time] = [new SimulatedDisk(), new SimulatedTime()];
  const options = {
    member: 'a',
    folder,
    disk: disk.mount(),
    clock: time,
    timers: time,
    random: seededRandom(1),
    log: silentLogger,
    metrics: silentMetrics,
    voters: ['a'],
    snapshotEntries: 10,
    segmentBytes: 16 * 1024,
  };
  const { wal } = await openWriteAheadLog({ ...options, folder: `${folder}/log` });
  const snapshotter = new Snapshotter(options, wal, { index: index(newest), bytes: 0 });
  const machine = StateMachine.empty({});
  let [taken, open] = [0, 0];
  const counted = Object.assign(Object.create(machine) as StateMachine, {
    snapshot: () => {
      taken += 1;
      open += 1;
      const source = machine.snapshot();
      const close = (): void => {
        source.close();
        open -= 1;
      };
      return { next: () => source.next(), close };
    },
  });
  Object.defineProperty(counted, 'space', { value: machine.space });
  const consider = (at: number, durable: (at: LogIndex) => Promise<void> = () => Promise.resolve()): void => {
    snapshotter.consider(markAt(at), counted, durable);
  };
  const files = async (): Promise<readonly string[]> =>
    (await disk.list(`${folder}/snapshots`)).filter((name) => name.endsWith('.snapshot')).map((name) => name.slice(13));
  return { disk, time, wal, snapshotter, consider, files, taken: () => taken, open: () => open };
}

test('a snapshot is taken when enough has changed, one at a time, and not again of what it covers', async (t) => {
  const { snapshotter, consider, files, taken, open } = await beside();
  consider(5);
  t.is(taken(), 0);
  snapshotter.note(10);
  consider(5);
  snapshotter.note(10);
  consider(6);
  t.is(taken(), 1, 'the first one is under way');
  await settled();
  t.deepEqual(await files(), ['005.snapshot']);
  consider(5);
  t.is(taken(), 1);
  consider(6);
  await settled();
  t.deepEqual([taken(), open()], [2, 0]);
  t.deepEqual(await files(), ['006.snapshot']);
  snapshotter.note(10);
  snapshotter.installed(index(9), 0);
  snapshotter.note(10);
  consider(9);
  t.is(taken(), 2, 'a snapshot of the leader covers it');
});

test('a snapshot waits until the log on the disk has reached it, and is given up when it never does', async (t) => {
  const { snapshotter, consider, files, open } = await beside();
  snapshotter.note(10);
  let reach = (): void => undefined;
  consider(5, () => new Promise((resolve) => (reach = resolve)));
  await settled();
  t.deepEqual(await files(), []);
  reach();
  await settled();
  t.deepEqual(await files(), ['005.snapshot']);
  snapshotter.note(10);
  consider(7, () => Promise.reject(new Error('a snapshot of the leader came')));
  await settled();
  t.deepEqual(await files(), ['005.snapshot']);
  t.is(open(), 0);
});

test('who waits for a snapshot gets one that covers the entry, and hears when it fails', async (t) => {
  const { disk, time, snapshotter, consider, taken } = await beside();
  const outcomes: string[] = [];
  const cover = (at: number): void => {
    snapshotter.cover(index(at)).then(
      () => outcomes.push(`${at} is covered`),
      (error: unknown) => outcomes.push(`${at} ${error instanceof DiskError ? error.code : 'stopped'}`),
    );
  };
  cover(5);
  cover(8);
  consider(4);
  t.is(taken(), 0, 'it would cover neither');
  consider(6);
  await settled();
  t.deepEqual(outcomes, ['5 is covered']);
  disk.capacityBytes = disk.usedBytes;
  consider(9);
  await settled();
  t.deepEqual(outcomes, ['5 is covered', '8 full']);
  disk.capacityBytes = Number.POSITIVE_INFINITY;
  snapshotter.note(20);
  consider(9);
  t.is(taken(), 2, 'what failed waits for some seconds');
  await time.run(6_000);
  consider(9);
  t.is(taken(), 3);
  await settled();
  cover(20);
  await snapshotter.close();
  await settled();
  t.is(outcomes.at(-1), '20 stopped');
  cover(30);
  await settled();
  t.is(outcomes.at(-1), '30 stopped');
});

test('a snapshot under way ends early when the store closes, and leaves the one before', async (t) => {
  const { snapshotter, consider, files, open, taken } = await beside();
  snapshotter.note(10);
  consider(5);
  await settled();
  snapshotter.note(10);
  consider(9);
  await snapshotter.close();
  t.deepEqual(await files(), ['005.snapshot']);
  t.is(open(), 0);
  snapshotter.note(10);
  consider(12);
  t.is(taken(), 2);
});
