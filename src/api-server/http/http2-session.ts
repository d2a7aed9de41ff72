/** HTTP/2 connections: each stream a request and its answer. */
import {
  constants,
  type IncomingHttpHeaders,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { errorMessage, limits, type Logger } from '../../base/index.ts';
import type { ApiHandler } from '../handler.ts';
import { type ApiHttpRequest, type BodySink, type Headers, noBytes } from '../request.ts';
import { type BodyBudget, BodyReading } from './body-budget.ts';
import type { ClientCertificates } from './client-certificate.ts';
import { freshBuffer, gathered } from './gathering.ts';
import { type AnswerHeaders, type Outgoing, waitingBytesMax } from './outgoing.ts';
import { goneListener } from './gone-listener.ts';
import { writeResponse } from './response-writing.ts';

interface Http2Ports {
  readonly bodies: BodyBudget;
  readonly handler: ApiHandler;
  readonly log: Logger;
  readonly certificates: ClientCertificates;
}

const { streamsPerConnectionMax, headerBytesMax } = limits;
/**
 * Turns of `tick` (every five seconds) after which a client that says nothing more is given up: at the beginning,
 * within a request, between requests.
 */
const ticksMax = { preface: 2, request: 12, idle: 24 };
export const tickMs = 5_000;

/** What may come at most: 33 resets a second, after a first burst, end the connection (CVE-2023-44487). */
const protections = {
  maxSessionInvalidFrames: 100,
  maxSessionRejectedStreams: 100,
  maxOutstandingSettings: 10,
  streamResetBurst: 2 * streamsPerConnectionMax,
  streamResetRate: 33,
  maxSettings: 32,
};
/** A body of the largest size is taken without waiting for the client to hear of it. */
const settings = {
  maxConcurrentStreams: streamsPerConnectionMax,
  maxHeaderListSize: headerBytesMax,
  // A head has nine frames at most.
  maxFrameSize: headerBytesMax,
  initialWindowSize: 1024 * 1024,
  enablePush: false,
};

interface StreamHead {
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn, as sent. */
  readonly raw: readonly string[];
  /** No body follows. */
  readonly whole: boolean;
}

/** One HTTP/2 connection (RFC 9113): as many streams at a time as Kubernetes allows, each a request and its answer. */
export class Http2Session {
  readonly #session: ServerHttp2Session;
  readonly #socket: TLSSocket;
  readonly #ports: Http2Ports;
  readonly #remoteAddress: string | undefined;
  /** Requests whose bodies are not complete, with the turns that they have taken. */
  readonly #incomplete = new Map<ServerHttp2Stream, number>();
  /** Streams whose answers last. */
  readonly #lasting = new Set<ServerHttp2Stream>();
  #open = 0;
  /** Requests that are worked on, the abandoned ones too. */
  #working = 0;
  #greeted = false;
  #quietTicks = 0;

  constructor(socket: TLSSocket, ports: Http2Ports) {
    this.#socket = socket;
    this.#ports = ports;
    this.#remoteAddress = socket.remoteAddress;
    ports.certificates.of(socket);
    this.#session = performServerHandshake(socket, { settings, ...protections });
    this.#session.on(
      'stream',
      (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, flags: number, raw: string[]) => {
        this.#take(stream, { headers, raw, whole: (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0 });
      },
    );
    this.#session.once('remoteSettings', () => {
      this.#greeted = true;
    });
    this.#session.on('error', () => {
      this.#session.destroy();
    });
  }

  /** Answers are under way. */
  get busy(): boolean {
    return this.#open > 0;
  }

  /** Takes no further requests, as the client is told; answers that last come to their end. */
  drain(): void {
    for (const stream of this.#lasting) stream.end();
    this.#session.close();
  }

  /** Gives up what has been silent for too long. Called every `tickMs`. */
  tick(): void {
    for (const [stream, ticks] of this.#incomplete) {
      if (ticks >= ticksMax.request) stream.close(constants.NGHTTP2_CANCEL);
      else this.#incomplete.set(stream, ticks + 1);
    }
    this.#quietTicks = this.#open > 0 ? 0 : this.#quietTicks + 1;
    if (!this.#greeted && this.#quietTicks >= ticksMax.preface) this.#session.destroy();
    else if (this.#quietTicks >= ticksMax.idle) this.#end();
  }

  /**
   * A client that pings without asking for anything is not idle to its own mind: after the next turns it is cut off.
   */
  #end(): void {
    if (this.#session.closed) this.#session.destroy();
    else this.#session.close();
  }

  #take(stream: ServerHttp2Stream, head: StreamHead): void {
    stream.on('error', () => {
      stream.destroy();
    });
    if (this.#working >= 2 * streamsPerConnectionMax) {
      this.#session.destroy(undefined, constants.NGHTTP2_ENHANCE_YOUR_CALM);
      return;
    }
    this.#open += 1;
    this.#quietTicks = 0;
    stream.once('close', () => {
      this.#open -= 1;
      this.#incomplete.delete(stream);
      this.#lasting.delete(stream);
    });
    const { headers } = head;
    const path = headers[':path'];
    if (path === undefined || !path.startsWith('/') || namesOtherHost(head.raw)) {
      stream.respond({ ':status': 400 }, { endStream: true });
      return;
    }
    const request = this.#requestOf(stream, head, path);
    if (head.whole) this.#answer(stream, request);
    else this.#read(stream, request, headers['expect'] === '100-continue');
  }

  #requestOf(stream: ServerHttp2Stream, { headers, raw }: StreamHead, path: string): ApiHttpRequest {
    const mark = path.indexOf('?');
    return {
      method: headers[':method'] ?? 'GET',
      path: mark < 0 ? path : path.slice(0, mark),
      query: mark < 0 ? '' : path.slice(mark + 1),
      headers: fieldsOf(raw),
      body: noBytes,
      remoteAddress: this.#remoteAddress,
      certificate: this.#ports.certificates.of(this.#socket),
      onGone: goneListener(stream),
    };
  }

  /** Takes the body, up to the limit; what is beyond is read and dropped, so that the refusal can be answered. */
  #read(stream: ServerHttp2Stream, request: ApiHttpRequest, expects: boolean): void {
    this.#incomplete.set(stream, 0);
    if (expects) stream.additionalHeaders({ ':status': 100 });
    const reading = new BodyReading(this.#ports.bodies, this.#remoteAddress);
    stream.on('data', (chunk: Buffer) => {
      reading.add(chunk);
    });
    let ended = false;
    stream.once('close', () => {
      if (!ended) reading.release();
    });
    stream.once('end', () => {
      // A request that was given up half way ends, too; it must not be carried out.
      if (!this.#incomplete.delete(stream) || stream.aborted || stream.rstCode !== constants.NGHTTP2_NO_ERROR) return;
      ended = true;
      this.#answer(stream, { ...request, ...reading.body }, () => {
        reading.release();
      });
    });
  }

  /** `done`: the request's body is not needed any more. */
  #answer(stream: ServerHttp2Stream, request: ApiHttpRequest, done: () => void = () => undefined): void {
    this.#working += 1;
    void this.#ports
      .handler(request)
      .finally(done)
      .then((response) => {
        this.#working -= 1;
        writeResponse(
          request,
          response,
          outgoingOf(stream, () => {
            this.#lasting.add(stream);
          }),
        );
      })
      .catch((error: unknown) => {
        this.#ports.log.error('cannot write an answer', { path: request.path, error: errorMessage(error) });
        stream.close(constants.NGHTTP2_INTERNAL_ERROR);
      });
  }
}

/** Whether a Host field says something else than the authority, or another Host field. */
function namesOtherHost(raw: readonly string[]): boolean {
  const hosts = new Set<string | undefined>();
  for (let i = 0; i < raw.length; i += 2) if (raw[i] === ':authority' || raw[i] === 'host') hosts.add(raw[i + 1]);
  return hosts.size > 1;
}

/**
 * Header fields by their names; repeated ones stay apart, as impersonation needs them. The authority stands in for the
 * Host field.
 */
function fieldsOf(raw: readonly string[]): Headers {
  const fields: Record<string, string | string[]> = Object.create(null) as Record<string, string | string[]>;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] ?? '';
    const value = raw[i + 1] ?? '';
    const known = fields[name];
    if (name.startsWith(':')) {
      if (name === ':authority') fields['host'] ??= value;
    } else if (known === undefined) fields[name] = value;
    else if (name === 'cookie') fields[name] = `${String(known)}; ${value}`;
    else fields[name] = [known, value].flat();
  }
  return fields;
}

function outgoingOf(stream: ServerHttp2Stream, lasts: () => void): Outgoing {
  const respond = (status: number, headers: AnswerHeaders, endStream: boolean): void => {
    const { connection: _connection, 'transfer-encoding': _encoding, 'keep-alive': _keepAlive, ...fields } = headers;
    stream.respond({ ':status': status, ...fields }, { endStream });
  };
  return {
    send(status, headers, pieces) {
      if (stream.destroyed || stream.closed) return;
      const joined = [...gathered(pieces, freshBuffer)];
      const last = joined.pop();
      respond(status, headers, last === undefined);
      if (last === undefined) return;
      for (const piece of joined) stream.write(piece);
      stream.end(last);
    },
    stream(status, headers) {
      if (!stream.destroyed && !stream.closed) {
        respond(status, headers, false);
        lasts();
      }
      return sinkOf(stream);
    },
  };
}

function sinkOf(stream: ServerHttp2Stream): BodySink {
  return {
    write(bytes) {
      if (stream.destroyed || stream.closed || stream.writableEnded) return false;
      if (bytes.byteLength > 0) stream.write(bytes);
      return stream.writableLength < waitingBytesMax;
    },
    end: () => {
      stream.end();
    },
    abort: () => {
      stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    },
    get full() {
      return stream.writableNeedDrain;
    },
    onDrain: (listener) => {
      stream.on('drain', listener);
    },
    onClose(listener) {
      if (stream.destroyed || stream.closed) listener();
      else stream.once('close', listener);
    },
  };
}
