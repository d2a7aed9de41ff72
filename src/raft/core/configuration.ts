import type { Configuration, Entry } from './message.ts';

/** What a configuration entry says. `set` begins a change and `leave` ends it. */
export type ConfigurationChange = ({ readonly type: 'set' } & Pick<Configuration, 'voters' | 'learners'>) | { readonly type: 'leave' };

export function encodeChange(change: ConfigurationChange): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(change));
}

export function decodeChange(data: Uint8Array): ConfigurationChange {
  return JSON.parse(new TextDecoder().decode(data)) as ConfigurationChange;
}

/** The membership after a change. New voters and old ones are both asked until the change has ended. */
export function changed({ voters, learners }: Configuration, change: ConfigurationChange): Configuration {
  if (change.type === 'leave') return { voters, learners, outgoing: [] };
  return { voters: change.voters, learners: change.learners, outgoing: change.voters.join() === voters.join() ? [] : voters };
}

/**
 * The memberships whose majorities must agree: the applied one and those that the log already holds beyond it. A member that
 * has not yet applied a change would else decide by the old majority alone, beside others who decide by the new one.
 */
export function activeConfigurations(applied: Configuration, pending: readonly Entry[]): readonly Configuration[] {
  const active = [applied];
  for (const entry of pending) active.push(changed(active[active.length - 1] ?? applied, decodeChange(entry.data)));
  return active;
}
