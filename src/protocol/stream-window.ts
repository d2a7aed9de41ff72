/** One end of a stream of numbered, acknowledged messages: who may send, what arrived in order, what to acknowledge. */

/**
 * The state of one end. Both directions number their messages from 1 and acknowledge apart from each other:
 *
 *     this end --- 1, 2, ... sent ------------------------> other end     acknowledged <= sent
 *     this end <-- 1, 2, ... received --------------------- other end     credited <= taken <= received
 *     this end --- "acknowledged: credited" --------------> other end     in portions of `acknowledgeEvery`
 *
 * The state changes in place, and only through the functions of this file; none of them does I/O or knows the time.
 */
export interface StreamWindow {
  /** Messages that this end may send ahead of the other end's acknowledgement; Infinity: it need not acknowledge. */
  readonly sendMax: number;
  /** Messages that the other end may send ahead of this end's acknowledgement; Infinity: it is not checked. */
  readonly receiveMax: number;
  /** Taken messages that make one acknowledgement worth sending. */
  readonly acknowledgeEvery: number;
  /** The number of the last message that was sent; 0: none. */
  readonly sent: number;
  /** The highest of our numbers that the other end acknowledged; it never falls and never passes `sent`. */
  readonly acknowledged: number;
  /** The number of the last message that arrived in order. */
  readonly received: number;
  /** How many of those are dealt with, so that the other end may send as many more. */
  readonly taken: number;
  /** What `takeMessages` last asked to acknowledge. */
  readonly credited: number;
  /** The stream ended: nothing is sent, received or acknowledged any more. It never becomes false again. */
  readonly over: boolean;
}

type StreamWindowLimits = Partial<Pick<StreamWindow, 'sendMax' | 'receiveMax' | 'acknowledgeEvery'>>;

/**
 * What an arriving number means. `next`: the one that was due; deal with the message. `repeated`: it came before; drop
 * it. `lost`: messages before it are missing. `overrun`: the other end sent more than it was allowed to.
 */
export type Arrival = 'next' | 'repeated' | 'lost' | 'overrun';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A stream on which nothing was sent yet. A limit that is not given does not exist. */
export function openWindow({
  sendMax = Infinity,
  receiveMax = Infinity,
  acknowledgeEvery = Infinity,
}: StreamWindowLimits = {}): StreamWindow {
  return {
    sendMax,
    receiveMax,
    acknowledgeEvery,
    sent: 0,
    acknowledged: 0,
    received: 0,
    taken: 0,
    credited: 0,
    over: false,
  };
}

/** True if the next message may be sent now. */
export function mayNumberNext({ over, sent, acknowledged, sendMax }: StreamWindow): boolean {
  return !over && sent - acknowledged < sendMax;
}

/** Numbers the next message. A message that does not wait for room (a heartbeat, the end) may pass the window. */
export function numberNext(window: StreamWindow): number {
  const state: Mutable<StreamWindow> = window;
  state.sent += 1;
  return state.sent;
}

/** The other end acknowledged our messages up to `seq`. True if that made room. */
export function acknowledgeSent(window: StreamWindow, seq: number): boolean {
  const reached = Math.min(seq, window.sent);
  if (window.over || !(reached > window.acknowledged)) return false;
  const state: Mutable<StreamWindow> = window;
  state.acknowledged = reached;
  return true;
}

/** A message of the other end arrived with this number. Only `next` changes the window. */
export function receiveNumber(window: StreamWindow, seq: number): Arrival {
  if (seq <= window.received) return 'repeated';
  if (seq !== window.received + 1) return 'lost';
  if (seq > window.credited + window.receiveMax) return 'overrun';
  const state: Mutable<StreamWindow> = window;
  state.received = seq;
  return 'next';
}

/**
 * The next `count` received messages are dealt with. Returns the number to acknowledge once enough of them are;
 * undefined while there is nothing to say.
 */
export function takeMessages(window: StreamWindow, count = 1): number | undefined {
  const state: Mutable<StreamWindow> = window;
  state.taken += count;
  if (state.over || state.taken - state.credited < state.acknowledgeEvery) return undefined;
  state.credited = state.taken;
  return state.credited;
}

/** Ends the stream. True the first time. */
export function endWindow(window: StreamWindow): boolean {
  if (window.over) return false;
  const state: Mutable<StreamWindow> = window;
  state.over = true;
  return true;
}
