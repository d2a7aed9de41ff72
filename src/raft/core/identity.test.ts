import test from 'ava';
import { type LogIndex, seededRandom, type Term } from '../../base/index.ts';
import { type Message, Raft } from './index.ts';

/** Voters a, b and c in one place: messages arrive at once, but those that `loses` says true to. */
function threeVoters(loses: (message: Message) => boolean | void) {
  const empty: readonly string[] = [];
  const base = (voters: readonly string[]) => ({
    index: 0 as LogIndex,
    term: 0 as Term,
    configuration: { voters, outgoing: empty, learners: empty },
  });
  const make = (id: string, voters: readonly string[], life: string): Raft =>
    new Raft({
      id,
      random: seededRandom(id.charCodeAt(0)),
      base: base(voters),
      identity: {
        member: id,
        incarnation: `${id}-${life}`,
        ...(voters.length === 0 ? { timeline: '', joinedAt: null } : { timeline: 'one' }),
      },
    });
  const rafts = new Map(['a', 'b', 'c'].map((id) => [id, make(id, ['a', 'b', 'c'], 'first')]));
  const exchange = (): void => {
    for (let mail: Message[] | undefined; mail === undefined || mail.length > 0;) {
      mail = [];
      for (const raft of rafts.values())
        while (raft.hasReady) {
          const ready = raft.ready();
          if (ready.persist !== undefined) raft.persisted();
          mail.push(...ready.messages);
        }
      for (const message of mail) {
        if (loses(message) !== true) rafts.get(message.to)?.step(message);
      }
    }
  };
  const ticks = (count: number): void => {
    for (let i = 0; i < count; i++) {
      for (const raft of rafts.values()) raft.tick();
      exchange();
    }
  };
  return { rafts, exchange, ticks, beginAgain: (id: string) => rafts.set(id, make(id, [], 'second')) };
}

for (const at of ['before it is taken back', 'after it has begun again'] as const)
  test(`an answer of a former life counts for nothing when it comes ${at}`, (t) => {
    let late: Message | undefined;
    let keeping = false;
    const { rafts, exchange, ticks, beginAgain } = threeVoters((message) => {
      if (keeping && message.from === 'c' && message.type === 'append-response') late = message;
    });
    const a = rafts.get('a') as Raft;
    a.campaign();
    exchange();
    ticks(4);
    keeping = true;
    for (let i = 0; i < 100; i++) {
      a.propose([new Uint8Array(10)]);
      exchange();
    }
    keeping = false;
    ticks(4);
    t.is(a.matchOf('c'), a.lastIndex);
    rafts.delete('c');
    for (const learners of [[], ['c']]) {
      a.changeConfiguration({ voters: ['a', 'b'], learners });
      exchange();
      ticks(4);
    }
    if (at.startsWith('before')) a.step(late as Message);
    t.is(a.matchOf('c'), 0 as LogIndex);
    beginAgain('c');
    ticks(2);
    if (at.startsWith('after')) a.step(late as Message);
    ticks(100);
    for (let i = 0; i < 20; i++) a.propose([new Uint8Array(10)]);
    ticks(4);
    t.is(rafts.get('c')?.lastIndex, a.lastIndex);
    t.is(rafts.get('c')?.identity.timeline, 'one');
  });

test('a voter that begins again with an empty folder keeps nothing of what it acknowledged', (t) => {
  const { rafts, exchange, ticks, beginAgain } = threeVoters(() => undefined);
  const a = rafts.get('a') as Raft;
  a.campaign();
  exchange();
  for (let i = 0; i < 100; i++) a.propose([new Uint8Array(10)]);
  ticks(4);
  const before = a.matchOf('c') as LogIndex;
  t.is(before, a.lastIndex);
  beginAgain('c');
  a.tick();
  a.tick();
  const heartbeat = a.ready().messages.find(({ to }) => to === 'c') as Message;
  const c = rafts.get('c') as Raft;
  c.step(heartbeat);
  for (const message of c.ready().messages) a.step(message);
  t.is(a.matchOf('c'), 0 as LogIndex);
  ticks(10);
  t.is(c.lastIndex, a.lastIndex, 'it gets all of it again');
});

test('an answer about an entry that the leader never had counts for nothing', (t) => {
  const { rafts, exchange, ticks } = threeVoters(() => undefined);
  const a = rafts.get('a') as Raft;
  a.campaign();
  exchange();
  ticks(4);
  rafts.delete('b');
  rafts.delete('c');
  const { term } = a;
  a.propose([new Uint8Array(1)]);
  const hint = { refused: false, hintIndex: 0 as LogIndex, hintTerm: 0 as Term };
  a.step({
    type: 'append-response',
    from: 'b',
    to: 'a',
    term,
    timeline: 'one',
    incarnation: 'b-first',
    index: 35 as LogIndex,
    ...hint,
  });
  t.true(a.commitIndex < a.lastIndex);
  t.not(a.matchOf('b'), 35 as LogIndex);
});

for (const having of ['nothing', 'a part', 'all'] as const)
  test(`a life that joined with ${having} of the log gives no vote to one that knows of no removal`, (t) => {
    let arrives = Number.POSITIVE_INFINITY;
    const { rafts, exchange, ticks, beginAgain } = threeVoters(
      (message) => message.type === 'append' && message.to === 'b' && (message.entries[0]?.index ?? 0) > arrives,
    );
    const [a, c] = [rafts.get('a') as Raft, rafts.get('c') as Raft];
    a.campaign();
    exchange();
    ticks(4);
    // Each fills a message of its own.
    const write = (count: number): void => {
      for (let i = 0; i < count; i++) a.propose([new Uint8Array(100_000)]);
      exchange();
      ticks(4);
    };
    write(3);
    rafts.delete('c');
    const change = (voters: readonly string[], learners: readonly string[]): void => {
      t.true(a.changeConfiguration({ voters, learners }));
      exchange();
      ticks(4);
    };
    change(['a', 'b'], []);
    write(3);
    change(['a'], []);
    rafts.delete('b');
    change(['a'], ['b']);
    arrives = { nothing: 0, 'a part': 3, all: Number.POSITIVE_INFINITY }[having];
    beginAgain('b');
    ticks(20);
    const b = rafts.get('b') as Raft;
    t.is(b.lastIndex, { nothing: 0, 'a part': 3, all: a.lastIndex }[having] as LogIndex);
    rafts.delete('a');
    rafts.set('c', c);
    t.true(b.lastIndex <= c.lastIndex || having === 'all');
    ticks(200);
    t.is(c.role, 'candidate');
    t.not(b.role, 'leader');
    // With the one who has everything, all go on.
    rafts.set('a', a);
    arrives = Number.POSITIVE_INFINITY;
    ticks(100);
    t.is(a.role, 'leader');
    t.is(b.lastIndex, a.lastIndex);
  });

test('a life that joined is made a voter, and its vote elects who has everything', (t) => {
  const { rafts, exchange, ticks, beginAgain } = threeVoters(() => undefined);
  const [a, b] = [rafts.get('a') as Raft, rafts.get('b') as Raft];
  a.campaign();
  exchange();
  ticks(4);
  rafts.delete('c');
  for (const learners of [[], ['c']]) {
    a.changeConfiguration({ voters: ['a', 'b'], learners });
    exchange();
    ticks(4);
  }
  beginAgain('c');
  ticks(4);
  t.deepEqual(rafts.get('c')?.identity.joinedAt, { index: a.lastIndex, term: a.term });
  a.changeConfiguration({ voters: ['a', 'b', 'c'], learners: [] });
  exchange();
  ticks(4);
  rafts.delete('a');
  ticks(100);
  t.true([b, rafts.get('c')].some((raft) => raft?.role === 'leader'));
});
