import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { assert, errorMessage, type Logger, type Timers } from '../../base/index.ts';
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
  readonly frontProxyCa?: string;
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
  /** Stops listening and ends what is under way. */
  close(): Promise<void>;
}

/** Idle connections are kept longer than clients keep them (client-go: 90 s), so that no request meets a closing one. */
const keepAliveMs = 120_000;
/** Whoever takes longer over a handshake, a request's head (upstream: 32 s) or a whole request is cut off. */
const slowest = { handshakeTimeout: 10_000, headersTimeout: 32_000, requestTimeout: 60_000, connectionsCheckingInterval: 5_000 };

/** HTTP/2 and HTTP/1.1 over TLS, as the client chooses in its handshake (ALPN). Clients may show a certificate; without one, or with a foreign one, they are judged by their token. */
export function openHttpDoor(options: HttpDoorOptions): Promise<HttpDoor> {
  const server = createServer({ ...context(options.tls), requestCert: true, rejectUnauthorized: false, ALPNProtocols: ['h2', 'http/1.1'], keepAliveTimeout: keepAliveMs, noDelay: true, ...slowest });
  const authorities: { tls: TlsOptions } = { tls: options.tls };
  const plain = servePlainly(server, options, authorities);
  server.on('request', (incoming: IncomingMessage, outgoing: ServerResponse) => { answer(options, incoming, outgoing); });
  server.on('upgrade', upgradeListener(options.handler));
  server.on('clientError', refuse);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.listen.port, options.listen.host, () => {
      server.off('error', reject);
      server.on('error', (error) => { options.log.error('the HTTP door failed', { error: errorMessage(error) }); });
      resolve(doorOf(server, plain, authorities));
    });
  });
}

function context(tls: TlsOptions): { readonly cert: string; readonly key: string; readonly ca: string | string[]; readonly minVersion: 'TLSv1.2' } {
  return { cert: tls.certificate, key: tls.key, ca: tls.frontProxyCa === undefined ? tls.clientCa : [tls.clientCa, tls.frontProxyCa], minVersion: 'TLSv1.2' };
}

/** Puts HTTP/2 and plain connections before Node's own machinery, which then gets only those that turn out to be others. Gives the connections that are open. */
function servePlainly(server: Server, { handler, log, timers }: HttpDoorOptions, authorities: { readonly tls: TlsOptions }): ReadonlySet<TLSSocket> {
  const sockets = new Set<TLSSocket>();
  const [machinery] = server.listeners('secureConnection') as ((this: Server, socket: TLSSocket) => void)[];
  assert(machinery !== undefined, 'an HTTPS server listens for its connections');
  server.off('secureConnection', machinery);
  const ports = { handler, log, idleMs: keepAliveMs, otherwise: (socket: TLSSocket) => { machinery.call(server, socket); } };
  const sessions = new Set<Http2Session>();
  const ticking = timers.every(tickMs, () => { for (const session of sessions) session.tick(); });
  server.once('close', () => { ticking.cancel(); });
  server.on('secureConnection', (socket: TLSSocket) => {
    sockets.add(socket);
    socket.once('close', () => { sockets.delete(socket); });
    judgeCertificate(socket, authorities.tls);
    if (socket.alpnProtocol === 'h2') {
      const session = new Http2Session(socket, ports);
      sessions.add(session);
      socket.once('close', () => { sessions.delete(session); });
    } else new PlainConnection(socket, ports);
  });
  return sockets;
}

/** Says why, and closes without waiting for the client to close too. */
function refuse(error: Error, socket: Duplex): void {
  const status = 'code' in error && error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : '400 Bad Request';
  if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\n\r\n`, () => { socket.destroy(); });
  else socket.destroy();
}

function doorOf(server: Server, sockets: ReadonlySet<TLSSocket>, authorities: { tls: TlsOptions }): HttpDoor {
  return {
    port: (server.address() as AddressInfo).port,
    renew: (tls) => {
      authorities.tls = tls;
      server.setSecureContext(context(tls));
    },
    close: () => new Promise((resolve) => {
      server.close(() => { resolve(); });
      for (const socket of sockets) socket.destroy();
    }),
  };
}

function answer(options: HttpDoorOptions, incoming: IncomingMessage, outgoing: ServerResponse): void {
  readRequest(incoming, (request) => {
    void options.handler(request).then((response) => { writeResponse(request, response, nodeOutgoing(outgoing)); }).catch((error: unknown) => {
      options.log.error('an answer could not be written', { path: request.path, error: errorMessage(error) });
      outgoing.destroy();
    });
  });
}
