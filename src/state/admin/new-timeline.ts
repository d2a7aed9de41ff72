/** What a restored or recovered state must not have in common with the future that was lost. */
import { limits, type Random, type Revision } from '../../base/index.ts';
import { firstTimeline } from '../../raft/core/index.ts';
import { AdministrationError } from '../administration.ts';
import { drawName } from '../identity.ts';
import type { StateMachine } from '../state-machine.ts';

const nameForm = /^[a-z0-9]{8,32}$/;

interface NewTimelineOptions {
  readonly voters: readonly string[];
  readonly random: Pick<Random, 'uuid'>;
  readonly timeline?: string | undefined;
}

/**
 * The name of a timeline that begins now: drawn, unless several members must begin it together. Throws
 * AdministrationError `timeline` when they have no name for it, or a bad one.
 */
export function newTimeline({ voters, random, timeline }: NewTimelineOptions): string {
  const drawn = drawName(random);
  if (timeline === undefined && voters.length === 1) return drawn;
  const form = `8 to 32 lower-case letters and digits that were never used before, such as ${drawn}`;
  if (timeline === undefined)
    throw new AdministrationError(
      'timeline',
      `${voters.join(', ')} are to begin one timeline together, so each restore must give it the same name: ${form}`,
    );
  if (!nameForm.test(timeline) || timeline === firstTimeline)
    throw new AdministrationError('timeline', `${JSON.stringify(timeline)} cannot name a new timeline: use ${form}`);
  return timeline;
}

/**
 * Moves the revision past all that can have been written after this state, and ends the past there: whoever saw the
 * lost future is told to read again, and no comparison with one of its revisions holds. `since`: when the state was the
 * newest, in wall-clock ms.
 */
export function leaveLostRevisions(
  { space }: StateMachine,
  { since, now }: { readonly since: number; readonly now: number },
): void {
  // The time counts even where the least would do: the same backup may be restored again, after more was written.
  const written = limits.lostRevisionsMin + Math.max(0, Math.ceil((now - since) * limits.lostRevisionsPerMs));
  space.skipTo((space.revision + written) as Revision);
}
