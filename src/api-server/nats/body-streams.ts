/** Streamed answers as messages of a stream over NATS. */
import { serviceUnavailable, type StatusError } from '../../api/index.ts';
import type { BodySink } from '../request.ts';
import type { OutgoingStream } from './outgoing-stream.ts';

const newline = 0x0a;
/** The largest piece of bytes in one message, as nodes send them. */
const pieceBytes = 32 * 1024;
/** Bytes without channels are standard output. */
const output = 1;

/** A watch: each line of the body is one event. */
export function eventSink(stream: OutgoingStream): BodySink {
  return sinkOf(stream, (bytes, traces) => {
    let from = 0;
    let taken = true;
    for (let at = bytes.indexOf(newline), line = 0; at >= 0; at = bytes.indexOf(newline, from), line++) {
      const traceparent = traces?.[line];
      taken = stream.send({ type: 'event', json: bytes.subarray(from, at), traceparent });
      from = at + 1;
    }
    return taken;
  });
}

/** Bytes as they come, such as a log that is followed. */
export function byteSink(stream: OutgoingStream): BodySink {
  return sinkOf(stream, (bytes) => {
    let taken = true;
    for (let at = 0; at < bytes.byteLength; at += pieceBytes)
      taken = stream.send({ type: 'data', channel: output, data: bytes.subarray(at, at + pieceBytes) });
    return taken;
  });
}

function sinkOf(stream: OutgoingStream, write: BodySink['write']): BodySink {
  return {
    write,
    end: () => {
      stream.end();
    },
    abort: () => {
      stream.end(brokenOff());
    },
    get full() {
      return stream.full;
    },
    onDrain: (listener) => {
      stream.onDrain(listener);
    },
    onClose: (listener) => {
      stream.onClose(listener);
    },
  };
}

/** What stands for the rest of an answer that its source broke off. */
export const brokenOff = (): StatusError => serviceUnavailable('the answer was broken off before its end');

/** Nobody reads: each write says so. */
export const closedSink: BodySink = {
  write: () => false,
  end: () => undefined,
  abort: () => undefined,
  full: false,
  onDrain: () => undefined,
  onClose: (listener) => {
    listener();
  },
};
