/** An answer through Node's own HTTP response. */
import type { ServerResponse } from 'node:http';
import type { BodySink } from '../request.ts';
import { freshBuffer, gathered } from './gathering.ts';
import {
  joinedBytesMax,
  latin1Of,
  type Outgoing,
  type SharedChunks,
  sharedBytesMax,
  waitingBytesMax,
} from './outgoing.ts';

export function nodeOutgoing(response: ServerResponse, chunks: SharedChunks): Outgoing {
  return {
    send: (status, headers, pieces) => {
      response.writeHead(status, headers);
      const [first] = pieces;
      if (pieces.length === 1 && first !== undefined && first.byteLength <= joinedBytesMax) {
        response.end(latin1Of(first), 'latin1');
        return;
      }
      for (const piece of gathered(pieces, freshBuffer)) response.write(piece);
      response.end();
    },
    stream: (status, headers) => {
      response.writeHead(status, headers);
      response.flushHeaders();
      return sinkOf(response, chunks);
    },
  };
}

function sinkOf(response: ServerResponse, chunks: SharedChunks): BodySink {
  return {
    write: (bytes) => {
      if (response.destroyed || response.writableEnded) return false;
      writeChunk(response, bytes, chunks);
      return response.writableLength < waitingBytesMax;
    },
    end: () => {
      response.end();
    },
    abort: () => {
      if (response.socket === null) response.destroy();
      else response.socket.destroySoon();
    },
    get full() {
      return response.socket?.writableNeedDrain ?? response.writableNeedDrain;
    },
    onDrain: (listener) => {
      const { socket } = response;
      socket?.on('drain', listener);
      response.once('close', () => {
        socket?.off('drain', listener);
      });
    },
    onClose: (listener) => {
      if (response.destroyed) listener();
      else response.once('close', listener);
    },
  };
}

/**
 * Writes one chunk straight to the connection: Node would make three writes of it for every reader. An answer that
 * waits behind another one on its connection (pipelining) has no connection yet and goes the ordinary way.
 */
function writeChunk(response: ServerResponse, bytes: Uint8Array, chunks: SharedChunks): void {
  const { socket } = response;
  if (socket === null || !response.chunkedEncoding || bytes.byteLength === 0 || bytes.byteLength > sharedBytesMax)
    response.write(bytes);
  else socket.write(chunks.of(bytes));
}
