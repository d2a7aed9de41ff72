import test from 'ava';
import type { Entry, Message } from './index.ts';
import { accepted, entries, entry, index, memberA, type Partly, term } from './member.suite.ts';

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

/** Entries of the leader of term 2, behind this one. */
const append = (previous: readonly [number, number], of: readonly Entry[], commit = 0): Partly => ({
  type: 'append',
  term: term(2),
  previousIndex: index(previous[0]),
  previousTerm: term(previous[1]),
  entries: of,
  commit: index(commit),
});
const hung = { durable: false };

test('a follower answers for what it was shown, not for the end of its log', (t) => {
  const { raft, hear, answers } = memberA({ log: entries(1, 5, 1) });
  hear('b', append([2, 1], []));
  t.like(answers().at(-1), { refused: false, index: 2 });
  hear('b', append([2, 1], [entry(3, 1)], 3));
  t.like(answers().at(-1), { refused: false, index: 3 });
  // What is committed already, it has, and nothing beyond.
  hear('b', append([1, 1], [entry(2, 1)]));
  t.like(answers().at(-1), { refused: false, index: 3 });
  t.is(raft.commitIndex, index(3));
});

test('what takes the place of an entry is written, though the write of that one ends only then', (t) => {
  const { raft, written, persisted, hear, answers } = memberA({ log: entries(1, 1, 1) });
  hear('b', { ...append([1, 1], [entry(2, 1)]), term: term(1) }, hung);
  hear('c', append([1, 1], [entry(2, 2)], 2), hung);
  persisted(hung);
  t.deepEqual(written.at(-1)?.entries, [entry(2, 2)]);
  t.is(raft.appliedIndex, index(1), 'nothing is applied before it is durable here');
  t.deepEqual(
    answers().filter((message) => 'index' in message && message.index === 2 && message.to === 'c'),
    [],
  );
  persisted();
  t.like(answers().at(-1), { to: 'c', refused: false, index: 2 });
  t.is(raft.appliedIndex, index(2));
});

test('of the answers that wait for a disk the one for most entries is kept', (t) => {
  const { persisted, hear, answers } = memberA();
  hear('b', append([0, 0], [entry(1, 2)]), hung);
  hear('b', append([1, 2], [entry(2, 2)]), hung);
  hear('b', append([0, 0], [entry(1, 2)]), hung);
  persisted();
  t.like(answers().at(-1), { to: 'b', index: 2 });
});

for (const how of ['another entry', 'a snapshot'] as const)
  test(`a change of the membership that ${how} replaces counts for nobody any more`, (t) => {
    const { raft, hear } = memberA({ voters: ['b', 'c', 'd'] });
    t.is(raft.role, 'learner');
    const change = { type: 'set', voters: ['a', 'b', 'c', 'd'], learners: [], outgoing: ['b', 'c', 'd'] };
    const data = new TextEncoder().encode(JSON.stringify(change));
    hear('b', append([0, 0], [{ ...entry(1, 2), type: 'configuration', data }]));
    t.is(raft.role, 'follower');
    const configuration = { voters: ['b', 'c', 'd'], outgoing: [], learners: [] };
    const snapshot = { index: index(4), term: term(3), configuration, data: new Uint8Array(0) };
    if (how === 'a snapshot') hear('c', { type: 'snapshot', term: term(3), snapshot });
    else hear('c', { ...append([0, 0], entries(1, 2, 3)), term: term(3) });
    t.is(raft.role, 'learner');
  });

test('a snapshot counts when it is durable, and says who the members are', (t) => {
  const { raft, written, persisted, hear, answers } = memberA({ log: entries(1, 3, 1) });
  const configuration = { voters: ['b', 'c'], outgoing: [], learners: ['a'] };
  const snapshot = { index: index(2), term: term(2), configuration, data: new Uint8Array(0) };
  hear('b', { type: 'snapshot', term: term(2), snapshot }, hung);
  t.true(raft.restoring, 'its own entry there is another one');
  t.true(written.at(-1)?.sync);
  t.deepEqual(answers(), []);
  persisted();
  t.like(answers().at(-1), { refused: false, index: 2 });
  t.deepEqual(raft.configuration, configuration);
  t.is(raft.lastIndex, index(2));
});

test('what a vote or an answer rests on is synced, and what rests on nothing new is not', (t) => {
  const { written, hear } = memberA({ log: entries(1, 1, 1) });
  hear('b', { type: 'heartbeat', term: term(1), commit: index(0), read: 0 });
  t.like(written.at(-1), { sync: true, hardState: { term: 1, vote: 'b' } }, 'it has no vote left in this term');
  hear('b', { ...append([1, 1], []), term: term(1) });
  t.is(written.at(-1)?.sync, false);
  hear('c', { type: 'vote', term: term(3), pre: false, force: true, lastIndex: index(9), lastTerm: term(2) });
  t.like(written.at(-1), { sync: true, hardState: { term: 3, vote: 'c' } });
  hear('c', { ...append([1, 1], [entry(2, 3)]), term: term(3) });
  t.is(written.at(-1)?.sync, true);
});

test('a vote for itself counts in the term in which it is durable', (t) => {
  const { raft, persisted, hear, work } = memberA({ voters: ['a', 'b'] });
  hear('b', { type: 'timeout-now', term: term(1) }, hung);
  t.is(raft.term, term(2));
  hear('b', { type: 'timeout-now', term: term(2) }, hung);
  t.is(raft.term, term(3));
  hear('b', { type: 'vote-response', pre: false, granted: true }, hung);
  persisted(hung);
  t.is(raft.role, 'candidate', 'only its vote in term 2 is on its disk');
  persisted();
  work();
  t.is(raft.role, 'leader');
});

test('a member that lost entries says up to where it can be believed', (t) => {
  const { sent, hear } = memberA({ log: entries(1, 3, 1), owed: { index: 4, term: 1 } });
  hear('b', append([1, 1], [], 1));
  hear('b', append([4, 1], []));
  t.like(sent.at(-1), { type: 'append-response', refused: true, lostBehind: 1 });
  hear('b', { type: 'heartbeat', term: term(2), commit: index(1), read: 0 });
  t.like(sent.filter(({ type }) => type === 'heartbeat-response').at(-1), { lostBehind: 1 });
});

test('a leader of the past is not told of entries that a newer one replaced before they reached the disk', (t) => {
  const { raft, work, written, answers } = memberA({ log: entries(1, 2, 1), term: 1 });
  const append = { to: 'a', type: 'append', previousTerm: term(1), commit: index(0), record: 1, round: 0 };
  // A member that stood still hears both in one turn.
  for (const [from, of, previous] of [
    ['b', 2, 2],
    ['c', 3, 1],
  ] as const)
    raft.step({
      ...append,
      from,
      term: term(of),
      previousIndex: index(previous),
      entries: [entry(previous + 1, of)],
    } as Message);
  work();
  t.deepEqual(
    written.flatMap((write) => write.entries.map((each) => `${each.index}/${each.term}`)),
    ['2/3'],
  );
  t.deepEqual(
    answers().map((message) => [message.to, message.term, (message as { readonly index?: number }).index]),
    [['c', 3, 2]],
  );
});
