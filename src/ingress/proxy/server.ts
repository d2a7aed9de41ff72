/** The proxy's HTTP and HTTPS servers. */
import { createServer, type IncomingMessage, type Server, type ServerOptions } from 'node:http';
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo, Server as NetServer, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  type Clock,
  delay,
  errorMessage,
  type Logger,
  type Metrics,
  type Timers,
  tlsCiphers,
} from '../../base/index.ts';
import { createCertificates, type Certificates, tlsVersionMin } from './certificates.ts';
import { EndpointPool } from './endpoints.ts';
import { serveRequest } from './exchange.ts';
import {
  clientSilenceExtraMs,
  connectionsMax,
  defaultTimes,
  headBytesMax,
  headersMax,
  type ProxyTimes,
} from './limits.ts';
import { compileRoutes } from './route-match.ts';
import type { ProxyState } from './state.ts';
import { type CertificatePair, emptyTable, type RouteTable } from './table.ts';
import { serveUpgrade, type Upgraded } from './upgrade.ts';

export interface ProxyPorts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly metrics: Metrics;
}

export interface ProxyOptions {
  /** Default: all addresses. */
  readonly host?: string | undefined;
  readonly httpPort: number;
  readonly httpsPort: number;
  /** For hosts that no Ingress has a certificate for. */
  readonly fallback: CertificatePair;
  readonly accessLog?: boolean | undefined;
  /** What differs from the default. */
  readonly times?: Partial<ProxyTimes> | undefined;
}

/** A proxy that listens. */
export interface IngressProxy {
  readonly httpPort: number;
  readonly httpsPort: number;
  /** Takes another table. Requests that are under way go on as they began. */
  apply(table: RouteTable): void;
  /** Stops listening; open requests finish within some seconds. */
  close(): Promise<void>;
}

/** Listens for HTTP and HTTPS. Rejects with Node's code when a port is taken; then it listens on neither. */
export async function startProxy(ports: ProxyPorts, options: ProxyOptions): Promise<IngressProxy> {
  const times = { ...defaultTimes, ...options.times };
  const endpoints = new EndpointPool(ports.clock, times);
  const state = {
    ...ports,
    endpoints,
    times,
    accessLog: options.accessLog ?? false,
    ports: { http: options.httpPort, https: options.httpsPort },
    routes: compileRoutes(emptyTable),
    connections: new Set<Socket>(),
    draining: false,
  };
  const certificates = createCertificates();
  const upgraded: Upgraded = new Set();
  const plain = createServer(httpOptions(times));
  const secure = secureServer(certificates, options.fallback, times);
  const sessions = new Set<ServerHttp2Session>();
  secure.on('session', (session) => {
    keepSession(sessions, session, times);
  });
  for (const server of [plain, secure]) serve(server, state, upgraded);
  state.ports.http = await listen(plain, options.httpPort, options.host);
  try {
    state.ports.https = await listen(secure, options.httpsPort, options.host);
  } catch (error) {
    plain.close();
    throw error;
  }
  for (const server of [plain, secure])
    server.on('error', (error: Error) => {
      ports.log.error('the ingress server failed', { error: errorMessage(error) });
    });
  return {
    httpPort: state.ports.http,
    httpsPort: state.ports.https,
    apply(table) {
      certificates.apply(table.certificates);
      endpoints.apply(table.backends);
      state.routes = compileRoutes(table);
    },
    close: async () => {
      state.draining = true;
      const closed = Promise.all([plain, secure].map(endOf));
      plain.closeIdleConnections();
      for (const session of sessions) session.close();
      for (const socket of upgraded) socket.end();
      await Promise.race([closed, delay(ports.timers, times.drainMs)]);
      for (const socket of state.connections) socket.destroy();
      endpoints.close();
    },
  };
}

/** Takes no more connections; resolves when the open ones have ended. */
function endOf(server: { close(ended: () => void): unknown }): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}

/** As strict as Node's parser is by default: no lenient framing, one Host. */
const httpOptions = (times: ProxyTimes): ServerOptions => ({
  keepAliveTimeout: times.keepAliveMs,
  headersTimeout: times.headMs,
  requestTimeout: 0,
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: headBytesMax,
  noDelay: true,
  requireHostHeader: true,
  insecureHTTPParser: false,
  // What asks for HTTP/2 without TLS is answered in HTTP/1.1, as it may be.
  shouldUpgradeCallback: (request: IncomingMessage) => !/\bh2c\b/i.test(request.headers.upgrade ?? ''),
});

const streamsMax = 128;
/** What may come at most: more resets than that end the connection (CVE-2023-44487). */
const http2Options = {
  settings: {
    maxConcurrentStreams: streamsMax,
    maxHeaderListSize: headBytesMax,
    enablePush: false,
    initialWindowSize: 256 * 1024,
  },
  maxSessionInvalidFrames: 100,
  maxSessionRejectedStreams: 100,
  maxOutstandingSettings: 10,
  streamResetBurst: 2 * streamsMax,
  streamResetRate: 33,
};

function secureServer(certificates: Certificates, fallback: CertificatePair, times: ProxyTimes): Http2SecureServer {
  return createSecureServer({
    ...http2Options,
    ...httpOptions(times),
    http1Options: httpOptions(times),
    allowHTTP1: true,
    cert: fallback.certificate,
    key: fallback.key,
    minVersion: tlsVersionMin,
    ciphers: tlsCiphers,
    handshakeTimeout: times.headMs,
    SNICallback: (name, answer) => {
      try {
        answer(null, certificates.contextOf(name));
      } catch (error) {
        answer(error as Error);
      }
    },
  });
}

function serve(server: Server | Http2SecureServer, state: ProxyState, upgraded: Upgraded): void {
  server.setTimeout(state.times.silenceMs + clientSilenceExtraMs);
  server.maxConnections = connectionsMax;
  if ('maxHeadersCount' in server) server.maxHeadersCount = headersMax;
  server.on('request', (request: IncomingMessage, response: Parameters<typeof serveRequest>[2]) => {
    serveRequest(state, request, response);
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    serveUpgrade(state, upgraded, { request, socket, head });
  });
  server.on('clientError', refuse);
  server.on('tlsClientError', () => undefined);
  server.on('connection', (socket: Socket) => {
    state.connections.add(socket);
    state.metrics.gauge('troupe_ingress_connections', state.connections.size);
    socket.once('close', () => {
      state.connections.delete(socket);
      state.metrics.gauge('troupe_ingress_connections', state.connections.size);
    });
  });
}

/** Says why, and closes without waiting for the client to close too. */
function refuse(error: Error, socket: Duplex): void {
  const code = 'code' in error ? error.code : '';
  const status =
    code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? '408 Request Timeout'
      : code === 'HPE_HEADER_OVERFLOW'
        ? '431 Request Header Fields Too Large'
        : '400 Bad Request';
  if (socket.writable)
    socket.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`, () => {
      socket.destroy();
    });
  else socket.destroy();
}

function keepSession(sessions: Set<ServerHttp2Session>, session: ServerHttp2Session, times: ProxyTimes): void {
  sessions.add(session);
  session.setTimeout(times.silenceMs + clientSilenceExtraMs, () => {
    session.close();
  });
  session.on('error', () => {
    session.destroy();
  });
  session.once('close', () => {
    sessions.delete(session);
  });
}

function listen(server: NetServer, port: number, host: string | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host }, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
