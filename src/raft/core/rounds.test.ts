import test from 'ava';
import { type LogIndex, seededRandom, type Term } from '../../base/index.ts';
import { type Message, Raft } from './index.ts';

const names = ['a', 'b', 'c'];
const electionTicks = 10;

/** Leader a and its followers in one place; `answers` are all that b and c have said to it so far. */
function ledByA({ rounds = true } = {}) {
  const configuration = { voters: names, outgoing: [], learners: [] };
  const base = { index: 0 as LogIndex, term: 0 as Term, configuration };
  const make = (id: string, n: number): Raft => new Raft({ id, random: seededRandom(n), base, electionTicks });
  const rafts = new Map(names.map((id, n) => [id, make(id, n + 1)]));
  const answers: Message[] = [];
  const exchange = (): void => {
    for (let mail: Message[] | undefined; mail === undefined || mail.length > 0;) {
      mail = [];
      for (const raft of rafts.values())
        while (raft.hasReady) {
          const { persist, messages } = raft.ready();
          if (persist !== undefined) raft.persisted();
          mail.push(...messages);
        }
      for (const message of mail) {
        if (message.to === 'a') answers.push(message);
        rafts.get(message.to)?.step(rounds ? message : ({ ...message, round: undefined } as Message));
      }
    }
  };
  const a = rafts.get('a') as Raft;
  a.campaign();
  exchange();
  for (let i = 0; i < 4; i++) {
    for (const raft of rafts.values()) raft.tick();
    exchange();
  }
  return { a, rafts, answers, exchange };
}

const isAnswer = ({ type }: Message): boolean => type === 'heartbeat-response' || type === 'append-response';

test('answers that were long on their way do not keep a leader that nobody hears', (t) => {
  const { a, rafts, answers, exchange } = ledByA();
  const late = answers.filter(isAnswer);
  t.true(late.length > 8);
  rafts.delete('b');
  rafts.delete('c');
  for (let i = 0; i < electionTicks * 2; i++) {
    a.tick();
    exchange();
    for (const answer of late) a.step(answer);
  }
  t.not(a.role, 'leader');
});

test('a member whose old answers still arrive is silent after an election timeout', (t) => {
  const { a, rafts, answers, exchange } = ledByA();
  const late = answers.filter((message) => isAnswer(message) && message.from === 'c');
  rafts.delete('c');
  for (let i = 0; i < electionTicks * 3; i++) {
    for (const raft of rafts.values()) raft.tick();
    exchange();
    for (const answer of late) a.step(answer);
  }
  t.is(a.role, 'leader');
  t.true(a.hears('b'));
  t.false(a.hears('c'));
  t.deepEqual(a.silentFor({ voters: ['a', 'c'] }), ['c']);
  t.false(a.transferLeadership('c'));
});

const ways: readonly (readonly [string, number, (answer: Message) => Message])[] = [
  ['that takes most of an election timeout', electionTicks - 3, (answer) => answer],
  ['of a program that knows of no rounds', 0, (answer) => ({ ...answer, round: undefined }) as Message],
];

for (const [what, lateTicks, change] of ways)
  test(`an answer ${what} counts`, (t) => {
    const rounds = lateTicks > 0;
    const { a, rafts } = ledByA({ rounds });
    const onTheWay: { readonly due: number; readonly answer: Message }[] = [];
    for (let tick = 0; tick < electionTicks * 4; tick++) {
      a.tick();
      for (const question of a.ready().messages) {
        const follower = rafts.get(question.to) as Raft;
        follower.step(question);
        for (const answer of follower.ready().messages) onTheWay.push({ due: tick + lateTicks, answer });
      }
      while ((onTheWay[0]?.due ?? tick + 1) <= tick) a.step(change((onTheWay.shift() as { answer: Message }).answer));
    }
    t.is(a.role, 'leader');
    t.true(a.hears('b') && a.hears('c'));
  });
