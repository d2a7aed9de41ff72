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

interface UpgradeRequest {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  /** What came behind the request's head. */
  readonly head: Buffer;
}

/** Passes a request to change the protocol on; when the pod agrees, bytes go both ways until one side ends. */
export function serveUpgrade(state: ProxyState, upgraded: Upgraded, asked: UpgradeRequest): void {
  new Upgrade(state, upgraded, asked).begin();
}

class Upgrade {
  readonly #state: ProxyState;
  readonly #upgraded: Upgraded;
  readonly #asked: UpgradeRequest;
  readonly #startedMs: number;
  #backend: string | undefined;

  constructor(state: ProxyState, upgraded: Upgraded, asked: UpgradeRequest) {
    this.#state = state;
    this.#upgraded = upgraded;
    this.#asked = asked;
    this.#startedMs = state.clock.monotonic();
  }

  begin(): void {
    const { request, socket } = this.#asked;
    socket.on('error', () => {
      socket.destroy();
    });
    const target = targetOf(request);
    if ('refused' in target) {
      this.#refuse(400, target.refused);
      return;
    }
    this.#backend = this.#state.routes.find(target.host, target.path);
    // It would not be sent, and the pod would take the next request on its connection for it.
    if (bodyOf(request) !== 'none') this.#refuse(400, 'a body with an upgrade');
    else if (this.#backend === undefined) this.#refuse(404, 'no ingress serves this host and path');
    else this.#forward(target, this.#backend);
  }

  #forward(target: RequestTarget, backend: string): void {
    const { request, socket, head } = this.#asked;
    const call = new BackendCall(this.#state, upgradeRequest(this.#state, { request, target, backend }), {
      answered: (answer) => {
        this.#done(answer.statusCode ?? 502);
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
        this.#done(101);
        const switched = ['Connection', 'Upgrade', 'Upgrade', answer.headers.upgrade ?? ''];
        writeHead(socket, { status: 101, headers: [...responseHeaders(answer.rawHeaders), ...switched] });
        join(this.#upgraded, this.#state.times.upgradedSilenceMs, [
          { socket, head },
          { socket: podSocket, head: podHead },
        ]);
      },
      failed: (status, cause) => {
        this.#refuse(status, cause);
      },
    });
    socket.once('close', () => {
      call.cancel();
    });
  }

  #refuse(status: number, cause: string): void {
    const { socket } = this.#asked;
    const text = refusalText(status, cause);
    const length = String(Buffer.byteLength(text));
    writeHead(socket, {
      status,
      headers: ['Content-Type', 'text/plain; charset=utf-8', 'Content-Length', length, 'Connection', 'close'],
    });
    socket.end(text);
    this.#done(status, cause);
  }

  #done(status: number, cause?: string): void {
    const { request, socket } = this.#asked;
    recordOutcome(this.#state, { backend: this.#backend, status, startedMs: this.#startedMs }, () => ({
      method: request.method,
      url: request.url,
      host: request.headers.host,
      upgrade: request.headers.upgrade,
      client: (socket as Socket).remoteAddress,
      cause,
    }));
  }
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
