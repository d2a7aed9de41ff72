/** Streamed answers over a WebSocket. */
import {
  type ApiHttpResponse,
  type BodySink,
  type BodyStream,
  type MessageSocket,
  textOf,
  type Upgrade,
} from '../request.ts';

/** A browser's WebSocket cannot have an Authorization field: the token is then among the protocols. */
const bearerPrefix = 'base64url.bearer.authorization.k8s.io.';
export const isCredential = (protocol: string): boolean => protocol.startsWith(bearerPrefix);

/**
 * A streamed answer over a WebSocket, as kube-apiserver offers for watches: each line of JSON is a message. Browsers
 * need it, since they open only six HTTP/1.1 connections to one server. Undefined: the answer is no stream.
 */
export function streamUpgrade(
  { status, headers, body }: ApiHttpResponse,
  offered: readonly string[],
): Upgrade | undefined {
  if (status !== 200 || typeof body !== 'function') return undefined;
  const lines = String(headers['content-type']).startsWith('application/json');
  return {
    protocol: offered.find((name) => !isCredential(name)) ?? '',
    run: (socket) => {
      streamTo(socket, body, lines);
    },
  };
}

function streamTo(socket: MessageSocket, body: BodyStream, lines: boolean): void {
  const sink: BodySink = {
    full: false,
    write: (bytes) => {
      if (!lines) return socket.send(bytes);
      let taken = true;
      for (const line of textOf(bytes).split('\n')) if (line !== '') taken = socket.send(line);
      return taken;
    },
    end: () => {
      socket.close(1000, '');
    },
    abort: () => {
      socket.close(1011, '');
    },
    onDrain: (listener) => {
      socket.onDrain(listener);
    },
    onClose: (listener) => {
      socket.onClose(listener);
    },
  };
  body(sink);
}
