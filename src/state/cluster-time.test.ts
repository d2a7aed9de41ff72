import test from 'ava';
import type { Clock, LogIndex, Revision, Term } from '../base/index.ts';
import type { Entry } from '../raft/core/index.ts';
import { BatchEncoder } from './batch/index.ts';
import { ClusterTime } from './cluster-time.ts';
import { Members, put, write } from './membership/members.suite.ts';
import type { StoreMember } from './index.ts';

const minutes = 60_000;

/** Three members, the clock of one of them off by so much; it leads, or follows. */
async function wrongClock(offMs: number, role: 'leader' | 'follower') {
  const members = new Members(['a', 'b', 'c'], { seed: 3 });
  const { time } = members;
  const clock: Clock = { now: () => time.now() + offMs, monotonic: () => time.monotonic() };
  await members.start('a', { clock });
  await members.start('b');
  await members.start('c');
  await time.run(3_000);
  const wrong = members.stores.get('a') as StoreMember;
  if (role === 'leader') await members.during(wrong.members.transferLeadership('a'));
  else if (members.leader().name === 'a') await members.during(wrong.members.transferLeadership('b'));
  return { members, wrong };
}

for (const role of ['leader', 'follower'] as const)
  for (const offMs of [6 * minutes, -6 * minutes])
    test(`a ${role} with a clock ${offMs / minutes} minutes off ends no past and no key early`, async (t) => {
      const { members, wrong } = await wrongClock(offMs, role);
      t.is(wrong.status().role, role);
      const right = members.stores.get('c') as StoreMember;
      const expiresAt = members.time.now() + 4 * minutes;
      for (let second = 0; second < 120; second++) {
        const key = `/k/${second}`;
        await members.during((second % 2 === 0 ? wrong : right).transact(write(put(key))));
        if (second === 0) await members.during(wrong.transact(write(put('/lease', 'v', { expiresAt }))));
        await members.time.run(1_000);
      }
      for (const store of members.stores.values()) t.is(store.status().oldestRevision, 1);
      t.true(right.get('/lease') !== undefined);
      await members.time.run(2 * minutes + 1_000);
      t.is(right.get('/lease'), undefined, 'it expires in time');
      // Six minutes on, the past of then has ended on all members.
      for (let second = 0; second < 250; second++) {
        await members.during((second % 2 === 0 ? wrong : right).transact(write(put('/k/more'))));
        await members.time.run(1_000);
      }
      for (const store of members.stores.values()) t.true((store.status().oldestRevision ?? 0) > 1);
    });

test('a leader with a fast clock that has heard no other since its start has the time of its snapshot', async (t) => {
  const { members, wrong } = await wrongClock(6 * minutes, 'leader');
  const { time } = members;
  const clock: Clock = { now: () => time.now() + 6 * minutes, monotonic: () => time.monotonic() };
  for (let i = 0; i < 4; i++) {
    await members.during(wrong.transact(write(put('/k'))));
    await time.run(10_000);
  }
  let led = 0;
  for (let life = 0; life < 8; life++) {
    const store = members.stores.get('a') as StoreMember;
    await members.during(store.compact(1 as Revision));
    await time.run(500);
    for (const name of members.names) await members.crash(name);
    const again = await members.start('a', { clock });
    await members.start('b');
    await members.start('c');
    // It waits for a leader, and goes into the log with the first entries of its lead.
    const written = again.transact(write(put('/k')));
    while (![...members.stores.values()].some((one) => one.status().role === 'leader')) await time.run(1);
    if (again.status().role === 'leader') led += 1;
    await members.during(written);
    await time.run(1_000);
    t.is(again.status().oldestRevision, 1, `life ${life}: the past ends early`);
  }
  t.true(led > 0, 'the member with the wrong clock led');
});

test('entries that nobody has called committed yet tell a new leader the time', (t) => {
  const clock: Clock = { now: () => 400_000, monotonic: () => 50 };
  const data = new BatchEncoder().encode({ session: 's', sequence: 1, bornAt: 0, now: 40_000, items: ['expire'] });
  const entry: Entry = { index: 2 as LogIndex, term: 1 as Term, type: 'data', data };
  const empty: Entry = { ...entry, index: 3 as LogIndex, type: 'empty', data: new Uint8Array(0) };
  const configuration = { voters: ['a', 'b', 'c'], outgoing: [], learners: [] };
  const raft = { role: 'leader', configuration, unapplied: [entry, empty] } as const;
  const time = new ClusterTime({ member: 'a', clock, raft, remembered: () => 30_000 });
  t.is(time.now(), 40_000);
  time.heard('b', 41_000);
  t.is(time.now(), 41_000);
});

test('a new leader takes the newest time of the log: a larger one may come of a wrong clock', (t) => {
  const clock: Clock = { now: () => 400_000, monotonic: () => 50 };
  const data = new BatchEncoder().encode({ session: 's', sequence: 1, bornAt: 0, now: 40_000, items: ['expire'] });
  const unapplied: Entry[] = [];
  const configuration = { voters: ['a', 'b', 'c'], outgoing: [], learners: [] };
  const raft = { role: 'leader', configuration, unapplied } as const;
  const time = new ClusterTime({ member: 'a', clock, raft, remembered: () => 390_000 });
  t.is(time.agreed(), undefined, 'no key expires by this');
  t.is(time.now(), 390_000);
  time.applied(50_000);
  t.is(time.now(), 50_000);
  unapplied.push({ index: 2 as LogIndex, term: 1 as Term, type: 'data', data });
  t.is(time.now(), 40_000);
});

test('a leader takes what most voters show: each clock goes on, none counts for long, and learners never', (t) => {
  let monotonic = 0;
  const clock: Clock = { now: () => 400_000 + monotonic, monotonic: () => monotonic };
  const configuration = { voters: ['a', 'b', 'c'], outgoing: [], learners: ['d'] };
  const raft: { role: 'leader' | 'follower'; readonly configuration: typeof configuration; readonly unapplied: [] } = {
    role: 'leader',
    configuration,
    unapplied: [],
  };
  const time = new ClusterTime({ member: 'a', clock, raft, remembered: () => undefined });
  t.is(time.now(), 400_000, 'nothing else is known');
  time.applied(10_000);
  time.heard('d', 300_000);
  monotonic = 2_000;
  t.is(time.now(), 12_000, 'of the voters none was heard: the time of the log goes on');
  time.heard('b', 20_000);
  monotonic = 5_000;
  t.is(time.now(), 23_000, 'b has reached it, a has');
  time.heard('c', 390_000);
  t.is(time.now(), 390_000);
  raft.role = 'follower';
  t.is(time.now(), 405_000, 'who does not lead has its own clock alone');
  raft.role = 'leader';
  monotonic = 12_001;
  t.is(time.now(), 397_001);
  monotonic = 15_001;
  t.is(time.now(), 25_001, 'neither b nor c was heard for ten seconds');
});
