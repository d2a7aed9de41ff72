import test from 'ava';
import { type Disk, type LogIndex, seededRandom, silentLogger, silentMetrics, type Term } from '../../base/index.ts';
import { SimulatedDisk, SimulatedTime } from '../../platform/index.ts';
import { openWriteAheadLog, writeSnapshot } from '../../raft/wal/index.ts';
import { StateMachine } from '../state-machine.ts';
import type { StoreMessage } from '../transport/index.ts';
import { openStore } from '../open-store.ts';
import type { StoreOptions } from '../options.ts';
import { beginCopy, rejoinPhase, setAside } from './rejoin.ts';

const identity = { member: 'a', timeline: 'first', incarnation: 'one' };
const configuration = { voters: ['a', 'b', 'c'], outgoing: [], learners: [] };
const folder = '/store';

/** A voter with a log of three segments, which rotted. */
async function damaged(seed: number) {
  const time = new SimulatedTime();
  const disk = new SimulatedDisk({ random: seededRandom(seed) });
  const source = StateMachine.empty({}).snapshot();
  const mark = { index: 0 as LogIndex, term: 0 as Term, configuration, identity };
  await writeSnapshot({ disk, folder: `${folder}/snapshots`, mark, next: () => source.next() });
  source.close();
  const { wal } = await openWriteAheadLog({
    disk,
    folder: `${folder}/log`,
    clock: time,
    log: silentLogger,
    segmentBytes: 4096,
  });
  const hardState = { term: 1 as Term, vote: 'b', commit: 0 as LogIndex, identity };
  for (const index of [1, 2, 3] as LogIndex[]) {
    await wal.append({ hardState, entries: [{ index, term: 1 as Term, type: 'data', data: new Uint8Array(3_000) }] });
    await wal.prepare();
  }
  await wal.close();
  return { time, disk };
}

/** That voter when power failed while its files were being set aside: some had been moved. */
async function interrupted(moved: readonly string[], seed = 1) {
  const { time, disk } = await damaged(seed);
  const marker = await disk.open(`${folder}/rejoin`, 'create');
  await marker.write([new TextEncoder().encode('it rotted')], 0);
  await marker.close();
  for (const name of moved) await disk.rename(`${folder}/log/${name}`, `${folder}/damaged/log/${name}`);
  return { time, disk };
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 40; turn++) await new Promise((resolve) => setImmediate(resolve));
}

const parts: Readonly<Record<string, readonly string[]>> = {
  'before the first file went': [],
  'when its beginning had gone': ['00000001.log'],
  'when all but the newest segment had gone': ['00000001.log', '00000002.log'],
};
for (const [when, moved] of Object.entries(parts)) {
  test(`a start sets aside what was damaged, interrupted ${when}, and believes none of it`, async (t) => {
    const { time, disk } = await interrupted(moved);
    const sent: StoreMessage[] = [];
    const opening = openStore({
      member: 'a',
      folder,
      disk,
      clock: time,
      timers: time,
      random: seededRandom(2),
      log: silentLogger,
      metrics: silentMetrics,
      voters: ['a', 'b', 'c'],
      transport: { send: (_to, message) => sent.push(message), onMessage: () => undefined },
    });
    opening.catch(() => undefined);
    await settled();
    t.deepEqual(await disk.list(`${folder}/log`), []);
    t.deepEqual(await disk.list(`${folder}/snapshots`), []);
    t.is((await disk.list(`${folder}/damaged/log`)).filter((name) => name.endsWith('.log')).length, 3);
    t.deepEqual(
      sent.map(({ type }) => type),
      ['question'],
      'it asks to be taken back, and has no vote',
    );
  });
}

test('power that fails while a start goes on leaves the marker: an empty folder is no new member', async (t) => {
  for (let seed = 1; seed <= 6; seed++) {
    // The start before could not sync its marker, and the page cache shows it.
    const { time, disk } = await interrupted([], seed);
    const begin = (): Promise<readonly string[]> => {
      const sent: string[] = [];
      const options = {
        member: 'a',
        folder,
        disk: disk.mount(),
        clock: time,
        timers: time,
        random: seededRandom(2),
        log: silentLogger,
        metrics: silentMetrics,
        voters: ['a', 'b', 'c'],
        transport: { send: (_to: string, { type }: StoreMessage) => sent.push(type), onMessage: () => undefined },
      };
      openStore(options).catch(() => undefined);
      return settled().then(() => sent);
    };
    t.deepEqual(await begin(), ['question']);
    disk.crash();
    t.deepEqual(await begin(), ['question'], `seed ${seed}`);
  }
});

test('a log of which only an empty segment is left is damage', async (t) => {
  const { time, disk } = await interrupted([]);
  const options = { disk, folder: `${folder}/log`, clock: time, log: silentLogger, segmentBytes: 4096 };
  const { wal } = await openWriteAheadLog(options);
  await wal.prepare();
  wal.turnOver();
  disk.capacityBytes = disk.usedBytes;
  const hardState = { term: 1 as Term, vote: 'b', commit: 0 as LogIndex, identity };
  const large = { index: 4 as LogIndex, term: 1 as Term, type: 'data' as const, data: new Uint8Array(9_000) };
  await t.throwsAsync(wal.append({ hardState, entries: [large] }));
  disk.capacityBytes = Number.POSITIVE_INFINITY;
  await wal.close();
  for (const name of ['00000001.log', '00000002.log', '00000003.log']) await disk.remove(`${folder}/log/${name}`);
  t.deepEqual(
    (await disk.list(`${folder}/log`)).filter((name) => name.endsWith('.log')),
    ['00000004.log'],
  );
  await t.throwsAsync(openWriteAheadLog(options), { message: /segment 3 is missing/ });
});

/** So many changes of names and syncs reach the disk; those behind them never end. */
function stoppedAfter(mounted: Disk, changes: number): Disk {
  let left = changes;
  const passes =
    <A extends readonly unknown[], R>(call: (...args: A) => Promise<R>) =>
    (...args: A): Promise<R> =>
      left-- > 0 ? call(...args) : new Promise(() => undefined);
  return {
    ...mounted,
    rename: passes((from, to) => mounted.rename(from, to)),
    syncFolder: passes((path) => mounted.syncFolder(path)),
    open: async (path, mode) => {
      const file = await mounted.open(path, mode);
      return { ...file, dataSync: passes(() => file.dataSync()) };
    },
  };
}

test('whenever power fails while damaged files are set aside, all of them are there, or the marker is', async (t) => {
  for (let changes = 0; changes <= 12; changes++)
    for (let seed = 1; seed <= 4; seed++) {
      const { disk } = await damaged(seed);
      const files = async (): Promise<string> =>
        [...(await disk.list(`${folder}/log`)), ...(await disk.list(`${folder}/snapshots`))].join();
      await disk.syncFolder(folder);
      const whole = await files();
      const options = { folder, log: silentLogger, disk: stoppedAfter(disk.mount(), changes) };
      void setAside(options as Partial<StoreOptions> as StoreOptions, new Error('it rotted'));
      await settled();
      disk.crash();
      const [left, phase] = [await files(), await rejoinPhase({ disk, folder })];
      t.true(left === whole || phase === 'setting-aside', `${changes} changes, seed ${seed}: ${left}, ${phase}`);
    }
});

test('what was set aside does not come back when power fails: the copy begins in empty folders', async (t) => {
  for (let seed = 1; seed <= 6; seed++) {
    const { disk } = await damaged(seed);
    const options = { folder, log: silentLogger, disk: disk.mount() };
    await setAside(options as Partial<StoreOptions> as StoreOptions, new Error('it rotted'));
    await beginCopy(options);
    disk.crash();
    t.is(await rejoinPhase({ disk, folder }), 'copying');
    t.deepEqual([await disk.list(`${folder}/log`), await disk.list(`${folder}/snapshots`)], [[], []], `seed ${seed}`);
  }
});

test('a member that gave its data up says that it cannot tell what it had, whoever asks', async (t) => {
  const { time, disk } = await interrupted([]);
  const sent: StoreMessage[] = [];
  let hear = (_message: StoreMessage): void => undefined;
  const transport: StoreOptions['transport'] = {
    send: (_to, message) => sent.push(message),
    onMessage: (listener) => {
      hear = listener;
    },
  };
  const ports = { disk: disk.mount(), clock: time, timers: time, random: seededRandom(2), log: silentLogger };
  const store = { member: 'a', folder, metrics: silentMetrics, voters: ['a', 'b', 'c'], transport };
  openStore({ ...ports, ...store }).catch(() => undefined);
  await settled();
  const end = { lastIndex: 9 as LogIndex, lastTerm: 2 as Term };
  hear({ type: 'vote', from: 'b', to: 'a', term: 2 as Term, pre: true, force: false, inquiry: 7, ...end });
  hear({ type: 'vote', from: 'b', to: 'a', term: 3 as Term, pre: true, force: false, ...end });
  const answers = sent.filter(({ type }) => type === 'vote-response');
  t.is(answers.length, 1, 'it has no vote to give');
  t.like(answers[0], { to: 'b', granted: false, inquiry: 7, testimony: { type: 'damaged' } });
});
