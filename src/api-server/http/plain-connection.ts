/** HTTP/1.1 connections whose requests are plain. */
import type { TLSSocket } from 'node:tls';
import { errorMessage, type Logger } from '../../base/index.ts';
import type { ApiHandler } from '../handler.ts';
import type { ApiHttpRequest, BodySink } from '../request.ts';
import { type HeadWriter } from './answer-head.ts';
import { goneListener } from './gone-listener.ts';
import type { ClientCertificates } from './client-certificate.ts';
import { type BufferPool, gathered } from './gathering.ts';
import {
  type AnswerHeaders,
  joinedBytesMax,
  latin1Of,
  type Outgoing,
  type SharedChunks,
  waitingBytesMax,
} from './outgoing.ts';
import { type HeaderFields, type PlainHead, readPlainHead } from './request-head.ts';
import { writeResponse } from './response-writing.ts';

export interface PlainConnectionPorts {
  readonly handler: ApiHandler;
  readonly log: Logger;
  readonly certificates: ClientCertificates;
  readonly chunks: SharedChunks;
  readonly buffers: BufferPool;
  readonly heads: HeadWriter;
  /** Takes a connection over whose next request is not plain; what was read of it is put back. */
  readonly otherwise: (socket: TLSSocket) => void;
}

/**
 * Turns of `tick` after which a connection without a request is given up: it is kept longer than clients keep it
 * (client-go: 90 s), so that no request meets a closing one.
 */
const idleTicksMax = 24;
/** Bytes of further requests that may wait for the present answer before reading pauses. */
const aheadBytesMax = 256 * 1024;
const lastChunk = '0\r\n\r\n';

/**
 * One HTTP/1.1 connection, as long as its requests are plain: each arrives whole and asks for nothing but an answer.
 * That is how clients send nearly all of them, and it takes a third of what Node's general machinery does. The first
 * request of another kind goes, with its connection, to that machinery. Requests are answered one after the other.
 */
export class PlainConnection {
  readonly #socket: TLSSocket;
  readonly #ports: PlainConnectionPorts;
  #fields: HeaderFields | undefined;
  readonly #remoteAddress: string | undefined;
  readonly #onGone: ApiHttpRequest['onGone'];
  #answering = false;
  /** Turns of `tick` since the last request. */
  #idleTicks = 0;
  #draining = false;
  #handedOver = false;
  /** Ends the streamed answer that is under way. */
  #endStream: (() => void) | undefined;
  #ahead: Buffer | undefined;

  constructor(socket: TLSSocket, ports: PlainConnectionPorts) {
    this.#socket = socket;
    this.#ports = ports;
    this.#remoteAddress = socket.remoteAddress;
    this.#onGone = goneListener(socket);
    socket.on('data', this.#onData);
    socket.on('error', this.#onError);
  }

  /** An answer is under way. */
  get busy(): boolean {
    return this.#answering;
  }

  /**
   * Gives up what has been idle for too long. Called every five seconds: a timer for each connection would be reset
   * with each read and write.
   */
  tick(): void {
    this.#idleTicks = this.#answering || this.#handedOver ? 0 : this.#idleTicks + 1;
    if (this.#idleTicks > idleTicksMax) this.#socket.destroy();
  }

  /** From here on each answer says that it is the last of its connection; one that lasts comes to its end. */
  drain(): void {
    this.#draining = true;
    this.#endStream?.();
  }

  /** Ends the connection unless an answer is under way, which ends it then. */
  endIdle(): void {
    if (!this.#answering && !this.#handedOver) this.#socket.end();
  }

  readonly #onError = (): void => {
    this.#socket.destroy();
  };

  readonly #onData = (data: Buffer): void => {
    if (!this.#answering) {
      this.#take(data);
      return;
    }
    this.#ahead = this.#ahead === undefined ? data : Buffer.concat([this.#ahead, data]);
    if (this.#ahead.byteLength > aheadBytesMax) this.#socket.pause();
  };

  #take(data: Buffer): void {
    const head = readPlainHead(data, this.#fields);
    const end = head === undefined ? 0 : head.headBytes + head.fields.bodyBytes;
    if (head === undefined || end > data.byteLength) {
      this.#handOver(data);
      return;
    }
    this.#fields = head.fields;
    this.#answering = true;
    this.#idleTicks = 0;
    this.#ahead = end < data.byteLength ? data.subarray(end) : undefined;
    this.#answer(this.#requestOf(head, data.subarray(head.headBytes, end)));
  }

  #requestOf({ method, path, query, fields }: PlainHead, body: Buffer): ApiHttpRequest {
    const certificate = this.#ports.certificates.of(this.#socket);
    const remoteAddress = this.#remoteAddress;
    const onGone = this.#onGone;
    return { method, path, query, headers: fields.headers, body, remoteAddress, certificate, onGone };
  }

  #answer(request: ApiHttpRequest): void {
    void this.#ports
      .handler(request)
      .then((response) => {
        writeResponse(request, response, this.#outgoing());
      })
      .catch((error: unknown) => {
        this.#ports.log.error('cannot write an answer', { path: request.path, error: errorMessage(error) });
        this.#socket.destroy();
      });
  }

  /** The answer is out; the next request may follow. */
  #answered(): void {
    this.#answering = false;
    const ahead = this.#ahead;
    this.#ahead = undefined;
    if (this.#draining) {
      this.#socket.end();
      return;
    }
    if (this.#socket.isPaused()) this.#socket.resume();
    if (ahead !== undefined && !this.#socket.destroyed) this.#take(ahead);
  }

  #handOver(data: Buffer): void {
    const socket = this.#socket;
    this.#handedOver = true;
    socket.pause();
    socket.off('data', this.#onData);
    socket.off('error', this.#onError);
    socket.unshift(data);
    this.#ports.otherwise(socket);
    socket.resume();
  }

  #outgoing(): Outgoing {
    const socket = this.#socket;
    return {
      send: (status, headers, pieces) => {
        if (socket.destroyed) return;
        const head = this.#ports.heads.text(status, this.#last(headers));
        const [first] = pieces;
        if (first === undefined || (pieces.length === 1 && first.byteLength <= joinedBytesMax)) {
          socket.write(first === undefined ? head : head + latin1Of(first), 'latin1');
          this.#answered();
        } else this.#writeInTurn([Buffer.from(head, 'latin1'), ...pieces]);
      },
      stream: (status, headers) => {
        // There may be very many watches, and few are followed by another request.
        this.#fields = undefined;
        if (!socket.destroyed) socket.write(this.#streamHead(status, headers), 'latin1');
        return this.#sink();
      },
    };
  }

  #streamHead(status: number, headers: AnswerHeaders): string {
    return this.#ports.heads.text(status, { ...this.#last(headers), 'transfer-encoding': 'chunked' });
  }

  #last(headers: AnswerHeaders): AnswerHeaders {
    return this.#draining ? { ...headers, connection: 'close' } : headers;
  }

  #sink(): BodySink {
    const socket = this.#socket;
    const { chunks } = this.#ports;
    const listeners: (() => void)[] = [];
    let ended = socket.destroyed;
    const finish = (): void => {
      if (ended) return;
      ended = true;
      this.#endStream = undefined;
      socket.off('close', finish);
      for (const listener of listeners) listener();
      if (!socket.destroyed) this.#answered();
    };
    if (!ended) socket.once('close', finish);
    const end = (): void => {
      if (!ended) socket.write(lastChunk, 'latin1');
      finish();
    };
    this.#endStream = end;
    if (this.#draining) queueMicrotask(end);
    return {
      write: (bytes) => {
        if (ended) return false;
        if (bytes.byteLength > 0) socket.write(chunks.of(bytes));
        return socket.writableLength < waitingBytesMax;
      },
      end,
      // The last chunk is missing: what was sent goes out, then the connection ends.
      abort: () => {
        if (!ended) socket.destroySoon();
      },
      get full() {
        return socket.writableNeedDrain;
      },
      onDrain: (listener) => {
        socket.on('drain', listener);
        listeners.push(() => {
          socket.off('drain', listener);
        });
      },
      onClose: (listener) => {
        if (ended) listener();
        else listeners.push(listener);
      },
    };
  }

  /** Sends the pieces, each when the one before it is out; a connection that breaks ends it. */
  #writeInTurn(pieces: readonly Uint8Array[]): void {
    const { buffers } = this.#ports;
    const buffer = buffers.borrow();
    const turns = gathered(pieces, () => buffer);
    const write = (error?: Error | null): void => {
      // What a broken connection may still read is not lent again.
      if (error !== undefined && error !== null) return;
      const next = turns.next();
      if (next.done !== true) {
        this.#socket.write(next.value, write);
        return;
      }
      buffers.giveBack(buffer);
      this.#answered();
    };
    write();
  }
}
