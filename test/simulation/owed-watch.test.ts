/** When the watch of debts calls one forgotten. */
import test, { type ExecutionContext } from 'ava';
import { type LogIndex, seededRandom, type Term } from '../../src/base/index.ts';
import { type LogEnd, type Message, Raft } from '../../src/raft/core/index.ts';
import { Ledger } from './ledger.ts';
import { OwedWatch } from './owed-watch.ts';

const end = (index: number, term: number): LogEnd => ({ index: index as LogIndex, term: term as Term });
const configuration = { voters: ['m1', 'm2', 'm3'], outgoing: [], learners: [] };

function watched(chosen: LogEnd | undefined, { confirms = true } = {}) {
  const ledger = new Ledger();
  const watch = new OwedWatch(ledger, (index) => (index === chosen?.index ? chosen.term : undefined));
  /** A life of m1 whose log ends there, and that owes so much. */
  const live = (log: LogEnd, owed: LogEnd | undefined, incarnation = 'first'): Raft => {
    const raft = new Raft({
      id: 'm1',
      random: seededRandom(1),
      identity: { member: 'm1', timeline: 'one', incarnation },
      base: { ...log, configuration },
      hardState: { term: 2 as Term, vote: '', commit: log.index },
      owed,
    });
    watch.onLife(raft);
    watch.onCall(raft);
    if (confirms) watch.onConfirmed(raft, owed ?? log);
    return raft;
  };
  /** Nobody else has had what m1 owes, say the others. */
  const forgets = (raft: Raft): void => {
    raft.campaign();
    for (const message of raft.ready().messages) {
      if (message.type !== 'vote' || message.inquiry === undefined) continue;
      const { to: from, inquiry } = message;
      const testimony = { type: 'whole', end: end(1, 1) } as const;
      const answer = { pre: true, granted: false, inquiry, testimony, term: 3 as Term };
      raft.step({ type: 'vote-response', from, to: 'm1', timeline: 'one', ...answer });
    }
    watch.onCall(raft);
  };
  const found = (t: ExecutionContext, check: string | undefined): void => {
    t.is(ledger.violation?.check, check);
  };
  return { watch, live, forgets, found };
}

test('a life that begins without what the one before it owed has forgotten it', (t) => {
  for (const [owed, check] of [
    [end(5, 2), undefined],
    [end(4, 2), 'forgotten-debt'],
    [undefined, 'forgotten-debt'],
  ] as const) {
    const { live, found } = watched(undefined);
    live(end(3, 1), end(5, 2));
    live(end(3, 1), owed);
    found(t, check);
  }
  const { live, forgets, found } = watched(undefined);
  forgets(live(end(3, 1), end(5, 2)));
  live(end(3, 1), undefined);
  live(end(3, 1), end(5, 2), 'second');
  live(end(6, 2), undefined, 'second');
  live(end(3, 1), end(5, 2), 'second');
  live(end(1, 1), undefined, 'third');
  found(t, undefined);
});

test('a debt of what no disk had confirmed may go with what says so', (t) => {
  const { live, found } = watched(undefined, { confirms: false });
  live(end(3, 1), end(5, 2));
  live(end(3, 1), undefined);
  found(t, undefined);
});

test('what was committed may not be forgotten, what was not may', (t) => {
  for (const [chosen, check] of [
    [end(5, 2), 'committed-debt'],
    [end(5, 3), undefined],
    [undefined, undefined],
  ] as const) {
    const { live, forgets, found } = watched(chosen);
    const raft = live(end(3, 1), end(5, 2));
    forgets(raft);
    t.is(raft.owed, undefined);
    found(t, check);
  }
});

test('who answers in the term that it is asked about is not bound', (t) => {
  const whole = { type: 'whole', end: end(1, 1) } as const;
  for (const [term, testimony, check] of [
    [3, whole, undefined],
    [2, whole, 'loose-testimony'],
    [2, { type: 'damaged' }, undefined],
  ] as const) {
    const { watch, found } = watched(undefined);
    const asked = { pre: true, inquiry: 7, lastIndex: 1 as LogIndex, lastTerm: 1 as Term };
    const answered = { pre: true, granted: false, inquiry: 7, testimony };
    const messages: readonly Message[] = [
      { type: 'vote', from: 'm1', to: 'm2', term: 2 as Term, force: false, ...asked },
      { type: 'vote-response', from: 'm2', to: 'm1', term: term as Term, ...answered },
    ];
    watch.onReady(messages);
    found(t, check);
  }
});
