import test from 'ava';
import type { LogIndex, Term } from '../base/index.ts';
import { CorruptError } from '../raft/wal/index.ts';
import { entriesBehind } from './recovery.ts';

const end = (index: number, term = 1) => ({ index: index as LogIndex, term: term as Term });
const entries = (from: number, to: number, term = 1) =>
  Array.from({ length: to - from + 1 }, (_, i) => ({
    ...end(from + i, term),
    type: 'data' as const,
    data: new Uint8Array(0),
  }));
const behind = (mark: number, base: number, log: ReturnType<typeof entries>): readonly number[] =>
  entriesBehind('/store', end(mark), { base: end(base), entries: log, segments: [{ number: 1 }] }).map(
    ({ index }) => index,
  );

test('of a log what lies behind the snapshot counts, and all of it must be there', (t) => {
  t.deepEqual(behind(3, 0, entries(1, 5)), [4, 5]);
  t.deepEqual(behind(3, 3, entries(4, 5)), [4, 5]);
  t.deepEqual(behind(3, 3, []), []);
  t.deepEqual(behind(5, 0, entries(1, 3)), [], 'the snapshot came from a leader');
  t.deepEqual(behind(3, 0, entries(1, 5, 2)), [], 'the log holds entries of another leader there');
  for (const [base, log] of [
    [0, entries(5, 6)],
    [4, entries(5, 6)],
    [7, []],
  ] as const)
    t.throws(() => behind(3, base, [...log]), { instanceOf: CorruptError, message: /but the snapshot ends at 3/ });
});
