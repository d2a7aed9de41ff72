import { STATUS_CODES } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { errorMessage, type Logger } from '../../base/index.ts';
import type { ApiHandler } from '../handler.ts';
import type { ApiHttpRequest, BodySink } from '../request.ts';
import { certificateOf } from './client-certificate.ts';
import { borrowBuffer, gathered, giveBackBuffer } from './gathering.ts';
import { type AnswerHeaders, chunkOf, joinedBytesMax, latin1Of, type Outgoing, waitingBytesMax } from './outgoing.ts';
import { type HeaderFields, type PlainHead, readPlainHead } from './request-head.ts';
import { writeResponse } from './response-writing.ts';

export interface PlainConnectionPorts {
  readonly handler: ApiHandler;
  readonly log: Logger;
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
    socket.on('data', this.#onData);
    socket.on('error', this.#onError);
  }

  /** An answer is under way. */
  get busy(): boolean {
    return this.#answering;
  }

  /**
   * Gives up what has been idle for too long. Called every five seconds: a timer of its own would be set anew with each
   * read and write.
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
    const certificate = certificateOf(this.#socket);
    const request = { method, path, query, headers: fields.headers, body, remoteAddress: this.#remoteAddress };
    return certificate === undefined ? request : { ...request, certificate };
  }

  #answer(request: ApiHttpRequest): void {
    void this.#ports
      .handler(request)
      .then((response) => {
        writeResponse(request, response, this.#outgoing());
      })
      .catch((error: unknown) => {
        this.#ports.log.error('an answer could not be written', { path: request.path, error: errorMessage(error) });
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
        const head = answerHead(status, this.#last(headers));
        const [first] = pieces;
        if (first === undefined || (pieces.length === 1 && first.byteLength <= joinedBytesMax)) {
          socket.write(first === undefined ? head : head + latin1Of(first), 'latin1');
          this.#answered();
        } else
          writeInTurn(socket, [Buffer.from(head, 'latin1'), ...pieces], () => {
            this.#answered();
          });
      },
      stream: (status, headers) => {
        // There may be very many watches, and few are followed by another request.
        this.#fields = undefined;
        if (!socket.destroyed)
          socket.write(answerHead(status, { ...this.#last(headers), 'transfer-encoding': 'chunked' }), 'latin1');
        return this.#sink();
      },
    };
  }

  #last(headers: AnswerHeaders): AnswerHeaders {
    return this.#draining ? { ...headers, connection: 'close' } : headers;
  }

  #sink(): BodySink {
    const socket = this.#socket;
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
        if (bytes.byteLength > 0) socket.write(chunkOf(bytes));
        return socket.writableLength < waitingBytesMax;
      },
      end,
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
}

/** Sends the pieces, each when the one before it is out, then calls `done`; a connection that breaks ends it. */
function writeInTurn(socket: TLSSocket, pieces: readonly Uint8Array[], done: () => void): void {
  const buffer = borrowBuffer();
  const turns = gathered(pieces, () => buffer);
  const write = (error?: Error | null): void => {
    // What a broken connection may still read is not lent again.
    if (error !== undefined && error !== null) return;
    const next = turns.next();
    if (next.done !== true) {
      socket.write(next.value, write);
      return;
    }
    giveBackBuffer(buffer);
    done();
  };
  write();
}

const outsideFieldValues = /[^\t -~\x80-\xff]/;
/**
 * The newest line of each header: most have the value that they had in the last answer, whose every piece would be put
 * together anew.
 */
const newestLines = new Map<string, { readonly value: string; readonly line: string }>();
const newestLinesMax = 256;

/** The status line and the header fields. Throws for a value that a field cannot hold. */
function answerHead(status: number, headers: AnswerHeaders): string {
  let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`;
  for (const name in headers) {
    const value = headers[name] ?? '';
    if (typeof value === 'string') text += fieldLine(name, value);
    else for (const one of value) text += fieldLine(name, one);
  }
  return `${text}\r\n`;
}

function fieldLine(name: string, value: string): string {
  const newest = newestLines.get(name);
  if (newest?.value === value) return newest.line;
  if (outsideFieldValues.test(value))
    throw new TypeError(`the header ${name} has characters that a header cannot hold`);
  const line = `${name}: ${value}\r\n`;
  if (newest === undefined && newestLines.size >= newestLinesMax) newestLines.clear();
  newestLines.set(name, { value, line });
  return line;
}
