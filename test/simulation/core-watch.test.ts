/** What the watch of cores takes for durable of a member that starts again. */
import test from 'ava';
import { type LogIndex, seededRandom, type Term } from '../../src/base/index.ts';
import { type Entry, type HardState, type LogEnd, type Message, Raft, type Ready } from '../../src/raft/core/index.ts';
import { CoreWatch } from './core-watch.ts';
import { Ledger } from './ledger.ts';

const base = {
  index: 0 as LogIndex,
  term: 0 as Term,
  configuration: { voters: ['m1', 'm2'], outgoing: [], learners: [] },
};
const nothing: HardState = { term: 0 as Term, vote: '', commit: 0 as LogIndex };
const request: Message = {
  type: 'vote',
  from: 'm1',
  to: 'm2',
  term: 1 as Term,
  pre: false,
  force: false,
  lastIndex: 0 as LogIndex,
  lastTerm: 0 as Term,
};

/** A life of m2 that begins with `hardState` and is asked for its vote. What is written, `change` may replace first. */
function votes(
  watch: CoreWatch,
  hardState: HardState,
  change: (made: Ready, raft: Raft) => Ready = (made) => made,
): HardState {
  const raft = new Raft({ id: 'm2', random: seededRandom(1), base, hardState });
  let kept = hardState;
  watch.onCall(raft);
  raft.step(request);
  while (raft.hasReady) {
    const made = change(raft.ready(), raft);
    watch.onReady(raft, made);
    if (made.persist === undefined) continue;
    kept = made.persist.hardState;
    watch.onPersisted(raft);
    raft.persisted();
  }
  return kept;
}

const answer: Message = { type: 'vote-response', from: 'm2', to: 'm1', term: 1 as Term, pre: false, granted: true };
/** As a core that lets its vote go without waiting for the disk. */
const early = (made: Ready): Ready => ({ ...made, messages: [...made.messages, answer] });

test('a member that starts again repeats the vote that its disk kept', (t) => {
  const ledger = new Ledger();
  const watch = new CoreWatch(ledger);
  const kept = votes(watch, nothing);
  t.is(kept.vote, 'm1');
  t.is(votes(watch, kept).vote, 'm1');
  t.is(ledger.violation, undefined);
});

test('a member that starts again repeats no vote that was never synced, though it reads it', (t) => {
  const ledger = new Ledger();
  const watch = new CoreWatch(ledger);
  const kept = votes(watch, nothing, ({ persist, ...made }) =>
    persist === undefined ? { ...made, messages: [] } : { ...made, persist: { ...persist, sync: false } },
  );
  t.is(ledger.violation, undefined);
  votes(watch, kept);
  t.is(ledger.violation?.check, 'unsynced-vote');
});

test('a member whose disk lost its vote writes it again before it repeats it', (t) => {
  const [sound, rash] = [new Ledger(), new Ledger()];
  const watch = new CoreWatch(sound);
  votes(watch, nothing);
  votes(watch, nothing);
  t.is(sound.violation, undefined);
  const other = new CoreWatch(rash);
  votes(other, nothing);
  votes(other, nothing, early);
  t.is(rash.violation?.check, 'unsynced-vote');
});

/** Does what a core asks for, before the eyes of the watch. */
function settle(watch: CoreWatch, raft: Raft): void {
  while (raft.hasReady) {
    const made = raft.ready();
    watch.onReady(raft, made);
    if (made.persist === undefined) continue;
    watch.onPersisted(raft);
    raft.persisted();
  }
}

function started(watch: CoreWatch, id: string, owed?: LogEnd): Raft {
  const raft = new Raft({ id, random: seededRandom(1), base, hardState: nothing, owed });
  watch.onCall(raft);
  return raft;
}

/** m1 leads with m2's vote; its own first entry is on its disk. */
function leader(watch: CoreWatch): Raft {
  const raft = started(watch, 'm1');
  raft.campaign();
  settle(watch, raft);
  for (const pre of [true, false]) {
    raft.step({ ...answer, pre } as Message);
    settle(watch, raft);
  }
  return raft;
}

/** m2 gets entries of m1 and answers. */
function gets(watch: CoreWatch, raft: Raft, entries: readonly Entry[]): void {
  raft.step({
    type: 'append',
    from: 'm1',
    to: 'm2',
    term: 1 as Term,
    previousIndex: base.index,
    previousTerm: base.term,
    entries,
    commit: base.index,
  });
  settle(watch, raft);
}

/** What the watch says when m1 counts an answer of m2, whose next life has none of the entries and may owe them. */
function lateAnswer(owed?: LogEnd): string | undefined {
  const ledger = new Ledger();
  const watch = new CoreWatch(ledger);
  const m1 = leader(watch);
  gets(watch, started(watch, 'm2'), m1.unapplied);
  gets(watch, started(watch, 'm2', owed), []);
  const index = m1.lastIndex;
  m1.step({ type: 'append-response', from: 'm2', to: 'm1', term: m1.term, index, refused: false } as Message);
  watch.onCommit(m1);
  return m1.commitIndex === index ? ledger.violation?.check : 'nothing is committed';
}

test('an answer counts that came late, when the member remembers that it may have given it', (t) => {
  const end = { index: 1 as LogIndex, term: 1 as Term };
  t.is(lateAnswer(end), undefined);
  t.is(lateAnswer(), 'commit-without-majority');
});
