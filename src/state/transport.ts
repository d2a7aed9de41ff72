import { Packr } from 'msgpackr';
import type { Message } from '../raft/core/index.ts';

/**
 * Carries Raft messages between members. At most once and out of order is enough; a message is gone after `send`, and its
 * loss shows only as time.
 */
export interface StoreTransport {
  send(to: string, message: Message): void;
  /** Called with each message for this member. One listener. */
  onMessage(listener: (message: Message) => void): void;
}

const codec = new Packr({ useRecords: false, variableMapSize: true });

/** The bytes of a Raft message on the bus. */
export function encodeMessage(message: Message): Uint8Array {
  return Uint8Array.from(codec.pack(message));
}

export function decodeMessage(bytes: Uint8Array): Message {
  return codec.unpack(bytes) as Message;
}
