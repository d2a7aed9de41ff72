import test from 'ava';
import { seededRandom } from '../../base/index.ts';
import { type Entry, type LogEnd, type Message, Raft } from './index.ts';
import { accepted, entries, entry, index, term } from './member.suite.ts';

const end = (at: number, of: number): LogEnd => ({ index: index(at), term: term(of) });

interface Life {
  readonly voters?: readonly string[];
  readonly outgoing?: readonly string[];
  readonly log?: readonly Entry[];
  readonly term?: number;
  readonly vote?: string;
  readonly owed?: LogEnd;
}

const five = ['a', 'b', 'c', 'd', 'e'];

function begin(id: string, life: Life = {}): Raft {
  const { voters = five, outgoing = [], log = [], term: at = 0, vote = '', owed } = life;
  return new Raft({
    id,
    random: seededRandom(id.charCodeAt(0) + at),
    base: { index: index(0), term: term(0), configuration: { voters, outgoing, learners: [] } },
    entries: log,
    hardState: { term: term(at), vote, commit: index(0) },
    owed,
  });
}

/** What it has to say; its disk answers at once. */
function say(raft: Raft): readonly Message[] {
  const said: Message[] = [];
  while (raft.hasReady) {
    const { persist, messages } = raft.ready();
    said.push(...messages);
    if (persist !== undefined) raft.persisted();
  }
  return said;
}

/** Members whose messages arrive at once, but for those that `lost` takes. */
class Room {
  readonly rafts = new Map<string, Raft>();
  lost: (message: Message) => boolean = () => false;

  exchange(): void {
    for (let mail: Message[] | undefined; mail === undefined || mail.length > 0;) {
      mail = [...this.rafts.values()].flatMap((raft) => say(raft)).filter((message) => !this.lost(message));
      for (const message of mail) this.rafts.get(message.to)?.step(message);
    }
  }

  member(name: string): Raft {
    return this.rafts.get(name) as Raft;
  }
}

test('what a lagging leader still counts on is not committed after others said that they lack it', (t) => {
  const room = new Room();
  for (const name of five) room.rafts.set(name, begin(name));
  const leader = room.member('a');
  leader.campaign();
  room.exchange();
  t.is(leader.commitIndex, index(1));
  // One entry reaches b, which confirms it; on its way to c it is late, to d and e it is lost.
  leader.propose([new Uint8Array(1)]);
  const late: Message[] = [];
  room.lost = (message) => {
    if (message.to === 'c' && message.from === 'a') late.push(message);
    return message.from === 'a' && message.to !== 'b';
  };
  room.exchange();
  t.is(leader.matchOf('b'), index(2));
  // b loses it, and a stands still: the others forget the leader, and tell b what they have.
  const kept = leader.unapplied.length === 0 ? [] : [entry(1, 1)];
  room.rafts.set('b', begin('b', { log: kept, term: 1, vote: 'a', owed: end(2, 1) }));
  room.lost = ({ from, to, type }) => from === 'a' || to === 'a' || (type === 'vote' && from !== 'b');
  for (const name of ['c', 'd', 'e']) for (let tick = 0; tick < 10; tick++) room.member(name).tick();
  room.member('b').campaign();
  room.exchange();
  t.is(room.member('b').owed, undefined, 'three of five never had it');
  // The late message arrives, and the leader goes on where it stood.
  room.lost = ({ from, to }) => ![from, to].every((name) => ['a', 'c'].includes(name));
  for (const message of late) room.member('c').step(message);
  room.exchange();
  t.is(leader.commitIndex, index(1));
  room.lost = ({ from, to }) => [from, to].some((name) => ['a', 'c'].includes(name));
  room.member('d').campaign();
  room.exchange();
  t.is(room.member('d').role, 'leader', 'b, d and e can go on without the entry');
});

/** Member a after its start, alone in the room with what it is told. */
function asking(life: Life) {
  const raft = begin('a', { term: 1, ...life });
  const hear = (from: string, message: Pick<Message, 'type'> & Record<string, unknown>): readonly Message[] => {
    raft.step({ from, to: 'a', term: raft.term, ...message } as Message);
    return say(raft);
  };
  raft.campaign();
  const questions = say(raft);
  const [question] = questions;
  const inquiry = question !== undefined && 'inquiry' in question ? question.inquiry : undefined;
  const testify = (from: string, testimony: Record<string, unknown>, of = 2): void => {
    hear(from, { type: 'vote-response', term: term(of), pre: true, granted: false, inquiry, testimony });
  };
  const whole = (from: string, at: number): void => {
    testify(from, { type: 'whole', end: end(at, 1) });
  };
  /** Whether it votes for who stands with a log that ends there. */
  const votesFor = (last: LogEnd): boolean =>
    hear('b', {
      type: 'vote',
      term: raft.term + 1,
      pre: false,
      force: true,
      lastIndex: last.index,
      lastTerm: last.term,
    }).some((message) => message.type === 'vote-response' && message.granted);
  return { raft, questions, inquiry, hear, testify, whole, votesFor };
}

const three = { voters: ['a', 'b', 'c'], log: entries(1, 2, 1), owed: end(5, 1) };

test('what one of the others holds is not forgotten, whoever else lacks it', (t) => {
  const { raft, whole, votesFor } = asking(three);
  whole('b', 7);
  whole('c', 2);
  t.deepEqual(raft.owed, end(5, 1), 'and no more than that is claimed');
  t.false(votesFor(end(4, 1)));
  t.true(votesFor(end(5, 1)));
});

test('of what nobody has whole the longest log that is left keeps its claim', (t) => {
  const { raft, whole, votesFor } = asking(three);
  whole('b', 4);
  whole('c', 1);
  t.deepEqual(raft.owed, end(4, 1));
  t.false(votesFor(end(3, 1)));
  t.true(votesFor(end(4, 1)));
});

test('while one is silent that may have it with the one that lost it, nothing is forgotten', (t) => {
  const { raft, whole, testify } = asking(three);
  whole('b', 2);
  t.deepEqual(raft.owed, end(5, 1), 'a and c are two of three');
  testify('c', { type: 'owes', end: end(2, 1) });
  t.is(raft.owed, undefined, 'one of them lost what it had synced, the write of the other was interrupted');
});

test('an answer to the question of another life counts for nothing', (t) => {
  const { raft, inquiry, hear, whole } = asking(three);
  const late = { pre: true, granted: false, term: term(2), inquiry: (inquiry ?? 0) + 1 };
  for (const from of ['b', 'c'])
    hear(from, { type: 'vote-response', ...late, testimony: { type: 'whole', end: end(2, 1) } });
  t.deepEqual(raft.owed, end(5, 1));
  for (const from of ['b', 'c']) whole(from, 2);
  t.is(raft.owed, undefined);
});

test('who is still in the term of the loss may yet take what it lacks, and says nothing for good', (t) => {
  const { raft, testify } = asking(three);
  for (const from of ['b', 'c']) testify(from, { type: 'whole', end: end(2, 1) }, 1);
  t.deepEqual(raft.owed, end(5, 1));
  for (const from of ['b', 'c']) testify(from, { type: 'damaged' }, 1);
  t.deepEqual(raft.owed, end(5, 1), 'who gave up its data has nothing to take, but may have had it');
});

test('those that gave their data up may have had it, and are among those that lose what they had synced', (t) => {
  const ofFive = { log: entries(1, 2, 1), owed: end(5, 1) };
  const keeps = asking(ofFive);
  for (const from of ['b', 'c']) keeps.testify(from, { type: 'damaged' });
  keeps.whole('d', 2);
  t.deepEqual(keeps.raft.owed, end(5, 1), 'b, c and the silent e are three of five');
  const forgets = asking(ofFive);
  forgets.testify('b', { type: 'damaged' });
  forgets.testify('c', { type: 'owes', end: end(2, 1) });
  for (const from of ['d', 'e']) forgets.whole(from, 2);
  t.is(forgets.raft.owed, undefined, 'b and one of a and c are two of five');
});

test('in the middle of a change both memberships are asked, and either may hold what is owed', (t) => {
  const { raft, questions, whole } = asking({ ...three, outgoing: ['a', 'd', 'e'] });
  t.deepEqual(
    questions.map(({ to }) => to),
    ['b', 'c', 'd', 'e'],
  );
  for (const from of ['b', 'c', 'd']) whole(from, 2);
  t.deepEqual(raft.owed, end(5, 1), 'a and e are two of three that voted before');
  whole('e', 2);
  t.is(raft.owed, undefined);
});

test('entries of an older term do not pay for one of a newer term, however many there are', (t) => {
  const { raft, hear, votesFor } = asking({ voters: ['a', 'b', 'c'], log: entries(1, 6, 1), term: 2, owed: end(3, 2) });
  hear('b', { type: 'heartbeat', commit: index(0), read: 0 });
  t.deepEqual(raft.owed, end(3, 2), 'also when its disk has written again');
  t.false(votesFor(end(9, 1)));
  const append = { previousIndex: index(2), previousTerm: term(1), commit: index(0) };
  hear('b', { type: 'append', ...append, entries: [entry(3, 2)] });
  t.is(raft.owed, undefined);
  t.is(raft.lastIndex, index(3));
});

test('a member that lost entries stands for no election, but votes once its leader is silent', (t) => {
  const { raft, hear, votesFor } = asking(three);
  hear('c', { type: 'heartbeat', commit: index(0), read: 0 });
  t.deepEqual(hear('c', { type: 'timeout-now' }), []);
  t.is(raft.term, term(1));
  const question = { type: 'vote', term: term(2), pre: true, force: false, lastIndex: index(5), lastTerm: term(1) };
  t.deepEqual(hear('b', { ...question, type: 'vote' }), [], 'its leader is there');
  for (let tick = 0; tick < 20; tick++) raft.tick();
  say(raft);
  t.like(hear('b', { ...question, type: 'vote' })[0], { type: 'vote-response', pre: true, granted: true });
  t.true(votesFor(end(5, 1)));
});

test('a member tells another what it has when no leader is there, and takes no entry of that term any more', (t) => {
  const { raft, hear } = asking({ voters: ['a', 'b', 'c'], log: entries(1, 2, 1), owed: end(3, 1) });
  const question = { type: 'vote', term: term(1), pre: true, force: false, inquiry: 7 } as const;
  hear('c', { type: 'heartbeat', commit: index(0), read: 0 });
  t.deepEqual(hear('b', question), [], 'the leader helps');
  t.is(raft.term, term(1));
  for (let tick = 0; tick < 20; tick++) raft.tick();
  say(raft);
  raft.step({ ...question, from: 'b', to: 'a' } as Message);
  const { persist, messages } = raft.ready();
  t.deepEqual(persist?.hardState.term, term(2));
  t.deepEqual(messages, [], 'it answers when that is on its disk');
  raft.persisted();
  const testimony = { type: 'owes', end: end(2, 1) };
  t.like(say(raft)[0], { type: 'vote-response', to: 'b', inquiry: 7, testimony, term: 2 });
  const append = { previousIndex: index(2), previousTerm: term(1), commit: index(0) };
  const answers = hear('c', { type: 'append', term: term(1), ...append, entries: [entry(3, 1)] });
  t.like(answers[0], { type: 'append-response', refused: true, term: 2 });
  t.is(raft.lastIndex, index(2));
  // Asked again, it answers as it is.
  t.like(hear('b', question)[0], { type: 'vote-response', inquiry: 7, term: 2 });
});

test('a leader counts on nothing that a member lost, whatever that had confirmed', (t) => {
  for (const how of ['heartbeat', 'refusal'] as const) {
    const room = new Room();
    for (const name of ['a', 'b', 'c']) room.rafts.set(name, begin(name, { voters: ['a', 'b', 'c'] }));
    const leader = room.member('a');
    leader.campaign();
    room.exchange();
    room.lost = ({ to }) => to === 'c';
    for (let i = 0; i < 5; i++) leader.propose([new Uint8Array(1)]);
    room.exchange();
    t.is(leader.matchOf('b'), index(6));
    const told = { from: 'b', to: 'a', term: leader.term, lostBehind: index(2) };
    if (how === 'heartbeat') leader.step({ type: 'heartbeat-response', read: 0, ...told });
    else leader.step({ type: 'append-response', ...accepted, ...told, index: index(6), refused: true });
    t.is(leader.matchOf('b'), index(2), how);
  }
});
