import test from 'ava';
import { type LogIndex, seededRandom, silentLogger, silentMetrics, type Term } from '../../base/index.ts';
import { SimulatedDisk, SimulatedTime } from '../../platform/index.ts';
import { openWriteAheadLog, writeSnapshot } from '../../raft/wal/index.ts';
import { StateMachine } from '../state-machine.ts';
import type { StoreMessage } from '../transport/index.ts';
import { openStore } from '../open-store.ts';

const identity = { member: 'a', timeline: 'first', incarnation: 'one' };
const configuration = { voters: ['a', 'b', 'c'], outgoing: [], learners: [] };
const folder = '/store';

/** A voter with a log of three segments, which rotted; power failed while its files were being set aside. */
async function interrupted(moved: readonly string[], seed = 1) {
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
