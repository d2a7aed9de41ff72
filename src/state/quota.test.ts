import test from 'ava';
import { DiskError } from '../base/index.ts';
import type { Operation } from '../mvcc/index.ts';
import type { WriteAheadLog } from '../raft/wal/index.ts';
import { put, remove } from './membership/members.suite.ts';
import type { StoreOptions } from './options.ts';
import { alarmsOf, hasRoom, refusal } from './quota.ts';

/** A log of segments of 8,000 bytes that can take so many more, on a disk that is full. */
const fullLog = (roomBytes: number): WriteAheadLog =>
  ({ shortage: new DiskError('full', '/store/log'), roomBytes }) as WriteAheadLog;
const roomyLog = { shortage: undefined, roomBytes: 0 } as WriteAheadLog;
const options = {
  segmentBytes: 8_000,
  folder: '/store',
  quotas: [{ prefix: '/lease/', keysMax: 2 }],
} as Partial<StoreOptions> as StoreOptions;
const codeOf = (wal: WriteAheadLog, operations: readonly Operation[], leases = 0): string | undefined =>
  refusal(options, wal, { compares: [], operations }, () => leases)?.code;

test('on a full disk a quarter of a segment is left to deletions, and a little of that to nobody', (t) => {
  const [puts, deletions, both] = [[put('/k/1')], [remove('/k/1'), remove('/k/2')], [put('/k/1'), remove('/k/2')]];
  t.is(codeOf(fullLog(2_000), puts), undefined);
  t.is(codeOf(fullLog(1_999), puts), 'disk-full');
  t.is(codeOf(fullLog(1_999), both), 'disk-full', 'what writes too does not only free');
  t.is(codeOf(fullLog(250), deletions), undefined);
  t.is(codeOf(fullLog(249), deletions), 'disk-full');
  t.is(codeOf(roomyLog, puts), undefined);
  t.deepEqual([hasRoom(options, fullLog(300), true), hasRoom(options, fullLog(300), false)], [true, false]);
});

test('where a prefix has its most keys, nothing is written under it, whatever else a transaction does', (t) => {
  const [lease, other] = [put('/lease/1'), put('/k/1')];
  t.is(codeOf(roomyLog, [lease], 1), undefined);
  t.is(codeOf(roomyLog, [lease], 2), 'overloaded');
  t.is(codeOf(roomyLog, [other, lease], 2), 'overloaded');
  t.is(codeOf(roomyLog, [other, remove('/lease/1')], 2), undefined);
  t.deepEqual(
    [1, 2].map((keys) => alarmsOf(options, fullLog(0), () => keys).map(({ type }) => type)),
    [['disk-full'], ['quota', 'disk-full']],
  );
});
