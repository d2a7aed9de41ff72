/** The transport over the bus and the direct links between members. */
import { limits, type Metrics, silentMetrics } from '../../base/index.ts';
import { type Bus, BusError, type PeerLinks, type Subjects } from '../../bus/index.ts';
import { encodeFrame, FrameReader, framePieces } from './bus-frame.ts';
import type { StoreMessage } from './store-message.ts';
import type { StoreTransport } from './transport.ts';

export interface BusTransportOptions {
  readonly bus: Bus;
  readonly subjects: Pick<Subjects, 'raft'>;
  /** This member's name. */
  readonly member: string;
  /** Direct connections: a message takes one where it is open, and the bus otherwise. */
  readonly links?: PeerLinks | undefined;
  readonly metrics?: Metrics | undefined;
  /** Larger frames travel in pieces; default a little less than the bus takes. */
  readonly payloadBytesMax?: number | undefined;
}

/** A frame takes no further message when it has so many bytes. */
const groupBytes = 256 * 1024;

/** A transport that can be ended. */
export interface BusTransport extends StoreTransport {
  close(): void;
}

/**
 * Members' messages over the bus: one subject a member. What one turn of the event loop sends to a member travels as
 * one frame, unless it is much. A closed or broken connection loses messages, as Raft expects; nothing is kept for
 * later.
 */
export function busTransport(options: BusTransportOptions): BusTransport {
  const {
    bus,
    subjects,
    member,
    metrics = silentMetrics,
    payloadBytesMax = limits.busPayloadBytesMax - 1024,
    links,
  } = options;
  const outgoing = new Map<string, StoreMessage[]>();
  const reader = new FrameReader();
  let listener: ((message: StoreMessage) => void) | undefined;
  let frames = 0;

  const dispatch = (to: string, whole: Uint8Array): void => {
    if (links?.send(to, whole) === true) return;
    frames += 1;
    for (const payload of framePieces(whole, { from: member, id: frames, payloadBytesMax }))
      publish(bus, subjects.raft(to), payload);
  };
  const flush = (): void => {
    for (const [to, messages] of outgoing) for (const group of groupsOf(messages)) dispatch(to, encodeFrame(group));
    outgoing.clear();
  };
  const receive = (payload: Uint8Array): void => {
    const messages = reader.read(payload);
    if (messages === undefined) metrics.count('troupe_store_malformed_frames_total');
    else for (const message of messages) if (message.to === member && message.from !== member) listener?.(message);
  };
  const subscription = bus.subscribe(subjects.raft(member), ({ payload }) => {
    receive(payload);
  });
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
    onMessage: (call) => {
      listener = call;
    },
    close: () => {
      listener = undefined;
      subscription.close();
    },
  };
}

/**
 * Cuts what one turn sends, so that a follower that catches up does not get all of it as one huge frame: making that
 * would stop everything else.
 */
function groupsOf(messages: readonly StoreMessage[]): readonly (readonly StoreMessage[])[] {
  if (messages.length === 1) return [messages];
  const groups: StoreMessage[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const message of messages) {
    if (bytes >= groupBytes) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1)?.push(message);
    bytes += sizeOf(message);
  }
  return groups;
}

/** About how many bytes a message takes: what it carries decides. */
function sizeOf(message: StoreMessage): number {
  if (message.type === 'append') return message.entries.reduce((sum, { data }) => sum + data.length + 32, 0);
  if (message.type === 'propose') return message.data.reduce((sum, data) => sum + data.length, 0);
  return message.type === 'snapshot-chunk' ? message.data.length : 0;
}

function publish(bus: Bus, subject: string, payload: Uint8Array): void {
  try {
    bus.publish(subject, payload);
  } catch (error) {
    // At most once: a message that cannot leave is lost, and Raft sends what matters again.
    if (!(error instanceof BusError)) throw error;
  }
}
