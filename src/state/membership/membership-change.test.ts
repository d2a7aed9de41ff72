import test from 'ava';
import type { LogIndex } from '../../base/index.ts';
import type { Configuration } from '../../raft/core/index.ts';
import type { MembershipChange } from '../transport/index.ts';
import { changeMembership } from './membership-change.ts';

type Wanted = Pick<Configuration, 'voters' | 'learners'>;

/** Leader a of three with learner d, whose log has a thousand entries; what it was asked to change is in `begun`. */
function leaderA(how: {
  readonly outgoing?: readonly string[];
  readonly silent?: readonly string[];
  readonly match?: number;
  readonly lastIndex?: number;
  readonly answered?: boolean;
  readonly transferTo?: string;
  readonly voters?: readonly string[];
  readonly kept?: boolean;
}) {
  const { outgoing = [], silent = [], match = 1_000, answered = true, transferTo = '', voters = ['a', 'b', 'c'] } = how;
  const begun: Wanted[] = [];
  const transfers: string[] = [];
  const since: number[] = [];
  const raft = {
    configuration: { voters, learners: ['d'], outgoing },
    keepsMembership: how.kept ?? true,
    leader: 'a',
    lastIndex: (how.lastIndex ?? 1_000) as LogIndex,
    transferTo,
    matchOf: () => match as LogIndex,
    hears: (member: string) => !silent.includes(member),
    silentFor: (change: Pick<Wanted, 'voters'>) => change.voters.filter((voter) => silent.includes(voter)),
    answersSince: (_change: Pick<Wanted, 'voters'>, round: number) => {
      since.push(round);
      return answered;
    },
    changeConfiguration: (change: Wanted) => begun.push(change) > 0,
    transferLeadership: (to: string) => transfers.push(to) > 0,
  };
  const ask = (change: MembershipChange): string => {
    const outcome = changeMembership(raft, change, 7);
    return outcome.type === 'refused' ? outcome.code : outcome.type;
  };
  return { ask, begun, transfers, since };
}

const promote: MembershipChange = { type: 'promote', member: 'd' };

test('a learner gets its vote when it has almost all, answers, and all have answered the wish', (t) => {
  const { ask, begun, since } = leaderA({ match: 488 });
  t.is(ask(promote), 'under-way');
  t.deepEqual(begun, [{ voters: ['a', 'b', 'c', 'd'], learners: [] }]);
  t.deepEqual(since, [7]);
  const refusals = [
    [{ match: 487 }, 'not-caught-up'],
    [{ match: 0, lastIndex: 10 }, 'not-caught-up'],
    [{ silent: ['d'] }, 'silent-member'],
    [{ answered: false }, 'under-way'],
    [{ outgoing: ['a', 'b'] }, 'under-way'],
    [{ voters: ['a', 'd'] }, 'done'],
  ] as const;
  for (const [how, outcome] of refusals) {
    const refused = leaderA(how);
    t.is(refused.ask(promote), outcome, JSON.stringify(how));
    t.deepEqual(refused.begun, []);
  }
  t.is(leaderA({}).ask({ type: 'promote', member: 'x' }), 'unknown-member');
});

test('a voter or a learner leaves, but not the last voter', (t) => {
  for (const [member, wanted] of [
    ['b', { voters: ['a', 'c'], learners: ['d'] }],
    ['d', { voters: ['a', 'b', 'c'], learners: [] }],
  ] as const) {
    const { ask, begun } = leaderA({});
    t.is(ask({ type: 'remove', member }), 'under-way');
    t.deepEqual(begun, [wanted]);
  }
  t.is(leaderA({}).ask({ type: 'remove', member: 'x' }), 'done');
  t.is(leaderA({ kept: false }).ask({ type: 'remove', member: 'x' }), 'under-way');
  t.is(leaderA({ voters: ['a'] }).ask({ type: 'remove', member: 'a' }), 'last-voter');
  t.is(leaderA({ silent: ['c'] }).ask({ type: 'remove', member: 'b' }), 'silent-member');
});

test('a new learner changes no vote, and one that is a member already changes nothing', (t) => {
  const { ask, begun } = leaderA({});
  t.is(ask({ type: 'add-learner', member: 'bb' }), 'under-way');
  t.deepEqual(begun, [{ voters: ['a', 'b', 'c'], learners: ['bb', 'd'] }]);
  for (const member of ['a', 'd']) t.is(leaderA({}).ask({ type: 'add-learner', member }), 'done');
});

test('leadership goes to a voter that answers; one that did not take over is refused', (t) => {
  const transfer = { type: 'transfer', member: 'b' } as const;
  const { ask, transfers } = leaderA({});
  t.is(ask(transfer), 'under-way');
  t.deepEqual(transfers, ['b']);
  t.is(ask({ ...transfer, begun: true }), 'silent-member');
  t.is(ask({ type: 'transfer', member: 'd' }), 'unknown-member');
  t.is(ask({ type: 'transfer', member: 'a' }), 'done');
  t.is(leaderA({ transferTo: 'b', silent: ['b'] }).ask({ ...transfer, begun: true }), 'under-way');
  t.is(leaderA({ silent: ['b'] }).ask(transfer), 'silent-member');
  t.is(transfers.length, 1);
});
