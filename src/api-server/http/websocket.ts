/** Connections that become WebSockets, or carry another protocol such as SPDY. */
import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { limits } from '../../base/index.ts';
import type { ApiHandler } from '../handler.ts';
import { type ApiHttpResponse, type MessageSocket, noBytes, type Upgrade } from '../request.ts';
import type { ClientCertificates } from './client-certificate.ts';
import { hasTwoHosts, requestOf } from './request-reading.ts';
import { streamUpgrade } from './socket-sink.ts';

/** Bytes that may wait in one WebSocket before its source is held back. */
const waitingBytesMax = 1024 * 1024;

type UpgradeListener = (incoming: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Answers requests to upgrade: the handler decides, this makes the WebSocket or writes the refusal. */
export function upgradeListener(handler: ApiHandler, certificates: ClientCertificates): UpgradeListener {
  return (incoming, socket, head) => {
    socket.on('error', () => {
      socket.destroy();
    });
    if (hasTwoHosts(incoming)) {
      socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n');
      return;
    }
    const protocols = protocolsOf(incoming);
    const request = {
      ...requestOf(incoming, certificates, noBytes),
      upgrade: { to: (incoming.headers.upgrade ?? '').toLowerCase(), protocols },
    };
    void handler(request).then((response) => {
      const upgrade =
        response.upgrade ?? (request.upgrade.to === 'websocket' ? streamUpgrade(response, protocols) : undefined);
      if (socket.destroyed) upgrade?.cancel?.();
      else if (upgrade === undefined) refuse(socket, response);
      else open(incoming, socket, { head, upgrade });
    });
  };
}

/** The protocols that the client speaks, in its order. */
function protocolsOf({ headers }: IncomingMessage): readonly string[] {
  return (headers['sec-websocket-protocol'] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

interface Opening {
  /** What followed the request's head. */
  readonly head: Buffer;
  readonly upgrade: Upgrade;
}

function open(incoming: IncomingMessage, socket: Duplex, { head, upgrade }: Opening): void {
  const to = incoming.headers.upgrade ?? '';
  if (to.toLowerCase() === 'websocket') openWebSocket(incoming, socket, { head, upgrade });
  else {
    const lines = ['HTTP/1.1 101 Switching Protocols', `upgrade: ${to}`, 'connection: Upgrade'];
    lines.push(`x-stream-protocol-version: ${upgrade.protocol}`, '', '');
    socket.write(lines.join('\r\n'));
    upgrade.run(byteSocket(socket, head));
  }
}

function openWebSocket(incoming: IncomingMessage, socket: Duplex, { head, upgrade }: Opening): void {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: limits.requestBytesMax,
    perMessageDeflate: false,
    handleProtocols: () => (upgrade.protocol === '' ? false : upgrade.protocol),
  });
  server.handleUpgrade(incoming, socket, head, (connection) => {
    upgrade.run(messageSocket(connection, socket));
  });
}

/** Whole messages of a WebSocket over its connection. */
export function messageSocket(connection: WebSocket, socket: Duplex): MessageSocket {
  connection.on('error', () => {
    connection.terminate();
  });
  return {
    send: (data) => {
      if (connection.readyState !== connection.OPEN) return true;
      connection.send(data);
      return connection.bufferedAmount < waitingBytesMax;
    },
    onMessage: (listener) => {
      connection.on('message', (data: Buffer | ArrayBuffer | Buffer[], binary: boolean) => {
        listener(
          data instanceof ArrayBuffer ? new Uint8Array(data) : Array.isArray(data) ? Buffer.concat(data) : data,
          binary,
        );
      });
    },
    hold: (held) => {
      if (held) connection.pause();
      else connection.resume();
    },
    onDrain: (listener) => {
      socket.on('drain', listener);
    },
    onClose: (listener) => {
      connection.once('close', listener);
    },
    close: (code, reason) => {
      connection.close(code, reason);
    },
  };
}

/** The bare connection: each piece of bytes is a message. */
export function byteSocket(socket: Duplex, head: Buffer): MessageSocket {
  if (head.byteLength > 0) socket.unshift(head);
  return {
    send: (data) => {
      if (socket.destroyed || socket.writableEnded) return true;
      socket.write(data);
      return socket.writableLength < waitingBytesMax;
    },
    onMessage: (listener) => {
      socket.on('data', (data: Buffer) => {
        listener(data, true);
      });
    },
    hold: (held) => {
      if (held) socket.pause();
      else socket.resume();
    },
    onDrain: (listener) => {
      socket.on('drain', listener);
    },
    onClose: (listener) => {
      socket.once('close', listener);
    },
    close: () => {
      socket.end();
    },
  };
}

/** A plain HTTP answer on a connection that was to be upgraded. */
function refuse(socket: Duplex, response: ApiHttpResponse): void {
  const body = response.body instanceof Uint8Array ? response.body : noBytes;
  const lines = [`HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? ''}`];
  for (const [name, value] of Object.entries(response.headers))
    for (const one of typeof value === 'string' ? [value] : value) lines.push(`${name}: ${one}`);
  lines.push(`content-length: ${body.byteLength}`, 'connection: close', '', '');
  socket.write(lines.join('\r\n'));
  socket.end(body);
}
