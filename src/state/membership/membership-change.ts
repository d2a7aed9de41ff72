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
      readonly code: 'unknown-member' | 'not-caught-up' | 'last-voter' | 'silent-member';
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
  | 'configuration'
  | 'keepsMembership'
  | 'leader'
  | 'lastIndex'
  | 'matchOf'
  | 'changeConfiguration'
  | 'transferLeadership'
  | 'transferTo'
  | 'silentFor'
  | 'answersSince'
  | 'hears'
>;

/** Who shall become what, and the leader's round in which it was asked for first. */
interface Wish {
  readonly member: string;
  readonly since: number;
}

/**
 * The leader's share of a change: begins it unless it is done or under way. One change at a time goes through both
 * majorities, when they have answered what was asked after the round `since`: a voter that has just died would else
 * count for a while.
 */
export function changeMembership(raft: ChangeableRaft, change: MembershipChange, since: number): Outcome {
  const { outgoing } = raft.configuration;
  if (change.type === 'transfer') return transfer(raft, change);
  if (outgoing.length > 0 || !raft.keepsMembership) return underWay;
  const wish: Wish = { member: change.member, since };
  switch (change.type) {
    case 'add-learner':
      return addLearner(raft, wish);
    case 'promote':
      return promote(raft, wish);
    case 'remove':
      return remove(raft, wish);
  }
}

function transfer(raft: ChangeableRaft, { member, begun }: MembershipChange & { readonly type: 'transfer' }): Outcome {
  if (raft.leader === member) return done;
  if (raft.transferTo === member) return underWay;
  if (!raft.configuration.voters.includes(member)) return refused('unknown-member', `${member} is not a voter`);
  if (!raft.hears(member))
    return refused(
      'silent-member',
      `${member} does not answer ${raft.leader}, and would not take over; all writes would wait for it. ` +
        'Choose a voter that answers',
    );
  if (begun === true)
    return refused('silent-member', `${member} did not take over within an election timeout; ${raft.leader} leads on`);
  raft.transferLeadership(member);
  return underWay;
}

/** Refuses a change after which nothing could be decided, not even to undo it. */
function changeVoters(
  raft: ChangeableRaft,
  what: string,
  change: { readonly voters: readonly string[]; readonly learners: readonly string[]; readonly since: number },
): Outcome {
  const silent = raft.silentFor(change);
  if (silent.length > 0)
    return refused(
      'silent-member',
      `${what} would let ${change.voters.join(', ')} decide, and ${silent.join(', ')} did not answer within an ` +
        'election timeout: no write could be committed any more, and nothing could undo it. Nothing was changed. ' +
        `Bring ${silent.join(', ')} back, or remove a member that does not answer first`,
    );
  const { voters, learners, since } = change;
  if (raft.answersSince(change, since)) raft.changeConfiguration({ voters, learners });
  return underWay;
}

function addLearner(raft: ChangeableRaft, { member, since }: Wish): Outcome {
  const { voters, learners } = raft.configuration;
  if (voters.includes(member) || learners.includes(member)) return done;
  return changeVoters(raft, `taking ${member} as a learner`, { voters, learners: [...learners, member].sort(), since });
}

function promote(raft: ChangeableRaft, { member, since }: Wish): Outcome {
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
  if (!raft.hears(member))
    return refused(
      'silent-member',
      `${member} does not answer: its vote would be needed and not be given. Start it, or remove it`,
    );
  return changeVoters(raft, `promoting ${member}`, {
    voters: [...voters, member].sort(),
    learners: learners.filter((learner) => learner !== member),
    since,
  });
}

function remove(raft: ChangeableRaft, { member, since }: Wish): Outcome {
  const { voters, learners } = raft.configuration;
  if (!voters.includes(member) && !learners.includes(member)) return done;
  const left = voters.filter((voter) => voter !== member);
  if (left.length === 0) return refused('last-voter', `${member} is the last voter`);
  return changeVoters(raft, `removing ${member}`, {
    voters: left,
    learners: learners.filter((learner) => learner !== member),
    since,
  });
}
