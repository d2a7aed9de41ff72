import test from 'ava';
import { type LogIndex, seededRandom, type Term } from '../../base/index.ts';
import { type Entry, type Message, Raft } from './index.ts';

const index = (value: number): LogIndex => value as LogIndex;
const term = (value: number): Term => value as Term;
const entry = (at: number, of: number): Entry => ({
  index: index(at),
  term: term(of),
  type: 'data',
  data: new TextEncoder().encode(`${at}/${of}`),
});
const entries = (from: number, to: number, of: number): readonly Entry[] =>
  Array.from({ length: to - from + 1 }, (_, i) => entry(from + i, of));
const accepted = { refused: false, hintIndex: index(0), hintTerm: term(0) };

type Partly = Pick<Message, 'type'> & Record<string, unknown>;

/** Member a of five, with this log and in this term; all that it hears is said here. */
function memberA(options: { readonly log?: readonly Entry[]; readonly term?: number; readonly owed?: LogEndOf } = {}) {
  const { log = [], term: at = 1, owed } = options;
  const raft = new Raft({
    id: 'a',
    random: seededRandom(1),
    base: {
      index: index(0),
      term: term(0),
      configuration: { voters: ['a', 'b', 'c', 'd', 'e'], outgoing: [], learners: [] },
    },
    entries: log,
    hardState: { term: term(at), vote: '', commit: index(0) },
    owed: owed && { index: index(owed.index), term: term(owed.term) },
  });
  const sent: Message[] = [];
  /** Takes what is due. `durable: false`: its disk does not answer. */
  const work = ({ durable = true } = {}): void => {
    while (raft.hasReady) {
      const { persist, messages } = raft.ready();
      sent.push(...messages);
      if (persist === undefined || !durable) continue;
      raft.persisted();
    }
  };
  const hear = (from: string, message: Partly, how?: { readonly durable: boolean }): void => {
    raft.step({ from, to: 'a', term: raft.term, ...message } as Message);
    work(how);
  };
  /** It stands for election and these vote for it. */
  const lead = (voters: readonly string[]): void => {
    raft.campaign();
    work();
    for (const pre of [true, false])
      for (const from of voters)
        hear(from, { type: 'vote-response', pre, granted: true, term: pre ? raft.term + 1 : raft.term });
  };
  const acknowledge = (from: string, at: number): void => {
    hear(from, { type: 'append-response', index: index(at), ...accepted });
  };
  return { raft, sent, work, hear, lead, acknowledge };
}

interface LogEndOf {
  readonly index: number;
  readonly term: number;
}

test('a heartbeat commits nothing on a member whose disk lost what it had confirmed', (t) => {
  // Entry 2 of term 1 had been replaced by one of term 2; the disk lost that and shows the old one again.
  const { raft, hear } = memberA({ log: entries(1, 2, 1), term: 2, owed: { index: 2, term: 2 } });
  hear('b', { type: 'heartbeat', commit: index(2), read: 0 });
  t.is(raft.commitIndex, index(0));
  hear('b', {
    type: 'append',
    previousIndex: index(1),
    previousTerm: term(1),
    entries: [entry(2, 2)],
    commit: index(2),
  });
  t.is(raft.owed, undefined);
  t.is(raft.commitIndex, index(2));
});

test('a leader that leads again counts nothing that others acknowledged in its earlier lead', (t) => {
  const { raft, hear, lead, acknowledge } = memberA();
  lead(['b', 'c']);
  t.is(raft.role, 'leader');
  raft.propose(Array.from({ length: 9 }, () => new Uint8Array(1)));
  acknowledge('b', 10);
  t.is(raft.commitIndex, index(0));
  // Another leader replaces its log, and it leads again.
  hear('c', {
    type: 'append',
    term: term(3),
    previousIndex: index(0),
    previousTerm: term(0),
    entries: entries(1, 4, 3),
    commit: index(0),
  });
  lead(['d', 'e']);
  t.is(raft.role, 'leader');
  t.is(raft.lastIndex, index(5));
  acknowledge('d', 5);
  t.is(raft.commitIndex, index(0), 'two of five have it');
  acknowledge('e', 5);
  t.is(raft.commitIndex, index(5));
});

test('a read of an earlier lead is not answered in the next one', (t) => {
  const { raft, sent, hear, lead, acknowledge } = memberA();
  lead(['b', 'c']);
  acknowledge('b', 1);
  acknowledge('c', 1);
  t.is(raft.commitIndex, index(1));
  hear('e', { type: 'read', context: 7 });
  hear('c', {
    type: 'append',
    term: term(3),
    previousIndex: index(1),
    previousTerm: term(2),
    entries: [],
    commit: index(1),
  });
  lead(['d', 'e']);
  acknowledge('d', 2);
  acknowledge('e', 2);
  for (const from of ['b', 'c', 'd']) hear(from, { type: 'heartbeat-response', read: 99 });
  t.deepEqual(
    sent.filter(({ type }) => type === 'read-response'),
    [],
  );
});

test('a new leader counts itself for what its disk has, not for what it has heard', (t) => {
  const { raft, hear, work } = memberA();
  raft.campaign();
  work();
  for (const from of ['b', 'c']) hear(from, { type: 'vote-response', pre: true, granted: true, term: term(2) });
  for (const from of ['b', 'c'])
    hear(from, { type: 'vote-response', pre: false, granted: true, term: term(2) }, { durable: false });
  t.is(raft.role, 'leader');
  for (const from of ['b', 'c'])
    hear(from, { type: 'append-response', index: index(1), ...accepted }, { durable: false });
  t.is(raft.commitIndex, index(0), 'two of five have it on disk');
});

test('a new leader changes no membership before all that its log held is applied', (t) => {
  const { raft, lead, acknowledge } = memberA({ log: entries(1, 3, 1) });
  lead(['b', 'c']);
  for (const from of ['b', 'c', 'd', 'e']) acknowledge(from, 0);
  t.false(raft.changeConfiguration({ voters: ['a', 'b', 'c'], learners: [] }));
  for (const from of ['b', 'c', 'd', 'e']) acknowledge(from, 4);
  t.is(raft.appliedIndex, index(4));
  t.true(raft.changeConfiguration({ voters: ['a', 'b', 'c'], learners: [] }));
  t.false(raft.changeConfiguration({ voters: ['a', 'b'], learners: [] }), 'one change at a time');
});
