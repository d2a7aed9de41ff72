/** The leader's share of a change of the membership, as a pure step. */
import type { LogIndex } from '../../base/index.ts';
import type { Raft } from '../../raft/core/index.ts';
import type { MembershipChange } from '../transport/index.ts';

/** How many entries a learner may lack when it is given its vote: they arrive faster than it would matter. */
const promotionLagEntries = 512;

/** What became of a wish about the membership: `done`, on its way (ask again), or impossible. */
export type Outcome =
  | { readonly type: 'done' }
  | { readonly type: 'under-way' }
  | {
      readonly type: 'refused';
      readonly code: 'unknown-member' | 'not-caught-up' | 'last-voter';
      readonly message: string;
    };

const done: Outcome = { type: 'done' };
const underWay: Outcome = { type: 'under-way' };
const refused = (code: Extract<Outcome, { type: 'refused' }>['code'], message: string): Outcome => ({
  type: 'refused',
  code,
  message,
});

type ChangeableRaft = Pick<
  Raft,
  'configuration' | 'leader' | 'lastIndex' | 'matchOf' | 'changeConfiguration' | 'transferLeadership'
>;

/**
 * The leader's share of a change: begins it unless it is done or under way. One change at a time goes through both
 * majorities.
 */
export function changeMembership(raft: ChangeableRaft, change: MembershipChange): Outcome {
  const { outgoing } = raft.configuration;
  if (change.type === 'transfer') return transfer(raft, change.member);
  if (outgoing.length > 0) return underWay;
  switch (change.type) {
    case 'add-learner':
      return addLearner(raft, change.member);
    case 'promote':
      return promote(raft, change.member);
    case 'remove':
      return remove(raft, change.member);
  }
}

function transfer(raft: ChangeableRaft, member: string): Outcome {
  if (raft.leader === member) return done;
  if (!raft.configuration.voters.includes(member)) return refused('unknown-member', `${member} is not a voter`);
  raft.transferLeadership(member);
  return underWay;
}

function addLearner(raft: ChangeableRaft, member: string): Outcome {
  const { voters, learners } = raft.configuration;
  if (voters.includes(member) || learners.includes(member)) return done;
  raft.changeConfiguration({ voters, learners: [...learners, member].sort() });
  return underWay;
}

function promote(raft: ChangeableRaft, member: string): Outcome {
  const { voters, learners } = raft.configuration;
  if (voters.includes(member)) return done;
  if (!learners.includes(member)) return refused('unknown-member', `${member} is not a learner; add it first`);
  const match = raft.matchOf(member) ?? (0 as LogIndex);
  if (match === 0 || match + promotionLagEntries < raft.lastIndex) {
    return refused(
      'not-caught-up',
      `${member} has entry ${match} of ${raft.lastIndex}; promote it when it has caught up`,
    );
  }
  raft.changeConfiguration({
    voters: [...voters, member].sort(),
    learners: learners.filter((learner) => learner !== member),
  });
  return underWay;
}

function remove(raft: ChangeableRaft, member: string): Outcome {
  const { voters, learners } = raft.configuration;
  if (!voters.includes(member) && !learners.includes(member)) return done;
  const left = voters.filter((voter) => voter !== member);
  if (left.length === 0) return refused('last-voter', `${member} is the last voter`);
  raft.changeConfiguration({ voters: left, learners: learners.filter((learner) => learner !== member) });
  return underWay;
}
