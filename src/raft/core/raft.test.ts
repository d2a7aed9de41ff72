import test from 'ava';
import { type LogIndex, seededRandom, type Term } from '../../base/index.ts';
import { Cluster } from './cluster.suite.ts';
import { type Entry, Raft } from './index.ts';

const names = ['a', 'b', 'c', 'd', 'e'];

for (const size of [1, 3, 5]) {
  test(`${size} voters elect one leader, commit what is proposed and apply it everywhere`, (t) => {
    for (let seed = 1; seed <= 10; seed++) {
      const cluster = new Cluster(names.slice(0, size), seed);
      cluster.run(40);
      t.is(cluster.leaders.length, 1);
      for (let i = 0; i < 20; i++) t.true(cluster.propose(`v${i}`));
      cluster.run(5);
      for (const member of cluster.members.values())
        t.deepEqual(
          member.applied,
          Array.from({ length: 20 }, (_, i) => `v${i}`),
        );
    }
  });

  test(`${size} voters stay safe under loss, cuts and crashes, and recover when these end`, (t) => {
    for (let seed = 1; seed <= 25; seed++) {
      const cluster = new Cluster(names.slice(0, size), seed);
      const random = seededRandom(seed * 7919);
      cluster.lossOneIn = 8;
      let proposed = 0;
      for (let step = 0; step < 250; step++) {
        const id = names[random.below(size)] as string;
        const choice = random.below(20);
        if (choice === 0) cluster.crash(id);
        else if (choice < 3 && !cluster.member(id).running) cluster.restart(id);
        else if (choice === 3 && size > 1) cluster.isolate(id);
        else if (choice === 4) cluster.heal();
        else if (choice === 5 && cluster.member(id).running) cluster.compact(id);
        else if (choice < 12 && cluster.propose(`v${proposed}`)) proposed += 1;
        cluster.run(1);
      }
      cluster.lossOneIn = 0;
      cluster.heal();
      for (const [id, member] of cluster.members) if (!member.running) cluster.restart(id);
      cluster.run(260);
      t.is(cluster.leaders.length, 1, `seed ${seed}`);
      t.true(cluster.propose('last'));
      cluster.run(30);
      for (const [id, member] of cluster.members) {
        t.is(member.applied.at(-1), 'last', `seed ${seed} member ${id}`);
        t.deepEqual(member.applied, cluster.history);
      }
    }
  });
}

test('a leader that is cut off from its majority steps down, and the others elect a new one', (t) => {
  const cluster = new Cluster(['a', 'b', 'c'], 3);
  cluster.run(40);
  const [old] = cluster.leaders;
  cluster.isolate(old as string);
  cluster.run(60);
  t.is(cluster.leaders.length, 1);
  t.not(cluster.leaders[0], old);
  t.not(cluster.member(old as string).raft.role, 'leader');
});

test('a member that was cut off comes back without an election, thanks to the pre-vote', (t) => {
  const cluster = new Cluster(['a', 'b', 'c'], 4);
  cluster.run(40);
  const leader = cluster.leaders[0] as string;
  const { term } = cluster.leader;
  const other = ['a', 'b', 'c'].find((id) => id !== leader) as string;
  cluster.isolate(other);
  cluster.run(200);
  t.is(cluster.member(other).raft.term, term);
  cluster.heal();
  cluster.run(60);
  t.deepEqual([cluster.leaders, cluster.leader.term], [[leader], term]);
  t.is(cluster.member(other).raft.leader, leader);
});

test('a follower that missed more than the log keeps catches up by a snapshot', (t) => {
  const cluster = new Cluster(['a', 'b', 'c'], 5);
  cluster.run(40);
  const leader = cluster.leaders[0] as string;
  const other = ['a', 'b', 'c'].find((id) => id !== leader) as string;
  cluster.crash(other);
  for (let i = 0; i < 50; i++) {
    cluster.propose(`v${i}`);
    cluster.run(1);
  }
  cluster.compact(leader);
  cluster.restart(other);
  cluster.run(60);
  cluster.propose('after');
  cluster.run(5);
  t.deepEqual(cluster.member(other).applied, cluster.history);
  t.is(cluster.member(other).applied.length, 51);
  t.true(cluster.member(other).base.index > 0);
});

test('leadership is handed to the member asked for, without waiting for a timeout', (t) => {
  const cluster = new Cluster(['a', 'b', 'c'], 6);
  cluster.run(40);
  const { leader } = cluster;
  const target = ['a', 'b', 'c'].find((id) => id !== cluster.leaders[0]) as string;
  t.true(leader.transferLeadership(target));
  t.false(leader.propose([new Uint8Array(1)]), 'a leader that transfers its leadership takes no proposals');
  cluster.settle();
  t.deepEqual(cluster.leaders, [target]);
});

test('a linearisable read gets an index no older than what was committed before it, on followers too', (t) => {
  const cluster = new Cluster(['a', 'b', 'c'], 7);
  cluster.run(40);
  cluster.propose('x');
  cluster.run(3);
  for (const [id, member] of cluster.members) {
    const committed = cluster.leader.commitIndex;
    t.true(member.raft.read(9));
    cluster.settle();
    t.is(member.reads.length, 1, id);
    t.true((member.reads[0]?.index ?? 0) >= committed);
  }
});

test('a leader that was cut off answers no linearisable read', (t) => {
  const cluster = new Cluster(['a', 'b', 'c'], 8);
  cluster.run(40);
  const id = cluster.leaders[0] as string;
  cluster.isolate(id);
  cluster.member(id).raft.read(1);
  cluster.run(60);
  t.deepEqual(cluster.member(id).reads, []);
});

test('the membership grows from one voter to three through a learner and joint consensus, and shrinks again', (t) => {
  const cluster = new Cluster(['a'], 9);
  cluster.run(40);
  cluster.propose('one');
  const joining = { voters: ['a'], outgoing: [], learners: [] };
  cluster.add('b', joining);
  cluster.add('c', joining);
  t.true(cluster.leader.changeConfiguration({ voters: ['a'], learners: ['b', 'c'] }));
  t.false(cluster.leader.changeConfiguration({ voters: ['b'], learners: [] }), 'one change at a time');
  cluster.run(10);
  t.is(cluster.member('b').raft.role, 'learner');
  t.true(cluster.leader.changeConfiguration({ voters: ['a', 'b', 'c'], learners: [] }));
  cluster.run(10);
  t.deepEqual(cluster.leader.configuration, { voters: ['a', 'b', 'c'], outgoing: [], learners: [] });
  cluster.crash('b');
  cluster.propose('two');
  cluster.run(10);
  t.deepEqual(cluster.member('c').applied, ['one', 'two']);
  cluster.restart('b');
  cluster.run(30);
  t.true(cluster.leader.changeConfiguration({ voters: ['b', 'c'], learners: [] }));
  cluster.run(80);
  t.not(cluster.member('a').raft.role, 'leader');
  cluster.crash('a');
  cluster.run(40);
  t.true(cluster.propose('three'));
  cluster.run(10);
  t.deepEqual(cluster.member('b').applied, ['one', 'two', 'three']);
});

test('a voter that never heard that a change of the membership was committed learns it from one who left', (t) => {
  const log = (from: number, ...items: readonly ('data' | 'leave')[]): Entry[] =>
    items.map((item, i) => ({
      index: (from + i) as LogIndex,
      term: 1 as Term,
      type: item === 'data' ? 'data' : 'configuration',
      data: new TextEncoder().encode('{"type":"leave"}'),
    }));
  const joint = {
    index: 0 as LogIndex,
    term: 0 as Term,
    configuration: { voters: ['a'], outgoing: ['a', 'b'], learners: ['b'] },
  };
  const left = {
    index: 1 as LogIndex,
    term: 1 as Term,
    configuration: { voters: ['a'], outgoing: [], learners: ['b'] },
  };
  const hardState = (commit: number) => ({ term: 1 as Term, vote: 'b', commit: commit as LogIndex });
  const a = new Raft({
    id: 'a',
    random: seededRandom(1),
    base: joint,
    entries: log(1, 'leave'),
    hardState: hardState(0),
  });
  // The leader of old, whose log is longer: it is no voter any more, so it neither leads nor finds this candidate good
  // enough.
  const b = new Raft({
    id: 'b',
    random: seededRandom(2),
    base: left,
    entries: log(2, 'data', 'data'),
    hardState: hardState(1),
  });
  for (let tick = 0; tick < 60; tick++) {
    for (const member of [a, b]) {
      member.tick();
      const { messages, persist } = member.ready();
      for (const message of messages) (message.to === 'a' ? a : b).step(message);
      if (persist !== undefined) member.persisted();
    }
  }
  t.is(a.role, 'leader');
  t.deepEqual(a.configuration, left.configuration);
});

test('a learner lets go of a silent leader, so that it can vote when the membership to come counts on it', (t) => {
  for (let seed = 1; seed <= 20; seed++) {
    const configuration = { voters: ['a'], outgoing: [], learners: ['b'] };
    const base = { index: 1 as LogIndex, term: 1 as Term, configuration };
    const change = { type: 'set', voters: ['a', 'b'], learners: [], outgoing: ['a'] };
    const entries: Entry[] = [
      {
        index: 2 as LogIndex,
        term: 1 as Term,
        type: 'configuration',
        data: new TextEncoder().encode(JSON.stringify(change)),
      },
    ];
    const hardState = { term: 1 as Term, vote: 'a', commit: 1 as LogIndex };
    const a = new Raft({ id: 'a', random: seededRandom(seed), base, entries, hardState });
    const b = new Raft({ id: 'b', random: seededRandom(seed + 100), base, hardState });
    b.step({ type: 'heartbeat', from: 'a', to: 'b', term: 1 as Term, commit: 1 as LogIndex, read: 0 });
    for (let tick = 0; tick < 200; tick++) {
      for (const member of [a, b]) {
        member.tick();
        const { messages, persist } = member.ready();
        for (const message of messages) (message.to === 'a' ? a : b).step(message);
        if (persist !== undefined) member.persisted();
      }
    }
    t.is(a.role, 'leader', `seed ${seed}`);
  }
});

test('a leader decides alone from its first commit of the term until its log holds another voter', (t) => {
  const configuration = { voters: ['a'], outgoing: [], learners: [] };
  const raft = new Raft({
    id: 'a',
    random: seededRandom(1),
    base: { index: 0 as LogIndex, term: 0 as Term, configuration },
  });
  const work = (): void => {
    for (;;) {
      if (!raft.hasReady) return;
      if (raft.ready().persist !== undefined) raft.persisted();
    }
  };
  t.false(raft.decidesAlone);
  raft.campaign();
  if (raft.ready().persist !== undefined) raft.persisted();
  t.false(raft.decidesAlone, 'it leads, and nothing of its term is committed');
  work();
  t.is(raft.role, 'leader');
  t.true(raft.decidesAlone);
  t.false(raft.changeConfiguration({ voters: ['a', 'b'], learners: [] }), 'nobody has heard of b');
  t.true(raft.changeConfiguration({ voters: ['a'], learners: ['b'] }));
  work();
  raft.step({ type: 'heartbeat-response', from: 'b', to: 'a', term: raft.term, read: 0 });
  t.true(raft.decidesAlone);
  t.true(raft.changeConfiguration({ voters: ['a', 'b'], learners: [] }));
  t.false(raft.decidesAlone);
  work();
  t.false(raft.decidesAlone);
});
