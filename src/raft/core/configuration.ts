import type { Configuration } from './message.ts';

/** What a configuration entry says. `set` begins a change and `leave` ends it. */
export type ConfigurationChange = ({ readonly type: 'set' } & Pick<Configuration, 'voters' | 'learners'>) | { readonly type: 'leave' };

export function encodeChange(change: ConfigurationChange): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(change));
}

export function decodeChange(data: Uint8Array): ConfigurationChange {
  return JSON.parse(new TextDecoder().decode(data)) as ConfigurationChange;
}
