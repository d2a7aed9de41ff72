/** Changes of the membership by joint consensus (Raft paper section 6). */
import type { Configuration, Entry } from './message.ts';

/**
 * What a configuration entry says. `set` begins a change and `leave` ends it. It names the old voters too: a member
 * that joins later need not know the membership before.
 */
type ConfigurationChange = ({ readonly type: 'set' } & Configuration) | { readonly type: 'leave' };

/** The change from one membership to another. New voters and old ones are both asked until it has ended. */
export function changeTo(
  from: Configuration,
  { voters, learners }: Pick<Configuration, 'voters' | 'learners'>,
): ConfigurationChange {
  return { type: 'set', voters, learners, outgoing: voters.join() === from.voters.join() ? [] : from.voters };
}

export function encodeChange(change: ConfigurationChange): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(change));
}

export function decodeChange(data: Uint8Array): ConfigurationChange {
  return JSON.parse(new TextDecoder().decode(data)) as ConfigurationChange;
}

/** The membership after a change. */
export function changed(before: Configuration, change: ConfigurationChange): Configuration {
  if (change.type === 'leave') return { voters: before.voters, learners: before.learners, outgoing: [] };
  return { voters: change.voters, learners: change.learners, outgoing: change.outgoing };
}

/**
 * The memberships whose majorities must agree: the applied one and those that the log already holds beyond it. A member
 * that has not yet applied a change would else decide by the old majority alone, beside others who decide by the new
 * one.
 */
export function activeConfigurations(applied: Configuration, pending: readonly Entry[]): readonly Configuration[] {
  const active = [applied];
  for (const entry of pending) active.push(changed(active[active.length - 1] ?? applied, decodeChange(entry.data)));
  return active;
}
