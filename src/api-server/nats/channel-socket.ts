/** Conversations over NATS as the WebSocket that the stream handlers speak to. */
import { badRequest } from '../../api/index.ts';
import {
  type Arrival,
  type ControlMessage,
  openWindow,
  receiveNumber,
  streamFrameBytesMax,
  streamWindowFrames,
  takeMessages,
} from '../../protocol/index.ts';
import { type MessageSocket, utf8 } from '../request.ts';
import type { OutgoingStream } from './outgoing-stream.ts';

/** The client gets its credit back in portions. */
const creditFrames = streamWindowFrames / 4;
/** What v5.channel.k8s.io puts before the number of a channel that ends. */
const closeChannel = 255;
const channelMax = 254;

/**
 * exec, attach and port-forward over NATS: the stream as the WebSocket that the handlers speak to, in
 * v5.channel.k8s.io. The client's frames are numbered from 1; it may be `streamWindowFrames` ahead of the last one that
 * was acknowledged. A frame that came twice is dropped; a gap, or a flood, ends the stream rather than corrupt it.
 */
export function channelSocket(stream: OutgoingStream): MessageSocket {
  let listener: (data: Uint8Array, binary: boolean) => void = () => undefined;
  const window = openWindow({ receiveMax: streamWindowFrames, acknowledgeEvery: creditFrames });
  let held = false;

  const credit = (): void => {
    const acknowledged = held ? undefined : takeMessages(window, window.received - window.taken);
    if (acknowledged !== undefined) stream.publish({ acknowledged });
  };
  stream.onControl((frame) => {
    const arrival = receiveNumber(window, frame.seq ?? 0);
    if (arrival === 'repeated') return;
    const refusal = refusalOf(frame, arrival, window.received);
    if (refusal !== undefined) {
      stream.end(badRequest(refusal));
      return;
    }
    const channel = frame.channel ?? 0;
    listener(frame.end === true ? Uint8Array.of(closeChannel, channel) : prefixed(channel, dataOf(frame)), true);
    credit();
  });
  return {
    send: (data) => {
      const bytes = typeof data === 'string' ? utf8(data) : data;
      stream.send({ type: 'data', channel: bytes[0] ?? 0, data: bytes.subarray(1) });
      return !stream.full;
    },
    onMessage: (listen) => {
      listener = listen;
    },
    hold: (on) => {
      held = on;
      credit();
    },
    onDrain: (drained) => {
      stream.onDrain(drained);
    },
    onClose: (closed) => {
      stream.onClose(closed);
    },
    close: () => {
      stream.end();
    },
  };
}

/** `received`: the last frame that came in order. */
function refusalOf(frame: ControlMessage, arrival: Arrival, received: number): string | undefined {
  const { seq = 0, channel = 0 } = frame;
  if (arrival === 'lost') return `frame ${seq} came where ${received + 1} was due: frames of the stream were lost`;
  if (arrival === 'overrun')
    return (
      `frame ${seq} was sent before its turn: ` +
      `at most ${streamWindowFrames} may be under way without an acknowledgement`
    );
  if (!Number.isInteger(channel) || channel < 0 || channel > channelMax)
    return `channel must be a number from 0 to ${channelMax}`;
  if (dataOf(frame).byteLength > streamFrameBytesMax) return `a frame may carry ${streamFrameBytesMax} bytes at most`;
  return undefined;
}

/** The bytes of a frame; in JSON they come as base64. */
function dataOf({ data }: ControlMessage): Uint8Array {
  if (data instanceof Uint8Array) return data;
  return typeof data === 'string' ? Buffer.from(data, 'base64') : new Uint8Array(0);
}

function prefixed(channel: number, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(data.byteLength + 1);
  bytes[0] = channel;
  bytes.set(data, 1);
  return bytes;
}
