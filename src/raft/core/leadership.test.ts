import test from 'ava';
import type { Entry, Message } from './index.ts';
import { accepted, entries, entry, index, memberA, term } from './member.suite.ts';

const change = (value: unknown, at: number, of: number): Entry => ({
  ...entry(at, of),
  type: 'configuration',
  data: new TextEncoder().encode(JSON.stringify(value)),
});
const byte = [new Uint8Array(1)];

/** Member a, in the lead, with all that it has committed and applied; all the others answer. */
function leading(options: Parameters<typeof memberA>[0] = {}) {
  const member = memberA(options);
  const others = (options.voters ?? ['a', 'b', 'c', 'd', 'e']).filter((name) => name !== 'a');
  member.lead(others.slice(0, Math.ceil(others.length / 2)));
  const all = [...others, ...(options.learners ?? [])];
  /** All of these have what the leader has. */
  const agree = (names: readonly string[] = all): void => {
    for (const name of names) member.acknowledge(name, member.raft.lastIndex);
  };
  agree();
  return { ...member, agree };
}

test('while it hands over, a leader takes no proposal and changes no membership', (t) => {
  const { raft, agree } = leading({ learners: ['f'] });
  t.false(raft.transferLeadership('f'), 'a learner cannot take over');
  t.is(raft.transferTo, '');
  t.true(raft.transferLeadership('b'));
  t.false(raft.propose(byte));
  t.false(raft.changeConfiguration({ voters: ['a', 'b', 'c'], learners: [] }));
  for (let tick = 0; tick < 10; tick++) {
    raft.tick();
    agree();
  }
  t.is(raft.transferTo, '', 'it is given up');
  t.true(raft.propose(byte));
});

test('a change after which the voters, old or new, would be silent is not begun', (t) => {
  const { raft, hear, lead } = memberA({ voters: ['a', 'b', 'c'], learners: ['d', 'e'] });
  lead(['b', 'c']);
  const answer = (...names: readonly string[]): void => {
    for (const from of names) hear(from, { type: 'append-response', index: raft.lastIndex, ...accepted });
  };
  answer('b', 'c');
  t.deepEqual(raft.silentFor({ voters: ['a', 'd', 'e'] }), ['d', 'e']);
  t.false(raft.changeConfiguration({ voters: ['a', 'd', 'e'], learners: [] }));
  for (let tick = 0; tick < 9; tick++) raft.tick();
  answer('d', 'e');
  raft.tick();
  t.deepEqual(raft.silentFor({ voters: ['a', 'd', 'e'] }), ['b', 'c'], 'a change needs the old majority too');
  answer('b');
  t.true(raft.changeConfiguration({ voters: ['a', 'd', 'e'], learners: [] }));
});

test('a majority has answered a wish when both memberships answered what was asked after it', (t) => {
  const { raft, sent, hear, lead } = memberA({ voters: ['a', 'b', 'c'], learners: ['d', 'e'] });
  lead(['b', 'c']);
  const answerAll = (...names: readonly string[]): void => {
    for (const from of names) {
      const asked = sent.findLast((message) => message.to === from && 'round' in message);
      const round = asked !== undefined && 'round' in asked ? asked.round : undefined;
      hear(from, { type: 'append-response', index: raft.lastIndex, round, ...accepted });
    }
  };
  const wish = { voters: ['a', 'd', 'e'] };
  answerAll('b', 'c', 'd', 'e');
  const { round } = raft;
  t.false(raft.answersSince(wish, round), 'all answered before');
  const ask = (): void => {
    raft.tick();
    while (raft.hasReady) {
      const { persist, messages } = raft.ready();
      sent.push(...messages);
      if (persist !== undefined) raft.persisted();
    }
  };
  ask();
  answerAll('d', 'e');
  t.false(raft.answersSince(wish, round), 'the old majority did not');
  answerAll('b');
  t.true(raft.answersSince(wish, round));
  t.false(raft.answersSince({ voters: ['a', 'c', 'f'] }, round));
});

test('a change is ended once, when its beginning is applied', (t) => {
  const { raft, written, agree, hear } = leading({ voters: ['a', 'b', 'c'], learners: ['d'] });
  hear('d', { type: 'append-response', index: raft.lastIndex, ...accepted });
  t.true(raft.changeConfiguration({ voters: ['a', 'b', 'd'], learners: [] }));
  t.false(raft.changeConfiguration({ voters: ['a', 'b', 'c'], learners: [] }));
  for (let round = 0; round < 4; round++) agree(['b', 'c', 'd']);
  const ends = written
    .flatMap(({ entries: of }) => of)
    .filter(({ type, data }) => type === 'configuration' && new TextDecoder().decode(data).includes('leave'));
  t.is(ends.length, 1);
  t.deepEqual(raft.configuration, { voters: ['a', 'b', 'd'], learners: [], outgoing: [] });
});

test('a leader that is no member any more takes nothing', (t) => {
  const { raft, agree, work } = leading({ voters: ['a', 'b', 'c'] });
  t.true(raft.changeConfiguration({ voters: ['b', 'c'], learners: [] }));
  work();
  agree();
  t.deepEqual(raft.configuration.voters, ['b', 'c']);
  t.true(raft.configuration.outgoing.includes('a'), 'it ends the change');
  work();
  agree();
  t.not(raft.role, 'leader');
  t.false(raft.propose(byte) && raft.leader === 'a');
});

test('a member decides alone only as leader, and with nobody else in its log', (t) => {
  const alone = memberA({ voters: ['a'], log: entries(1, 3, 1), commit: 2 });
  t.true(alone.raft.votesAlone);
  t.false(alone.raft.decidesAlone, 'of the third entry it does not know whether it was committed');
  alone.raft.campaign();
  alone.work();
  t.true(alone.raft.decidesAlone);
  const joint = { type: 'set', voters: ['a'], learners: [], outgoing: ['a', 'b', 'c'] };
  const before = memberA({ voters: ['a', 'b', 'c'], log: [change(joint, 1, 1)], commit: 1 });
  before.work();
  t.deepEqual(before.raft.configuration.outgoing, ['a', 'b', 'c']);
  t.false(before.raft.votesAlone, 'the voters before count until the change has ended');
  const left = [change(joint, 1, 1), change({ type: 'leave' }, 2, 1)];
  for (const commit of [1, 2]) {
    const { raft } = memberA({ voters: ['a', 'b', 'c'], log: left, commit });
    t.is(raft.votesAlone, commit === 2, 'also before it has applied anything');
  }
  const more = { type: 'set', voters: ['a', 'b'], learners: [], outgoing: ['a'] };
  const pending = memberA({ voters: ['a'], log: [change(more, 1, 1)] });
  t.false(pending.raft.votesAlone, 'the log names another voter');
});

test('a refused vote commits what the log of the one who asks has too, and no other entry', (t) => {
  const { raft, work, hear } = memberA({ log: entries(1, 3, 1), term: 3 });
  raft.campaign();
  work();
  const refusal = { type: 'vote-response', pre: true, granted: false } as const;
  hear('b', { ...refusal, committed: { index: index(2), term: term(2) } });
  t.is(raft.commitIndex, index(0), 'there it has another entry');
  hear('c', { ...refusal, committed: { index: index(2), term: term(1) } });
  t.is(raft.commitIndex, index(2));
});

test('messages of another timeline change nothing, whatever their term is', (t) => {
  const { raft, hear, sent } = memberA({ log: entries(1, 3, 1) });
  const foreign = { term: term(9), timeline: 'another' };
  hear('b', { type: 'vote', ...foreign, pre: false, force: true, lastIndex: index(9), lastTerm: term(9) });
  const append = { previousIndex: index(3), previousTerm: term(1), commit: index(4) };
  hear('b', { type: 'append', ...foreign, ...append, entries: [entry(4, 9)] });
  t.deepEqual([raft.term, raft.lastIndex, raft.leader], [term(1), index(3), '']);
  t.deepEqual(sent, []);
});

test('a snapshot counts as on its way to the disk from when it comes until it is there', (t) => {
  const { raft, hear, persisted } = memberA({ log: entries(1, 1, 1) });
  const configuration = { voters: ['a', 'b', 'c'], outgoing: [], learners: [] };
  const snapshot = { index: index(5), term: term(2), configuration, data: new Uint8Array(0) };
  const from = { from: 'b', to: 'a', term: term(2) };
  raft.step({ type: 'snapshot', ...from, snapshot } as Message);
  t.true(raft.restoring, 'it waits for its turn');
  hear('b', { type: 'heartbeat', term: term(2), commit: index(0), read: 0 }, { durable: false });
  t.true(raft.restoring, 'it is being written');
  persisted();
  t.false(raft.restoring);
});

test('a snapshot that the log leads to commits, and one that it differs from takes its place', (t) => {
  const configuration = { voters: ['a', 'b', 'c'], outgoing: [], learners: [] };
  const snapshot = (at: number, of: number) => ({
    index: index(at),
    term: term(of),
    configuration,
    data: new Uint8Array(0),
  });
  const led = memberA({ log: entries(1, 4, 1) });
  led.hear('b', { type: 'snapshot', snapshot: snapshot(3, 1) });
  t.is(led.raft.lastIndex, index(4), 'what lies behind it stays');
  t.is(led.raft.commitIndex, index(3));
  t.like(led.answers().at(-1), { refused: false, index: 3 });
  const differs = memberA({ log: entries(1, 4, 1) });
  differs.hear('b', { type: 'snapshot', term: term(2), snapshot: snapshot(3, 2) });
  t.is(differs.raft.lastIndex, index(3));
  t.like(differs.answers().at(-1), { refused: false, index: 3 });
});

test('a snapshot whose transfer never ends is given up, and the leader asks again what the member has', (t) => {
  const { raft, hear, sent, agree, work } = leading({ voters: ['a', 'b', 'c'] });
  raft.propose(byte);
  work();
  agree(['b']);
  raft.compact(raft.appliedIndex);
  const to = (type: Message['type']): number =>
    sent.filter((message) => message.to === 'c' && message.type === type).length;
  const heartbeat = { type: 'heartbeat-response', read: 0 } as const;
  hear('c', { ...heartbeat, lostBehind: index(0) });
  t.is(to('snapshot'), 1);
  let ticks = 0;
  for (; ticks < 300 && to('snapshot') < 2; ticks++) {
    raft.tick();
    work();
    for (const from of ['b', 'c']) hear(from, heartbeat);
  }
  t.true(ticks > 200 && ticks < 300, `another one after ${ticks} ticks`);
});

test('entries that wait for this disk stay in memory, whatever others have committed', (t) => {
  const { raft, persisted, acknowledge, written } = leading({ voters: ['a', 'b', 'c'] });
  const take = (): void => {
    while (raft.hasReady) {
      const { persist } = raft.ready();
      if (persist !== undefined) written.push(persist);
    }
  };
  raft.propose(byte);
  take();
  raft.propose(byte);
  raft.propose(byte);
  for (const from of ['b', 'c']) acknowledge(from, raft.lastIndex);
  take();
  t.is(raft.appliedIndex, raft.lastIndex);
  raft.compact(raft.appliedIndex);
  raft.trim({ entriesMax: 0, bytesMax: 0 });
  written.length = 0;
  persisted();
  t.deepEqual(
    written.flatMap(({ entries: of }) => of.map(({ index: at }) => at)),
    [index(3), index(4)],
  );
});

test('each read of each member waits for itself: before the first commit of a term, and for its proof', (t) => {
  const { raft, lead, hear, acknowledge, sent } = memberA({ voters: ['a', 'b', 'c'] });
  lead(['b']);
  const read = (from: string, context: number): void => {
    hear(from, { type: 'read', context });
  };
  for (const from of ['b', 'c']) for (const context of [7, 8]) read(from, context);
  acknowledge('b', raft.lastIndex);
  for (const from of ['b', 'c']) read(from, 9);
  hear('b', { type: 'heartbeat-response', read: 99 });
  const answered = sent.flatMap((message) =>
    message.type === 'read-response' ? [`${message.to}${message.context}`] : [],
  );
  t.deepEqual(answered.sort(), ['b7', 'b8', 'b9', 'c7', 'c8', 'c9']);
});

test('a new term begins with no vote, no answer and no read of the one before', (t) => {
  const { raft, hear, work, sent } = memberA();
  hear('b', { type: 'vote', term: term(2), pre: false, force: true, lastIndex: index(0), lastTerm: term(0) });
  t.is(raft.vote, 'b');
  raft.campaign();
  work();
  for (const from of ['c', 'd']) hear(from, { type: 'vote-response', pre: true, granted: true, term: term(3) });
  t.deepEqual([raft.term, raft.role, raft.vote], [term(3), 'candidate', 'a']);
  hear('c', { type: 'vote-response', pre: false, granted: true });
  t.is(raft.role, 'candidate', 'the pre-votes of c and d are no votes');
  hear('d', { type: 'vote-response', pre: false, granted: true });
  t.is(raft.role, 'leader');
  hear('b', { type: 'read', context: 1 });
  hear('c', { type: 'heartbeat', term: term(4), commit: index(0), read: 0 });
  t.is(raft.vote, 'c', 'it has no vote left in the term of c');
  for (const from of ['d', 'e']) hear(from, { type: 'append-response', term: term(3), index: index(1), ...accepted });
  t.false(sent.some(({ type }) => type === 'read-response'));
});

test('who is to vote next gets the log at once, also when it was no member before', (t) => {
  const { raft, work, sent } = leading({ voters: ['a', 'b', 'c'] });
  t.true(raft.changeConfiguration({ voters: ['a', 'b', 'c', 'f'], learners: [] }));
  work();
  t.true(sent.some(({ type, to }) => type === 'append' && to === 'f'));
});

test('a member whose disk hangs begins no election, and a candidate of the past hears of the term', (t) => {
  const { raft, hear, sent } = memberA({ term: 3 });
  hear(
    'b',
    { type: 'append', previousIndex: index(0), previousTerm: term(0), entries: entries(1, 1, 3), commit: 0 },
    {
      durable: false,
    },
  );
  for (let tick = 0; tick < 50; tick++) raft.tick();
  t.deepEqual(raft.ready().messages, []);
  t.is(raft.term, term(3));
  raft.persisted();
  sent.length = 0;
  const past = { pre: true, force: false, lastIndex: index(9), lastTerm: term(2) } as const;
  hear('c', { type: 'vote', term: term(2), ...past });
  t.like(sent.at(-1), { type: 'vote-response', to: 'c', granted: false, term: 3 });
});
