/** The generic actor that answers for any stored resource. */
import type { Behaviour } from './actor.ts';
import type { HostedKind, Posted } from './directory.ts';

/** What the generic actor of a resource reads; nothing of it is kept between messages. */
export interface ResourceReader {
  /** What the stored object is; undefined when there is none. */
  object(key: string): unknown;
  /** The newest Events about it, oldest first. */
  events(key: string): readonly unknown[];
  /** The controllers' actors at work on it, by address. */
  actors(key: string): readonly unknown[];
}

/**
 * The actor that every resource has: it answers `{type: 'describe'}` with the object, its Events and the actors at work
 * on it, `{type: 'state'}` with what exists, and `{type: 'events'}`. It holds nothing, so leaving memory costs it
 * nothing.
 */
export function passiveKind(reader: ResourceReader): HostedKind {
  return { behaviour: (key) => passiveResource(reader, key), spawn: { mailboxMessagesMax: 64, overflow: 'reject' } };
}

function passiveResource(reader: ResourceReader, key: string): Behaviour<null, Posted> {
  return {
    initialState: () => null,
    receive: (state, message) => {
      message.reply?.(answer(reader, key, message.body));
      return state;
    },
  };
}

/** Undefined when the question is not understood. */
function answer(reader: ResourceReader, key: string, question: unknown): unknown {
  const type = typeof question === 'object' && question !== null && 'type' in question ? question.type : undefined;
  if (type === 'describe')
    return { object: reader.object(key) ?? null, events: reader.events(key), actors: reader.actors(key) };
  if (type === 'state') return { exists: reader.object(key) !== undefined, actors: reader.actors(key) };
  return type === 'events' ? reader.events(key) : undefined;
}
