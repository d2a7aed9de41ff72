import test from 'ava';
import { type LogIndex, seededRandom, silentLogger, silentMetrics, type Term } from '../base/index.ts';
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

const logs: Readonly<Record<string, number>> = {
  'ends before it': 3,
  'holds entries of another leader there': 12,
};
for (const [what, last] of Object.entries(logs)) {
  test(`a leader's snapshot was kept and the log ${what}: what is appended next is read again`, async (t) => {
    const time = new SimulatedTime();
    const disk = new SimulatedDisk({ random: seededRandom(1) });
    const machine = StateMachine.empty({});
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
    const identity = { member: 'a', timeline: 'first', incarnation: 'one' };
    const log = { disk, folder: '/store/log', clock: time, log: silentLogger };
    const { wal } = await openWriteAheadLog(log);
    await wal.append({
      hardState: { term: term(2), vote: 'b', commit: index(2), identity },
      entries: Array.from({ length: last }, (_, place) => entry(place + 1, 1)),
    });
    await wal.close();
    const source = machine.snapshot();
    const configuration = { voters: ['a', 'b', 'c'], outgoing: [], learners: [] };
    await writeSnapshot({
      disk,
      folder: '/store/snapshots',
      mark: { index: index(10), term: term(2), configuration, identity },
      next: () => source.next(),
    });
    source.close();
    const first = await openState(options, open);
    t.is(first.raft.lastIndex, index(10));
    const hardState = { term: term(2), vote: '', commit: index(10), identity };
    await first.wal.append({ hardState, entries: [entry(11, 2)] });
    await first.wal.close();
    await first.release();
    const second = await openState(options, open);
    t.is(second.raft.lastIndex, index(11));
    t.is(second.raft.term, term(2));
    await second.wal.close();
    await second.release();
  });
}
