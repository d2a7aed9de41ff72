import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { assert, delay, errorMessage, type Logger, type Timers } from '../../base/index.ts';
import type { ApiHandler } from '../handler.ts';
import { judgeCertificate } from './client-certificate.ts';
import { Http2Session, tickMs } from './http2-session.ts';
import { nodeOutgoing } from './node-outgoing.ts';
import { PlainConnection } from './plain-connection.ts';
import { readRequest } from './request-reading.ts';
import { writeResponse } from './response-writing.ts';
import { upgradeListener } from './websocket.ts';

export interface TlsOptions {
  /** PEM texts. */
  readonly certificate: string;
  readonly key: string;
  /** The authority whose client certificates are believed. */
  readonly clientCa: string;
  /** The authority whose certificates front proxies show; absent: there are none. */
  readonly frontProxyCa?: string | undefined;
}

export interface HttpDoorOptions {
  readonly handler: ApiHandler;
  readonly tls: TlsOptions;
  readonly listen: { readonly host: string; readonly port: number };
  readonly log: Logger;
  readonly timers: Timers;
}

export interface HttpDoor {
  readonly port: number;
  /** Takes a renewed certificate for new connections. */
  renew(tls: TlsOptions): void;
  /** Stops listening, finishes the answers that are under way within some seconds, and ends those that last. */
  close(): Promise<void>;
}

/**
 * Idle connections are kept longer than clients keep them (client-go: 90 s), so that no request meets a closing one.
 */
const keepAliveMs = 120_000;
/** Whoever takes longer over a handshake, a request's head (upstream: 32 s) or a whole request is cut off. */
const slowest = {
  handshakeTimeout: 10_000,
  headersTimeout: 32_000,
  requestTimeout: 60_000,
  connectionsCheckingInterval: 5_000,
};

/**
 * HTTP/2 and HTTP/1.1 over TLS, as the client chooses in its handshake (ALPN). Clients may show a certificate; without
 * one, or with a foreign one, they are judged by their token.
 */
export function openHttpDoor(options: HttpDoorOptions): Promise<HttpDoor> {
  const server = createServer({
    ...context(options.tls),
    requestCert: true,
    rejectUnauthorized: false,
    ALPNProtocols: ['h2', 'http/1.1'],
    keepAliveTimeout: keepAliveMs,
    noDelay: true,
    ...slowest,
  });
  const authorities: { tls: TlsOptions } = { tls: options.tls };
  const open: OpenConnections = { connections: new Map(), answering: 0, draining: false };
  servePlainly(server, options, { authorities, open });
  server.on('request', (incoming: IncomingMessage, outgoing: ServerResponse) => {
    answer(options, open, { incoming, outgoing });
  });
  server.on('upgrade', upgradeListener(options.handler));
  server.on('clientError', refuse);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.listen.port, options.listen.host, () => {
      server.off('error', reject);
      server.on('error', (error) => {
        options.log.error('the HTTP door failed', { error: errorMessage(error) });
      });
      resolve(doorOf(server, open, { authorities, timers: options.timers }));
    });
  });
}

function context(tls: TlsOptions): {
  readonly cert: string;
  readonly key: string;
  readonly ca: string | string[];
  readonly minVersion: 'TLSv1.2';
} {
  return {
    cert: tls.certificate,
    key: tls.key,
    ca: tls.frontProxyCa === undefined ? tls.clientCa : [tls.clientCa, tls.frontProxyCa],
    minVersion: 'TLSv1.2',
  };
}

interface OpenConnections {
  readonly connections: Map<TLSSocket, PlainConnection | Http2Session>;
  /** Requests in Node's own machinery. */
  answering: number;
  /** No answer may promise that its connection goes on. */
  draining: boolean;
}

/**
 * Puts HTTP/2 and plain connections before Node's own machinery, which then gets only those that turn out to be others.
 */
function servePlainly(
  server: Server,
  { handler, log, timers }: HttpDoorOptions,
  { authorities, open }: { readonly authorities: { readonly tls: TlsOptions }; readonly open: OpenConnections },
): void {
  const [machinery] = server.listeners('secureConnection') as ((this: Server, socket: TLSSocket) => void)[];
  assert(machinery !== undefined, 'an HTTPS server listens for its connections');
  server.off('secureConnection', machinery);
  const ports = {
    handler,
    log,
    otherwise: (socket: TLSSocket) => {
      machinery.call(server, socket);
    },
  };
  const ticking = timers.every(tickMs, () => {
    for (const connection of open.connections.values()) connection.tick();
  });
  server.once('close', () => {
    ticking.cancel();
  });
  server.on('secureConnection', (socket: TLSSocket) => {
    judgeCertificate(socket, authorities.tls);
    const connection =
      socket.alpnProtocol === 'h2' ? new Http2Session(socket, ports) : new PlainConnection(socket, ports);
    open.connections.set(socket, connection);
    if (open.draining) connection.drain();
    socket.once('close', () => {
      open.connections.delete(socket);
    });
  });
}

/** Says why, and closes without waiting for the client to close too. */
function refuse(error: Error, socket: Duplex): void {
  const status =
    'code' in error && error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : '400 Bad Request';
  if (socket.writable)
    socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\n\r\n`, () => {
      socket.destroy();
    });
  else socket.destroy();
}

/** How long answers that are under way may take, and clients to learn that their connection is of no more use. */
const finishMs = 5_000;
const noticeMs = 200;
const lookMs = 20;

function doorOf(
  server: Server,
  open: OpenConnections,
  { authorities, timers }: { readonly authorities: { tls: TlsOptions }; readonly timers: Timers },
): HttpDoor {
  return {
    port: (server.address() as AddressInfo).port,
    renew: (tls) => {
      authorities.tls = tls;
      server.setSecureContext(context(tls));
    },
    close: async () => {
      open.draining = true;
      for (const connection of open.connections.values()) connection.drain();
      // A client that was just sending gets its answer, and with it the word that no other will come.
      if (open.connections.size > 0) await delay(timers, noticeMs);
      const closed = new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
      for (const connection of open.connections.values()) if ('endIdle' in connection) connection.endIdle();
      for (let waitedMs = 0; waitedMs < finishMs && busy(open); waitedMs += lookMs) await delay(timers, lookMs);
      for (const socket of open.connections.keys()) socket.destroy();
      await closed;
    },
  };
}

const busy = (open: OpenConnections): boolean =>
  open.answering > 0 || [...open.connections.values()].some((connection) => connection.busy);

function answer(
  options: HttpDoorOptions,
  open: OpenConnections,
  { incoming, outgoing }: { readonly incoming: IncomingMessage; readonly outgoing: ServerResponse },
): void {
  open.answering += 1;
  outgoing.once('close', () => {
    open.answering -= 1;
  });
  readRequest(incoming, (request) => {
    void options
      .handler(request)
      .then((response) => {
        if (open.draining) outgoing.shouldKeepAlive = false;
        writeResponse(request, response, nodeOutgoing(outgoing));
      })
      .catch((error: unknown) => {
        options.log.error('an answer could not be written', { path: request.path, error: errorMessage(error) });
        outgoing.destroy();
      });
  });
}
