import test from 'ava';
import { type LogIndex, seededRandom, type Term } from '../../base/index.ts';
import { type Message, Raft } from './index.ts';
import { Progress } from './progress.ts';

const index = (at: number): LogIndex => at as LogIndex;

const base = { index: index(0), term: 0 as Term, configuration: { voters: ['a', 'b'], outgoing: [], learners: [] } };
const timing = { electionTicks: 100, heartbeatTicks: 5, messageBytesMax: 1, inflightMax: 64 };

/**
 * A leader and a follower. Each message takes its own time, so that later ones overtake it, and each entry travels
 * alone.
 */
function appendsFor(proposals: number, seed: number): { readonly appends: number; readonly missing: number } {
  const random = seededRandom(seed);
  const [a, b] = ['a', 'b'].map((id) => new Raft({ id, random, base, ...timing })) as [Raft, Raft];
  const mail: { readonly at: number; readonly message: Message }[] = [];
  let appends = 0;
  const drain = (member: Raft, now: number): void => {
    for (let more = true; more;) {
      const { messages, persist } = member.ready();
      appends += messages.filter(({ type }) => type === 'append').length;
      for (const message of messages) mail.push({ at: now + 5 + random.below(15), message });
      more = persist !== undefined;
      if (more) member.persisted();
    }
  };
  a.campaign();
  for (let now = 0; b.commitIndex < proposals + 1 && now < 20_000; now++) {
    if (now % 10 === 9) a.tick();
    if (now >= 100 && now < proposals + 100) a.propose([new Uint8Array(8)]);
    drain(a, now);
    for (const due of mail.filter(({ at }) => at <= now)) {
      mail.splice(mail.indexOf(due), 1);
      const to = due.message.to === 'a' ? a : b;
      to.step(due.message);
      drain(to, now);
    }
  }
  return { appends, missing: proposals + 1 - b.commitIndex };
}

test('where later messages overtake earlier ones a leader sends each entry a few times, not a hundred', (t) => {
  for (let seed = 1; seed <= 6; seed++) {
    const { appends, missing } = appendsFor(300, seed);
    t.is(missing, 0, `seed ${seed}`);
    t.true(appends < 300 * 5, `seed ${seed}: ${appends} appends`);
  }
});

test('answers that a newer one has overtaken change nothing', (t) => {
  const progress = new Progress(index(1), { number: 1, inflightMax: 64 });
  progress.acknowledged(index(10));
  progress.becomeReplicate();
  for (let last = 11; last <= 14; last++) progress.sent(index(last));
  t.false(progress.refused(index(10), index(10)), 'it has since said that it holds this entry');
  t.false(progress.refused(index(12), index(9)), 'its log was shorter then than what it has since acknowledged');
  t.is(progress.state, 'replicate');
  t.true(progress.refused(index(12), index(10)));
  t.is(progress.state, 'probe');
  progress.sent(index(11));
  t.false(progress.refused(index(13), index(10)), 'the probe asked for another entry');
  t.false(progress.acknowledged(index(8)));
  t.true(progress.paused, 'the probe is on its way still');
  t.true(progress.acknowledged(index(11)));
  t.false(progress.paused);
});

test('a loss that is told late slows a leader down as a refusal does', (t) => {
  const progress = new Progress(index(1), { number: 1, inflightMax: 64 });
  progress.acknowledged(index(10));
  const sends: number[] = [];
  for (let round = 0; round < 4; round++) {
    progress.becomeReplicate();
    let sent = 0;
    for (let last = progress.next; !progress.paused; last++, sent++) progress.sent(index(last));
    sends.push(sent);
    progress.lost(index(5));
    t.is(progress.state, 'probe');
    progress.acknowledged(index(6 + round));
    // The answer was on its way while the leader believed more.
    progress.acknowledged(index(11 + round));
  }
  t.deepEqual(sends, [64, 34, 19, 11]);
});
