/** Upgraded connections (WebSocket) between client and pod. */
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { BackendCall } from './backend-call.ts';
import { bodyOf, clientFacts, refusalText, targetOf } from './exchange.ts';
import { requestHeaders, responseHeaders, type RawHeaders } from './forwarded-headers.ts';
import { type ProxyState, recordOutcome } from './state.ts';
import type { RequestTarget } from './request-target.ts';

/** Connections that became something else, WebSockets above all: they are ended with the proxy. */
export type Upgraded = Set<Duplex>;

/** Passes a request to change the protocol on; when the pod agrees, bytes go both ways until one side ends. */
export function serveUpgrade(
  state: ProxyState,
  upgraded: Upgraded,
  { request, socket, head }: { readonly request: IncomingMessage; readonly socket: Duplex; readonly head: Buffer },
): void {
  const startedMs = state.clock.monotonic();
  socket.on('error', () => {
    socket.destroy();
  });
  const target = targetOf(request);
  const backend = 'refused' in target ? undefined : state.routes.find(target.host, target.path);
  const done = (status: number, cause?: string): void => {
    recordOutcome(state, { backend, status, startedMs }, () => ({
      method: request.method,
      url: request.url,
      host: request.headers.host,
      upgrade: request.headers.upgrade,
      client: (socket as Socket).remoteAddress,
      cause,
    }));
  };
  const refuse = (status: number, cause: string): void => {
    const text = refusalText(status, cause);
    writeHead(socket, {
      status,
      headers: [
        'Content-Type',
        'text/plain; charset=utf-8',
        'Content-Length',
        String(Buffer.byteLength(text)),
        'Connection',
        'close',
      ],
    });
    socket.end(text);
    done(status, cause);
  };
  if ('refused' in target) {
    refuse(400, target.refused);
    return;
  }
  // It would not be sent, and the pod would take the next request on its connection for it.
  if (bodyOf(request) !== 'none') {
    refuse(400, 'a body with an upgrade');
    return;
  }
  if (backend === undefined) {
    refuse(404, 'no ingress serves this host and path');
    return;
  }
  const call = new BackendCall(state, upgradeRequest(state, { request, target, backend }), {
    answered: (answer) => {
      done(answer.statusCode ?? 502);
      writeHead(socket, {
        status: answer.statusCode ?? 502,
        headers: [...responseHeaders(answer.rawHeaders), 'Connection', 'close'],
      });
      answer.once('error', () => {
        socket.destroy();
      });
      answer.pipe(socket);
    },
    upgraded: (answer, podSocket, podHead) => {
      done(101);
      writeHead(socket, {
        status: 101,
        headers: [
          ...responseHeaders(answer.rawHeaders),
          'Connection',
          'Upgrade',
          'Upgrade',
          answer.headers.upgrade ?? '',
        ],
      });
      join(upgraded, state.times.upgradedSilenceMs, [
        { socket, head },
        { socket: podSocket, head: podHead },
      ]);
    },
    failed: refuse,
  });
  socket.once('close', () => {
    call.cancel();
  });
}

function upgradeRequest(
  state: ProxyState,
  {
    request,
    target,
    backend,
  }: { readonly request: IncomingMessage; readonly target: RequestTarget; readonly backend: string },
): ConstructorParameters<typeof BackendCall>[1] {
  const headers = requestHeaders(request.rawHeaders, clientFacts(state, request, target.authority), [
    'Connection',
    'Upgrade',
    'Upgrade',
    request.headers.upgrade ?? '',
  ]);
  return { backend, method: request.method ?? 'GET', url: target.url, headers, repeatable: false };
}

function writeHead(
  socket: Duplex,
  { status, headers }: { readonly status: number; readonly headers: RawHeaders },
): void {
  let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`;
  for (let i = 0; i < headers.length; i += 2) text += `${headers[i]}: ${headers[i + 1]}\r\n`;
  socket.write(`${text}\r\n`, 'latin1');
}

interface Side {
  readonly socket: Duplex;
  /** What came with the end of the handshake. */
  readonly head: Buffer;
}

/** The end of one side is the end of both, after what was under way. */
function join(upgraded: Upgraded, silenceMs: number, [client, pod]: readonly [Side, Side]): void {
  for (const [from, to] of [
    [client, pod],
    [pod, client],
  ] as const) {
    upgraded.add(from.socket);
    (from.socket as Socket).setTimeout(silenceMs, () => {
      from.socket.destroy();
    });
    from.socket.on('error', () => {
      from.socket.destroy();
    });
    from.socket.once('close', () => {
      upgraded.delete(from.socket);
      to.socket.destroy();
    });
    if (from.head.byteLength > 0) to.socket.write(from.head);
    from.socket.pipe(to.socket);
  }
}
