/** Messages of a snapshot's transfer that overtake each other, and receivers that start over. */
import test from 'ava';
import type { LogIndex, Term } from '../../base/index.ts';
import type { SnapshotChunk, StoreMessage } from '../transport/index.ts';
import { put } from '../membership/members.suite.ts';
import { StateMachine } from '../state-machine.ts';
import { SnapshotReceiver } from './snapshot-receiver.ts';
import { SnapshotSender } from './snapshot-sender.ts';

const mark = {
  index: 7 as LogIndex,
  term: 1 as Term,
  configuration: { voters: ['a', 'b'], outgoing: [], learners: [] },
};

/** A transfer of twenty pieces from a to b, more than are on their way at once. */
function transferOfTwenty() {
  const sent: number[] = [];
  const lasts: number[] = [];
  const reports: (LogIndex | undefined)[] = [];
  let [now, open] = [0, 0];
  const sender = new SnapshotSender({
    member: 'a',
    send: (_to: string, message: StoreMessage) => {
      if (message.type !== 'snapshot-chunk') return;
      sent.push(message.sequence);
      if (message.last) lasts.push(message.sequence);
    },
    report: (_to, index) => reports.push(index),
    now: () => now,
    name: () => 'one',
  });
  const begin = (to = 'b', of = mark): void => {
    let left = 20;
    open += 1;
    const close = (): void => {
      open -= 1;
    };
    sender.begin(to, {
      term: 1,
      mark: of,
      record: 1,
      source: { next: () => (left-- > 0 ? new Uint8Array(1) : undefined), close },
    });
  };
  begin();
  const answer = (next: number, reception: string | undefined, complete = false, transfer = 'one'): void => {
    sender.onProgress({ type: 'snapshot-progress', from: 'b', to: 'a', transfer, next, complete, reception });
  };
  /** Time passes; b has entries up to `match`. */
  const pass = (ms: number, match = 0): void => {
    now += ms;
    sender.tick(() => match as LogIndex);
  };
  return { sender, sent, lasts, reports, begin, answer, pass, open: () => open };
}

test('pieces without an answer are sent again, and a transfer that never gets one is given up', (t) => {
  const { sender, sent, lasts, reports, answer, pass, open } = transferOfTwenty();
  t.deepEqual(sent, [0, 1, 2, 3, 4, 5, 6, 7]);
  answer(3, 'first');
  t.deepEqual(sent.slice(8), [8, 9, 10]);
  sent.length = 0;
  pass(300);
  t.deepEqual(sent, []);
  pass(200);
  t.deepEqual(sent, [3, 4, 5, 6, 7, 8, 9, 10]);
  answer(20, 'first', false, 'another');
  t.deepEqual(reports, []);
  answer(11, 'first');
  answer(18, 'first');
  t.is(sent.at(-1), 20);
  pass(500);
  t.deepEqual(lasts, [20, 20], 'the last piece alone says that it is the last, also when it is sent again');
  t.true(sender.sendsTo('b'));
  pass(15_100);
  t.deepEqual(reports, [undefined]);
  t.false(sender.sendsTo('b'));
  t.is(open(), 0);
});

test('the log behind a snapshot is kept until its receiver has it, the oldest of several', (t) => {
  const { sender, begin, answer, pass, open } = transferOfTwenty();
  t.is(sender.keptFrom, mark.index);
  begin('c', { ...mark, index: 9 as LogIndex });
  t.is(sender.keptFrom, mark.index);
  answer(20, 'first');
  answer(21, 'first', true);
  t.is(open(), 1, 'what b got is read no more');
  pass(0);
  t.is(sender.keptFrom, mark.index, 'b has not made it durable yet');
  pass(0, 7);
  t.is(sender.keptFrom, 9 as LogIndex);
  begin('c');
  t.is(open(), 1, 'another transfer to c takes the place of the first');
  sender.endAll();
  t.deepEqual([sender.keptFrom, open()], [undefined, 0]);
});

test('a receiver that never makes a snapshot durable holds the log for half a minute', (t) => {
  const { sender, answer, pass } = transferOfTwenty();
  answer(20, 'first');
  answer(21, 'first', true);
  pass(20_000);
  t.is(sender.keptFrom, mark.index);
  pass(11_000);
  t.is(sender.keptFrom, undefined);
});

test('an answer that was overtaken by a later one does not end the transfer', (t) => {
  const { sent, reports, answer } = transferOfTwenty();
  answer(8, 'first');
  answer(3, 'first');
  answer(16, 'first');
  answer(0, 'first');
  t.deepEqual(reports, []);
  t.is(sent.at(-1), 20);
  answer(21, 'first', true);
  t.deepEqual(reports, [mark.index]);
});

test('a receiver that starts over where the pieces are gone gets another snapshot', (t) => {
  const { reports, answer } = transferOfTwenty();
  answer(8, 'first');
  answer(0, 'second');
  t.deepEqual(reports, [undefined]);
});

test('a receiver that starts over while all pieces are still here gets them', (t) => {
  const { reports, answer } = transferOfTwenty();
  answer(0, 'first');
  answer(0, 'second');
  answer(8, 'second');
  answer(5, 'second');
  t.deepEqual(reports, []);
});

test('a receiver whose program does not name its receptions gets another snapshot when it falls back', (t) => {
  const { reports, answer } = transferOfTwenty();
  answer(8, undefined);
  answer(0, undefined);
  t.deepEqual(reports, [undefined]);
});

test('a reception has one name, and each that starts over, in this life or the next, has another', (t) => {
  const piece = (transfer: string, sequence: number): SnapshotChunk => ({
    type: 'snapshot-chunk',
    from: 'a',
    to: 'b',
    term: 1,
    transfer,
    mark,
    sequence,
    last: false,
    data: new Uint8Array(1),
  });
  const history = { historyMs: 1, historyEventsMax: 1 };
  const [life, next] = [new SnapshotReceiver(history, 'life'), new SnapshotReceiver(history, 'next')];
  const receptionOf = (receiver: SnapshotReceiver, chunk: SnapshotChunk) => receiver.take(chunk)?.progress.reception;
  const first = receptionOf(life, piece('one', 1));
  t.is(receptionOf(life, piece('one', 2)), first);
  receptionOf(life, piece('two', 1));
  const again = receptionOf(life, piece('one', 1));
  t.is(new Set([first, again, receptionOf(next, piece('one', 1))]).size, 3);
  t.false([first, again].includes(undefined));
});

/** The pieces of a snapshot with three keys, as they leave a. */
function piecesOf(transfer: string, at: number, term = 1): readonly SnapshotChunk[] {
  const machine = StateMachine.empty({ chunkBytes: 1 });
  const operations = ['/k/1', '/k/2', '/k/3'].map((key) => put(key));
  machine.space.apply({ compares: [], operations }, 0);
  const source = machine.snapshot();
  const pieces: Uint8Array[] = [];
  for (let piece = source.next(); piece !== undefined; piece = source.next()) pieces.push(piece);
  const envelope = { type: 'snapshot-chunk', from: 'a', to: 'b', term, transfer } as const;
  return [...pieces, new Uint8Array(0)].map((data, sequence) => ({
    ...envelope,
    mark: { ...mark, index: at as LogIndex },
    sequence,
    last: sequence === pieces.length,
    data,
  }));
}

test('pieces count once and in their order, whatever comes early, twice or of an older leader', (t) => {
  const receiver = new SnapshotReceiver({}, 'life');
  const pieces = piecesOf('one', 7, 2);
  t.true(pieces.length > 4);
  const last = pieces.length - 1;
  const take = (piece: SnapshotChunk | undefined) => (piece === undefined ? undefined : receiver.take(piece));
  take(pieces[0]);
  t.is(take(pieces[last])?.whole, undefined, 'those between are missing');
  t.like(take(pieces[2])?.progress, { next: 1, complete: false });
  t.like(take(pieces[0])?.progress, { next: 1 });
  t.is(take(piecesOf('old', 9, 1)[0]), undefined);
  t.like(take(pieces[1])?.progress, { next: 3 });
  let whole;
  for (const piece of pieces.slice(3, last)) whole = take(piece)?.whole;
  t.is(whole?.machine.space.count(''), 3);
  t.deepEqual(
    whole?.chunks,
    pieces.slice(0, last).map(({ data }) => data),
  );
  t.like(take(pieces[last]), { progress: { complete: true, next: pieces.length } });
  t.is(receiver.peek(7 as LogIndex)?.machine, whole?.machine);
});

test('a whole snapshot stays until it is claimed, and takes older ones with it', (t) => {
  const receiver = new SnapshotReceiver({}, 'life');
  for (const [transfer, at] of [
    ['one', 5],
    ['two', 7],
    ['three', 9],
  ] as const)
    for (const piece of piecesOf(transfer, at)) receiver.take(piece);
  const has = (...indexes: readonly number[]) => indexes.map((at) => receiver.peek(at as LogIndex) !== undefined);
  t.deepEqual(has(5, 7, 9), [true, true, true]);
  t.is(receiver.claim(7 as LogIndex)?.mark.index, 7 as LogIndex);
  t.deepEqual(has(5, 7, 9), [false, false, true]);
});

test('of pieces that come early a bounded number is kept', (t) => {
  const receiver = new SnapshotReceiver({}, 'life');
  const [first] = piecesOf('one', 7) as [SnapshotChunk];
  const piece = (sequence: number): SnapshotChunk => ({ ...first, sequence, data: new Uint8Array(0) });
  for (let sequence = 100; sequence > 0; sequence--) receiver.take(piece(sequence));
  t.notThrows(() => receiver.take({ ...first, sequence: 0 }));
  t.like(
    receiver.take({ ...first, sequence: 200 })?.progress,
    { next: 1 },
    'what lay nearest came too late to be kept',
  );
});
