import { limits, type Metrics, silentMetrics } from '../base/index.ts';
import { type Bus, BusError, type PeerLinks, type Subjects } from '../bus/index.ts';
import { encodeFrame, FrameReader, framePieces } from './bus-frame.ts';
import type { StoreMessage } from './store-message.ts';
import type { StoreTransport } from './transport.ts';

export interface BusTransportOptions {
  readonly bus: Bus;
  readonly subjects: Pick<Subjects, 'raft'>;
  /** This member's name. */
  readonly member: string;
  /** Direct connections: a message takes one where it is open, and the bus otherwise. */
  readonly links?: PeerLinks;
  readonly metrics?: Metrics;
  /** Larger frames travel in pieces; default a little less than the bus takes. */
  readonly payloadBytesMax?: number;
}

/** A transport that can be ended. */
export interface BusTransport extends StoreTransport {
  close(): void;
}

/**
 * Members' messages over the bus: one subject a member. What one turn of the event loop sends to a member travels as one frame.
 * A closed or broken connection loses messages, as Raft expects; nothing is kept for later.
 */
export function busTransport(options: BusTransportOptions): BusTransport {
  const { bus, subjects, member, metrics = silentMetrics, payloadBytesMax = limits.busPayloadBytesMax - 1024, links } = options;
  const outgoing = new Map<string, StoreMessage[]>();
  const reader = new FrameReader();
  let listener: ((message: StoreMessage) => void) | undefined;
  let frames = 0;

  const flush = (): void => {
    for (const [to, messages] of outgoing) {
      const whole = encodeFrame(messages);
      if (links?.send(to, whole) === true) continue;
      frames += 1;
      for (const payload of framePieces(whole, { from: member, id: frames, payloadBytesMax })) publish(bus, subjects.raft(to), payload);
    }
    outgoing.clear();
  };
  const receive = (payload: Uint8Array): void => {
    const messages = reader.read(payload);
    if (messages === undefined) metrics.count('troupe_store_malformed_frames_total');
    else for (const message of messages) if (message.to === member && message.from !== member) listener?.(message);
  };
  const subscription = bus.subscribe(subjects.raft(member), ({ payload }) => { receive(payload); });
  links?.onPayload(receive);
  return {
    send: (to, message) => {
      const waiting = outgoing.get(to);
      if (waiting !== undefined) waiting.push(message);
      else {
        outgoing.set(to, [message]);
        if (outgoing.size === 1) queueMicrotask(flush);
      }
    },
    onMessage: (call) => { listener = call; },
    close: () => {
      listener = undefined;
      subscription.close();
    },
  };
}

function publish(bus: Bus, subject: string, payload: Uint8Array): void {
  try {
    bus.publish(subject, payload);
  } catch (error) {
    // At most once: a message that cannot leave is lost, and Raft sends what matters again.
    if (!(error instanceof BusError)) throw error;
  }
}
