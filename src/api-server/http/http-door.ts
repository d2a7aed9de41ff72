/** The HTTP door: TLS connections on one port, and how they end. */
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { assert, delay, errorMessage, limits, type Logger, type Timers, tlsCiphers } from '../../base/index.ts';
import type { ApiHandler } from '../handler.ts';
import { BodyBudget } from './body-budget.ts';
import { type Authorities, ClientCertificates } from './client-certificate.ts';
import { HeadWriter } from './answer-head.ts';
import { BufferPool } from './gathering.ts';
import { SharedChunks } from './outgoing.ts';
import { Http2Session, tickMs } from './http2-session.ts';
import { nodeOutgoing } from './node-outgoing.ts';
import { PlainConnection, type PlainConnectionPorts } from './plain-connection.ts';
import { hasTwoHosts, readRequest } from './request-reading.ts';
import { writeResponse } from './response-writing.ts';
import { upgradeListener } from './websocket.ts';

export interface TlsOptions extends Authorities {
  /** PEM texts. */
  readonly certificate: string;
  readonly key: string;
}

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
  /** Several processes listen there, each with `shared`; the kernel gives each connection to one (SO_REUSEPORT). */
  readonly shared?: boolean | undefined;
}

interface HttpDoorOptions {
  readonly handler: ApiHandler;
  readonly tls: TlsOptions;
  readonly listen: ListenAddress;
  readonly log: Logger;
  readonly timers: Timers;
}

interface HttpDoor {
  readonly port: number;
  /**
   * Takes a renewed certificate for new connections, and ends those of clients whose certificate is believed no longer.
   */
  renew(tls: TlsOptions): void;
  /** Stops listening, finishes the answers that are under way within some seconds, and ends those that last. */
  close(): Promise<void>;
}

/**
 * Idle connections are kept longer than clients keep them (client-go: 90 s), so that no request meets a closing one.
 */
const keepAliveMs = 120_000;
/** A client whose machine is gone says nothing more: after so long a silence the system asks for it. */
const probeMs = 30_000;
/** A client that takes longer over a handshake, a request's head (Kubernetes: 32 s) or a whole request is cut off. */
const slowest = {
  handshakeTimeout: 10_000,
  headersTimeout: 32_000,
  requestTimeout: 60_000,
  connectionsCheckingInterval: 5_000,
};

/** How long answers that are under way may take, and clients to learn that their connection is of no more use. */
const finishMs = 5_000;
const noticeMs = 200;
const lookMs = 20;

/**
 * HTTP/2 and HTTP/1.1 over TLS, as the client chooses in its handshake (ALPN). Clients may show a certificate; without
 * one, or with a foreign one, they are judged by their token. Rejects when the port cannot be bound.
 */
export function openHttpDoor(options: HttpDoorOptions): Promise<HttpDoor> {
  return new TlsDoor(options).listen();
}

class TlsDoor implements HttpDoor {
  readonly #options: HttpDoorOptions;
  readonly #server: Server;
  readonly #connections = new Map<TLSSocket, PlainConnection | Http2Session>();
  readonly #certificates = new ClientCertificates();
  readonly #bodies = new BodyBudget();
  readonly #chunks = new SharedChunks();
  #authorities: Authorities;
  /** Requests in Node's own machinery. */
  #answering = 0;
  /** No answer may promise that its connection goes on. */
  #draining = false;

  constructor(options: HttpDoorOptions) {
    this.#options = options;
    this.#authorities = options.tls;
    this.#server = createServer({
      ...secureContext(options.tls),
      requestCert: true,
      rejectUnauthorized: false,
      ALPNProtocols: ['h2', 'http/1.1'],
      keepAliveTimeout: keepAliveMs,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: probeMs,
      maxHeaderSize: limits.headerBytesMax,
      ...slowest,
    });
    this.#serveConnections();
    this.#server.on('request', (incoming: IncomingMessage, outgoing: ServerResponse) => {
      this.#answer(incoming, outgoing);
    });
    this.#server.on('upgrade', upgradeListener(options.handler, this.#certificates));
    this.#server.on('clientError', refuse);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  listen(): Promise<HttpDoor> {
    const { listen, log } = this.#options;
    const server = this.#server;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      const { host, port, shared = false } = listen;
      server.listen({ host, port, reusePort: shared }, () => {
        server.off('error', reject);
        server.on('error', (error) => {
          log.error('the HTTP door failed', { error: errorMessage(error) });
        });
        resolve(this);
      });
    });
  }

  renew(tls: TlsOptions): void {
    this.#authorities = tls;
    this.#server.setSecureContext(secureContext(tls));
    for (const [socket, connection] of this.#connections)
      if (!this.#certificates.isBelieved(socket, tls)) this.#end(socket, connection);
  }

  /** Answers that are under way are finished. */
  #end(socket: TLSSocket, connection: PlainConnection | Http2Session): void {
    connection.drain();
    if ('endIdle' in connection) connection.endIdle();
    this.#options.timers.after(finishMs, () => {
      socket.destroy();
    });
  }

  async close(): Promise<void> {
    const { timers } = this.#options;
    this.#draining = true;
    for (const connection of this.#connections.values()) connection.drain();
    // A client that was just sending gets its answer, and with it the word that no other will come.
    if (this.#connections.size > 0) await delay(timers, noticeMs);
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
    for (const connection of this.#connections.values()) if ('endIdle' in connection) connection.endIdle();
    for (let waitedMs = 0; waitedMs < finishMs && this.#busy; waitedMs += lookMs) await delay(timers, lookMs);
    for (const socket of this.#connections.keys()) socket.destroy();
    await closed;
  }

  get #busy(): boolean {
    return this.#answering > 0 || [...this.#connections.values()].some((connection) => connection.busy);
  }

  /**
   * Puts HTTP/2 and plain connections before Node's own machinery, which then gets only those that turn out to be
   * others.
   */
  #serveConnections(): void {
    const server = this.#server;
    const [machinery] = server.listeners('secureConnection') as ((this: Server, socket: TLSSocket) => void)[];
    assert(machinery !== undefined, 'an HTTPS server listens for its connections');
    server.off('secureConnection', machinery);
    const ports = this.#connectionPorts((socket) => {
      machinery.call(server, socket);
    });
    const ticking = this.#options.timers.every(tickMs, () => {
      for (const connection of this.#connections.values()) connection.tick();
    });
    server.once('close', () => {
      ticking.cancel();
    });
    server.on('secureConnection', (socket: TLSSocket) => {
      this.#certificates.judge(socket, this.#authorities);
      const bodies = this.#bodies;
      this.#take(
        socket,
        socket.alpnProtocol === 'h2'
          ? new Http2Session(socket, { ...ports, bodies })
          : new PlainConnection(socket, ports),
      );
    });
  }

  #connectionPorts(otherwise: PlainConnectionPorts['otherwise']): PlainConnectionPorts {
    const { handler, log } = this.#options;
    const [certificates, chunks] = [this.#certificates, this.#chunks];
    return { handler, log, otherwise, certificates, chunks, buffers: new BufferPool(), heads: new HeadWriter() };
  }

  #take(socket: TLSSocket, connection: PlainConnection | Http2Session): void {
    this.#connections.set(socket, connection);
    if (this.#draining) connection.drain();
    socket.once('close', () => {
      this.#connections.delete(socket);
    });
  }

  #answer(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { handler, log } = this.#options;
    if (hasTwoHosts(incoming)) {
      outgoing.writeHead(400, { connection: 'close' }).end();
      return;
    }
    this.#answering += 1;
    outgoing.once('close', () => {
      this.#answering -= 1;
    });
    const [certificates, bodies] = [this.#certificates, this.#bodies];
    readRequest(incoming, { certificates, bodies }, (request) =>
      handler(request)
        .then((response) => {
          if (this.#draining) outgoing.shouldKeepAlive = false;
          writeResponse(request, response, nodeOutgoing(outgoing, this.#chunks));
        })
        .catch((error: unknown) => {
          log.error('cannot write an answer', { path: request.path, error: errorMessage(error) });
          outgoing.destroy();
        }),
    );
  }
}

interface SecureContext {
  readonly cert: string;
  readonly key: string;
  readonly ca: string | string[];
  readonly minVersion: 'TLSv1.2';
  readonly ciphers: string;
}

function secureContext({ certificate, key, clientCa, frontProxyCa }: TlsOptions): SecureContext {
  const ca = frontProxyCa === undefined ? clientCa : [clientCa, frontProxyCa];
  return { cert: certificate, key, ca, minVersion: 'TLSv1.2', ciphers: tlsCiphers };
}

const refusals: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
};

/** How long a refused client may go on sending. */
const lingerMs = 1_000;

/**
 * Says why, and closes soon, whether the client closes or not. What it still sends is thrown away meanwhile: a
 * connection that is closed with bytes unread is reset, and the client would not read why.
 */
function refuse(error: Error, socket: Duplex): void {
  const code = 'code' in error ? String(error.code) : '';
  const status = refusals[code] ?? '400 Bad Request';
  if (!socket.writable || !(socket instanceof Socket)) {
    socket.destroy();
    return;
  }
  const end = performance.now() + lingerMs;
  socket.on('data', () => {
    if (performance.now() > end) socket.destroy();
  });
  socket.setTimeout(lingerMs, () => {
    socket.destroy();
  });
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\n\r\n`);
}
