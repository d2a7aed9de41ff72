import test from 'ava';
import { type LogIndex, seededRandom, type Term } from '../../base/index.ts';
import { type Entry, type HardState, type Message, Raft } from './index.ts';

const index = (value: number): LogIndex => value as LogIndex;
const term = (value: number): Term => value as Term;
const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const base = {
  index: index(0),
  term: term(0),
  configuration: { voters: ['a', 'c', 'd'], outgoing: [], learners: [] },
};
/** From {a,c,d} to {a,b,e} and the end of the joint phase. */
const change: readonly Entry[] = [
  { index: index(1), term: term(1), type: 'empty', data: new Uint8Array(0) },
  {
    index: index(2),
    term: term(1),
    type: 'configuration',
    data: encode({ type: 'set', voters: ['a', 'b', 'e'], learners: [], outgoing: ['a', 'c', 'd'] }),
  },
  { index: index(3), term: term(1), type: 'configuration', data: encode({ type: 'leave' }) },
];

for (const arrival of ['an append that must be answered', 'a heartbeat'] as const) {
  test(`a member knows after a restart who votes, though the commit of the change came with ${arrival}`, (t) => {
    const raft = new Raft({ id: 'b', random: seededRandom(1), base });
    let hardState: HardState = { term: term(0), vote: '', commit: index(0) };
    const entries: Entry[] = [];
    const drain = (): void => {
      while (raft.hasReady) {
        const { persist } = raft.ready();
        if (persist === undefined) continue;
        // What needs no sync is not written at all.
        if (persist.sync) {
          hardState = persist.hardState;
          entries.push(...persist.entries);
        }
        raft.persisted();
      }
    };
    const step = (message: Pick<Message, 'type'> & Record<string, unknown>): void => {
      raft.step({ from: 'a', to: 'b', term: term(1), ...message } as Message);
      drain();
    };
    step({ type: 'append', previousIndex: index(0), previousTerm: term(0), entries: change, commit: index(2) });
    if (arrival === 'a heartbeat') step({ type: 'heartbeat', commit: index(3), read: 0 });
    else step({ type: 'append', previousIndex: index(3), previousTerm: term(1), entries: [], commit: index(3) });
    t.deepEqual(raft.configuration.outgoing, []);
    const again = new Raft({ id: 'b', random: seededRandom(2), base, entries, hardState });
    while (again.hasReady) if (again.ready().persist !== undefined) again.persisted();
    t.deepEqual(again.configuration, { voters: ['a', 'b', 'e'], outgoing: [], learners: [] });
  });
}
