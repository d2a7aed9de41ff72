/** Connections of backends that become WebSockets or another protocol. */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { errorMessage, limits } from '../../base/index.ts';
import { type ApiHttpResponse, type MessageSocket, textOf, upgraded } from '../request.ts';
import type { ProxyTarget } from '../streams/index.ts';
import { backendRequest, fieldsFrom, keepAliveMs, passedHeaders, tlsOptions } from './proxy-request.ts';
import { isCredential } from './socket-sink.ts';
import { byteSocket, messageSocket } from './websocket.ts';

/**
 * Asks a backend to turn the connection into something else. Resolves with its refusal, or with what joins both
 * connections.
 */
export function upgradeExchange(target: ProxyTarget, connectMs: number): Promise<ApiHttpResponse> {
  return target.upgrade?.to === 'websocket' ? webSocketTo(target, connectMs) : streamTo(target, connectMs);
}

/** The connection to the backend has its own. */
const handshakeHeaders = /^sec-websocket-/;

function webSocketOf(target: ProxyTarget, connectMs: number): WebSocket {
  const { host, port, path, upgrade } = target;
  const scheme = target.scheme === 'https' ? 'wss' : 'ws';
  const url = `${scheme}://${host.includes(':') ? `[${host}]` : host}:${String(port)}${path}`;
  const passed = Object.entries(passedHeaders(target.headers)).filter(([name]) => !handshakeHeaders.test(name));
  const protocols = (upgrade?.protocols ?? []).filter((name) => !isCredential(name));
  return new WebSocket(url, protocols, {
    headers: Object.fromEntries(passed) as Record<string, string>,
    ...tlsOptions(target),
    handshakeTimeout: connectMs,
    maxPayload: limits.requestBytesMax,
    perMessageDeflate: false,
  });
}

function webSocketTo(target: ProxyTarget, connectMs: number): Promise<ApiHttpResponse> {
  const backend = webSocketOf(target, connectMs);
  return new Promise((resolve, reject) => {
    backend.once('error', (error) => {
      reject(new Error(errorMessage(error)));
    });
    backend.once('unexpected-response', (_request, answer) => {
      void refusalOf(answer).then(resolve, reject);
    });
    backend.once('upgrade', (answer) => {
      const { socket } = answer;
      socket.setKeepAlive(true, keepAliveMs);
      backend.once('open', () => {
        const own = messageSocket(backend, socket);
        // What the backend sends before the client's side stands waits in the connection.
        own.hold(true);
        resolve(
          upgraded({
            protocol: backend.protocol,
            run: (client) => {
              join(client, own);
            },
            cancel: () => {
              backend.terminate();
            },
          }),
        );
      });
    });
  });
}

/** Any other protocol, such as SPDY/3.1: bytes both ways. */
function streamTo(target: ProxyTarget, connectMs: number): Promise<ApiHttpResponse> {
  return new Promise((resolve, reject) => {
    const call = backendRequest(
      { ...target, headers: target.headers },
      { connection: 'Upgrade', upgrade: target.upgrade?.to ?? '' },
    );
    call.setTimeout(connectMs, () => {
      call.destroy(new Error(`no answer within ${String(connectMs / 1000)} s`));
    });
    call.once('error', (error) => {
      reject(new Error(errorMessage(error)));
    });
    call.once('response', (answer: IncomingMessage) => {
      void refusalOf(answer).then(resolve, reject);
    });
    call.once('upgrade', (answer: IncomingMessage, socket: Socket, head: Buffer) => {
      socket.setKeepAlive(true, keepAliveMs);
      socket.on('error', () => {
        socket.destroy();
      });
      const protocol = answer.headers['x-stream-protocol-version'];
      const own = byteSocket(socket, head);
      resolve(
        upgraded({
          protocol: typeof protocol === 'string' ? protocol : '',
          run: (client) => {
            join(client, own);
          },
          cancel: () => {
            socket.destroy();
          },
        }),
      );
    });
    call.end(target.body);
  });
}

/** A backend's plain answer, read whole: refusals are short. */
async function refusalOf(answer: IncomingMessage): Promise<ApiHttpResponse> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of answer as AsyncIterable<Buffer>) {
    size += piece.byteLength;
    if (size > limits.requestBytesMax) break;
    pieces.push(piece);
  }
  return { status: answer.statusCode ?? 502, headers: fieldsFrom(answer.headers), body: Buffer.concat(pieces) };
}

/** Messages go both ways; a slow side holds the other back, and the end of one is the end of both. */
function join(client: MessageSocket, backend: MessageSocket): void {
  const pass = (from: MessageSocket, to: MessageSocket): void => {
    from.onMessage((data, binary) => {
      if (!to.send(binary ? data : textOf(data))) from.hold(true);
    });
    to.onDrain(() => {
      from.hold(false);
    });
    from.onClose(() => {
      to.close(1000, '');
    });
  };
  pass(client, backend);
  pass(backend, client);
  backend.hold(false);
}
