/** Majorities: what one decides, and which index it holds. */
import type { LogIndex } from '../../base/index.ts';
import type { Configuration } from './message.ts';

/** What one majority says: `pending` while votes are missing that could still decide it. */
type Verdict = 'won' | 'lost' | 'pending';

/** The largest index that a majority of `voters` has reached. Without voters nothing holds anybody back. */
function majorityIndex(voters: readonly string[], reached: (voter: string) => LogIndex): LogIndex {
  if (voters.length === 0) return Number.MAX_SAFE_INTEGER as LogIndex;
  const sorted = voters.map(reached).sort((a, b) => b - a);
  return sorted[Math.floor(voters.length / 2)] as LogIndex;
}

/** The largest index that is on a majority of each membership that counts, and on both of one that is joint. */
export function quorumIndex(configurations: readonly Configuration[], reached: (voter: string) => LogIndex): LogIndex {
  let index = Number.MAX_SAFE_INTEGER;
  for (const { voters, outgoing } of configurations)
    index = Math.min(index, majorityIndex(voters, reached), majorityIndex(outgoing, reached));
  return index as LogIndex;
}

function majorityVerdict(voters: readonly string[], voted: (voter: string) => boolean | undefined): Verdict {
  if (voters.length === 0) return 'won';
  let yes = 0;
  let missing = 0;
  for (const voter of voters) {
    const vote = voted(voter);
    if (vote === undefined) missing += 1;
    else if (vote) yes += 1;
  }
  const needed = Math.floor(voters.length / 2) + 1;
  if (yes >= needed) return 'won';
  return yes + missing >= needed ? 'pending' : 'lost';
}

/** Whether an election or a proof of leadership is decided. */
export function quorumVerdict(
  configurations: readonly Configuration[],
  voted: (voter: string) => boolean | undefined,
): Verdict {
  const verdicts = configurations.flatMap(({ voters, outgoing }) => [
    majorityVerdict(voters, voted),
    majorityVerdict(outgoing, voted),
  ]);
  if (verdicts.includes('lost')) return 'lost';
  return verdicts.includes('pending') ? 'pending' : 'won';
}

/** All that must hear from the leader, sorted, each once. */
export function membersOf(configurations: readonly Configuration[]): readonly string[] {
  return [
    ...new Set(configurations.flatMap(({ voters, outgoing, learners }) => [...voters, ...outgoing, ...learners])),
  ].sort();
}

export function votersOf(configurations: readonly Configuration[]): readonly string[] {
  return [...new Set(configurations.flatMap(({ voters, outgoing }) => [...voters, ...outgoing]))].sort();
}
