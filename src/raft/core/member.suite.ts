/** One member of a few, and all that it hears said by hand. */
import { type LogIndex, seededRandom, type Term } from '../../base/index.ts';
import { type Entry, type Message, type Persist, Raft } from './index.ts';

export const index = (value: number): LogIndex => value as LogIndex;
export const term = (value: number): Term => value as Term;
export const entry = (at: number, of: number): Entry => ({
  index: index(at),
  term: term(of),
  type: 'data',
  data: new TextEncoder().encode(`${at}/${of}`),
});
export const entries = (from: number, to: number, of: number): readonly Entry[] =>
  Array.from({ length: to - from + 1 }, (_, i) => entry(from + i, of));
export const accepted = { refused: false, hintIndex: index(0), hintTerm: term(0) };

export type Partly = Pick<Message, 'type'> & Record<string, unknown>;

interface MemberOptions {
  readonly log?: readonly Entry[];
  readonly term?: number;
  readonly owed?: { readonly index: number; readonly term: number };
  readonly voters?: readonly string[];
  readonly learners?: readonly string[];
  /** Known to be committed when it starts. */
  readonly commit?: number;
}

/** Member a of five, with this log and in this term; all that it hears is said here. */
export function memberA(options: MemberOptions = {}) {
  const { log = [], term: at = 1, owed, voters = ['a', 'b', 'c', 'd', 'e'], learners = [], commit = 0 } = options;
  const raft = new Raft({
    id: 'a',
    random: seededRandom(1),
    base: {
      index: index(0),
      term: term(0),
      configuration: { voters, outgoing: [], learners },
    },
    entries: log,
    hardState: { term: term(at), vote: '', commit: index(commit) },
    owed: owed && { index: index(owed.index), term: term(owed.term) },
  });
  const sent: Message[] = [];
  const written: Persist[] = [];
  /** Takes what is due. `durable: false`: its disk does not answer. */
  const work = ({ durable = true } = {}): void => {
    while (raft.hasReady) {
      const { persist, messages } = raft.ready();
      sent.push(...messages);
      if (persist === undefined) continue;
      written.push(persist);
      if (durable) raft.persisted();
    }
  };
  /** Its disk answers. */
  const persisted = (how?: { readonly durable: boolean }): void => {
    raft.persisted();
    work(how);
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
  const answers = (): readonly Message[] => sent.filter(({ type }) => type === 'append-response');
  return { raft, sent, written, work, persisted, hear, lead, acknowledge, answers };
}
