/** Whose data a member works on: which course of the log, and which life of the member. */
import type { LogEnd } from './log-end.ts';

/**
 * What tells two members of one name apart, and two clusters of one name.
 *
 * A timeline is one course of the log: founding begins one, and so do a restore and the recovery from a lost majority,
 * because what was written after the backup, or on the lost members, is no part of it (the word is PostgreSQL's). An
 * incarnation is one member's data, from when its folder was founded or joined until it is lost: whoever begins with an
 * empty folder has forgotten what the one before it promised.
 */
export interface Identity {
  readonly member: string;
  /** '' until a member that joins has heard of its leader. */
  readonly timeline: string;
  /** '' for a member that has not kept any yet. */
  readonly incarnation: string;
  /**
   * What was committed when this life joined; null until its leader has said so. Absent for founders, and for what
   * programs wrote that did not ask.
   */
  readonly joinedAt?: LogEnd | null | undefined;
}

/** The timeline of data from before timelines had names, and of members that do not know of them. */
export const firstTimeline = 'first';

/** What every message says of its sender. Absent in those of programs that know of neither. */
export interface Sender {
  readonly timeline?: string | undefined;
  readonly incarnation?: string | undefined;
}

/** The timeline that a message belongs to. */
export const timelineOf = ({ timeline = firstTimeline }: Sender): string => timeline;

/** Whether a message is of another timeline, so that nothing in it may be believed. Who knows of none takes any. */
export function isForeign(own: string, sender: Sender): boolean {
  return own !== '' && timelineOf(sender) !== own;
}
