/** What the tests of the proxy share: pods that answer, clients that ask, and handshakes. */
import {
  createServer,
  type IncomingMessage,
  request as httpRequest,
  type RequestListener,
  type RequestOptions,
  type Server,
} from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import type { ExecutionContext } from 'ava';
import { silentLogger, silentMetrics } from '../../base/index.ts';
import { systemClock, systemTimers } from '../../platform/index.ts';
import { fallbackPair } from './certificates.fixture.ts';
import { type IngressProxy, type ProxyOptions, type ProxyPorts, startProxy } from './server.ts';
import type { RouteTable } from './table.ts';

/** Everything at one host goes to one backend. */
export const tableTo = (addresses: readonly string[], more: Partial<RouteTable> = {}): RouteTable => ({
  hosts: [{ host: 'shop.example.com', exact: {}, prefixes: { '': 'default/web:80' } }],
  backends: { 'default/web:80': addresses },
  certificates: [],
  ...more,
});

export async function proxyTo(
  t: ExecutionContext,
  table: RouteTable,
  { ports = {}, options = {} }: { readonly ports?: Partial<ProxyPorts>; readonly options?: Partial<ProxyOptions> } = {},
): Promise<IngressProxy> {
  const proxy = await startProxy(
    { clock: systemClock, timers: systemTimers, log: silentLogger, metrics: silentMetrics, ...ports },
    { host: '127.0.0.1', httpPort: 0, httpsPort: 0, fallback: fallbackPair, ...options },
  );
  proxy.apply(table);
  t.teardown(() => proxy.close());
  return proxy;
}

export interface Pod {
  readonly address: string;
  readonly server: Server;
}

export async function pod(t: ExecutionContext, listener: RequestListener): Promise<Pod> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

/** An address where nothing listens. */
export async function deadAddress(): Promise<string> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return `127.0.0.1:${port}`;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly raw: readonly string[];
  readonly text: string;
}

export async function read(answer: IncomingMessage): Promise<Answer> {
  let text = '';
  for await (const piece of answer.setEncoding('utf8') as AsyncIterable<string>) text += piece;
  return { status: answer.statusCode ?? 0, headers: answer.headers, raw: answer.rawHeaders, text };
}

export function ask(proxy: IngressProxy, options: RequestOptions & { readonly body?: string } = {}): Promise<Answer> {
  const { body, ...rest } = options;
  return new Promise((resolve, reject) => {
    const call = httpRequest(
      {
        host: '127.0.0.1',
        port: proxy.httpPort,
        agent: false,
        ...rest,
        headers: { host: 'shop.example.com', ...(rest.headers as Record<string, string> | undefined) },
      },
      (answer) => {
        read(answer).then(resolve, reject);
      },
    );
    call.on('error', reject);
    call.end(body);
  });
}

/** Sends bytes as they are, and gives what comes back until the connection ends. */
export function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(text);
    });
    let seen = '';
    socket.setEncoding('latin1');
    socket.on('data', (piece: string) => {
      seen += piece;
    });
    socket.on('error', reject);
    socket.on('close', () => {
      resolve(seen);
    });
  });
}

export const echo: RequestListener = (request, response) => {
  let body = '';
  request
    .setEncoding('utf8')
    .on('data', (piece: string) => {
      body += piece;
    })
    .on('end', () => {
      response.end(
        JSON.stringify({
          method: request.method,
          url: request.url,
          headers: request.headers,
          raw: request.rawHeaders,
          body,
        }),
      );
    });
};
interface Echo {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly raw: readonly string[];
  readonly body: string;
}
export const echoed = (answer: Answer): Echo => JSON.parse(answer.text) as Echo;

export function handshake(
  proxy: IngressProxy,
  servername: string,
  more: ConnectionOptions = {},
): Promise<{ readonly names: string; readonly protocol: string | false | null }> {
  return new Promise((resolve, reject) => {
    const socket = connectTls(
      {
        host: '127.0.0.1',
        port: proxy.httpsPort,
        servername,
        rejectUnauthorized: false,
        ALPNProtocols: ['h2', 'http/1.1'],
        ...more,
      },
      () => {
        resolve({ names: socket.getPeerCertificate().subjectaltname ?? '', protocol: socket.alpnProtocol });
        socket.destroy();
      },
    );
    socket.on('error', reject);
  });
}

export async function until(holds: () => boolean): Promise<void> {
  while (!holds())
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
}
