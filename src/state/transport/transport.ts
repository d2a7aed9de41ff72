/** The port that carries messages between members, and their plain codec. */
import { Packr } from 'msgpackr';
import type { StoreMessage } from './store-message.ts';

/**
 * Carries messages between members. At most once and out of order is enough; a message is gone after `send`, and its
 * loss shows only as time.
 */
export interface StoreTransport {
  send(to: string, message: StoreMessage): void;
  /** Called with each message for this member. One listener. */
  onMessage(listener: (message: StoreMessage) => void): void;
}

/**
 * Runs when this turn's messages have left: the first turn of the queue hands them to the bus, the second one to the
 * socket.
 */
export function afterMessages(run: () => void): void {
  queueMicrotask(() => {
    queueMicrotask(run);
  });
}

/** Binary values are copied out of what was received: entries live longer than the network's buffers. */
const codec = new Packr({ useRecords: false, variableMapSize: true, copyBuffers: true });

/** The bytes of one message. */
export function encodeMessage(message: StoreMessage): Uint8Array {
  return Uint8Array.from(codec.pack(message));
}

export function decodeMessage(bytes: Uint8Array): StoreMessage {
  return codec.unpack(bytes) as StoreMessage;
}
