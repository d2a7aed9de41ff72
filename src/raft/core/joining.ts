/** A life of a member that began with an empty log, perhaps under a name that another life had before. */
import { type LogEnd, reaches } from './log-end.ts';
import type { Message } from './message.ts';
import { type RaftState, send } from './state.ts';

/*
 * Who joins has forgotten what the life before it acknowledged under the same name. The others removed that life and
 * took this one as a learner, and count nothing of it. But a voter that was cut off knows of no removal: it asks this
 * name for its vote, and with a short log could become leader without what was committed since. So a life that joined
 * asks its first leader what is committed, by a linearisable read (read-index.ts), before it takes any entry. Whatever
 * a life before it helped to commit lies before that. It gives no vote to a log that ends earlier, and none at all
 * before it knows. Who has the entries is refused nothing by this: no vote that may be needed is held back.
 */

/** Tells this life's question from the reads of its clients, and from those of a life before it. */
const contextOf = ({ inquiry }: RaftState): number => -1 - inquiry;

/** Whether this member must know what was committed when it joined, and does not. Then it asks its leader. */
export function asksWhereItJoined(state: RaftState): boolean {
  if (state.identity.joinedAt !== null) return false;
  if (state.leader !== '') send(state, { type: 'read', to: state.leader, context: contextOf(state) });
  return true;
}

/** Takes the leader's answer. False: it answers another question. */
export function hearsWhereItJoined(state: RaftState, answer: Message & { readonly type: 'read-response' }): boolean {
  const { context, index, term } = answer;
  if (context !== contextOf(state)) return false;
  // A leader answers reads when an entry of its own term is committed: the newest that is.
  if (state.identity.joinedAt === null) state.identity = { ...state.identity, joinedAt: { index, term } };
  return true;
}

/** Whether a log that ends there has all that a life before this one may have helped to commit. */
export const holdsFormerLife = ({ identity: { joinedAt } }: RaftState, end: LogEnd): boolean =>
  joinedAt === undefined || (joinedAt !== null && reaches(end, joinedAt));
