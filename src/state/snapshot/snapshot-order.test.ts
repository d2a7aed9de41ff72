/** Messages of a snapshot's transfer that overtake each other, and receivers that start over. */
import test from 'ava';
import type { LogIndex, Term } from '../../base/index.ts';
import type { SnapshotChunk, StoreMessage } from '../transport/index.ts';
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
  const reports: (LogIndex | undefined)[] = [];
  const sender = new SnapshotSender({
    member: 'a',
    send: (_to: string, message: StoreMessage) => {
      if (message.type === 'snapshot-chunk') sent.push(message.sequence);
    },
    report: (_to, index) => reports.push(index),
    now: () => 0,
    name: () => 'one',
  });
  let left = 20;
  const source = { next: () => (left-- > 0 ? new Uint8Array(1) : undefined), close: () => undefined };
  sender.begin('b', { term: 1, mark, record: 1, source });
  const answer = (next: number, reception: string | undefined, complete = false): void => {
    sender.onProgress({ type: 'snapshot-progress', from: 'b', to: 'a', transfer: 'one', next, complete, reception });
  };
  return { sent, reports, answer };
}

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
