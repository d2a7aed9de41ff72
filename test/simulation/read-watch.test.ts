/** When the watch of reads takes an answer for proven. */
import test, { type ExecutionContext } from 'ava';
import { type LogIndex, seededRandom, type Term } from '../../src/base/index.ts';
import { type Message, Raft } from '../../src/raft/core/index.ts';
import { Ledger } from './ledger.ts';
import { ReadWatch } from './read-watch.ts';

const base = {
  index: 1 as LogIndex,
  term: 1 as Term,
  configuration: { voters: ['m1', 'm2', 'm3'], outgoing: [], learners: [] },
};
const term = 2 as Term;
const accepted = { refused: false, hintIndex: 0 as LogIndex, hintTerm: 0 as Term };

/** A leader of three that has committed in its term, and a watch that sees what it is told and hands out. */
function watchedLeader(t: ExecutionContext) {
  const ledger = new Ledger();
  const watch = new ReadWatch(ledger);
  const hardState = { term: base.term, vote: '', commit: base.index };
  const raft = new Raft({ id: 'm1', random: seededRandom(1), base, hardState });
  const tell = (message: Message): void => {
    watch.onMessage(raft, message);
    raft.step(message);
  };
  /** The number of the newest heartbeat of all that it hands out. */
  const handOut = (): number => {
    let asked = 0;
    while (raft.hasReady) {
      const made = raft.ready();
      watch.onReady(raft, made);
      for (const message of made.messages) if (message.type === 'heartbeat') asked = Math.max(asked, message.read);
      if (made.persist !== undefined) raft.persisted();
    }
    return asked;
  };
  raft.campaign();
  for (const pre of [true, false]) {
    handOut();
    tell({ type: 'vote-response', from: 'm2', to: 'm1', term, pre, granted: true });
  }
  handOut();
  tell({ type: 'append-response', from: 'm2', to: 'm1', term, index: 2 as LogIndex, ...accepted });
  handOut();
  t.is(raft.commitIndex, 2 as LogIndex);
  const ask = (): void => {
    tell({ type: 'read', from: 'm3', to: 'm1', term, context: 7 });
  };
  const answer = (read: number): void => {
    tell({ type: 'heartbeat-response', from: 'm2', to: 'm1', term, read });
  };
  return { ledger, watch, raft, handOut, ask, answer };
}

test('a read that is asked for again before its answer has left is proven from when it was asked for again', (t) => {
  const { ledger, handOut, ask, answer } = watchedLeader(t);
  ask();
  answer(handOut());
  ask();
  const asked = handOut();
  // It is on its way to its proof already: this one changes nothing.
  ask();
  answer(asked);
  handOut();
  t.is(ledger.violation, undefined);
});

test('an answer to a read that nobody has proven since is found', (t) => {
  const { ledger, watch, raft, handOut, ask, answer } = watchedLeader(t);
  ask();
  answer(handOut());
  handOut();
  ask();
  handOut();
  const messages: Message[] = [{ type: 'read-response', from: 'm1', to: 'm3', term, context: 7, index: 2 as LogIndex }];
  watch.onReady(raft, { messages, committed: [], reads: [] });
  t.is(ledger.violation?.check, 'unproven-read');
});

test('an answer to a read that this leader was not asked for in its term is found', (t) => {
  const { ledger, watch, raft } = watchedLeader(t);
  watch.onReady(raft, { messages: [], committed: [], reads: [{ context: 8, index: 2 as LogIndex }] });
  t.is(ledger.violation?.check, 'unproven-read');
});
