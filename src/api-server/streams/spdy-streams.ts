/** exec, attach and port-forward over SPDY. */
import { errorMessage } from '../../base/index.ts';
import { type MessageSocket, utf8 } from '../request.ts';
import type { NodeConnection } from './node-connection.ts';
import { SpdySession, type SpdyStream } from './spdy-session.ts';
import { failureStatus, messageOf } from './stream-status.ts';

const channels: Readonly<Record<string, number>> = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4 };
const [toPod, errorChannel] = [0, 3];

/** exec and attach over SPDY: the client opens a stream for each channel and says in its headers which one it is. */
export function execOverSpdy(
  connection: NodeConnection,
  socket: MessageSocket,
  options: { readonly streams: number; readonly status: boolean },
): void {
  const byChannel = new Map<number, SpdyStream>();
  const held: (() => void)[] = [];
  const session = new SpdySession(socket, (stream) => {
    const channel = channels[(stream.headers['streamtype'] ?? '').toLowerCase()];
    if (channel === undefined) return;
    byChannel.set(channel, stream);
    stream.onData((data) => {
      if (!connection.send(channel, data)) socket.hold(true);
    });
    stream.onEnd(() => {
      if (channel === toPod) connection.end(toPod);
    });
    if (byChannel.size === options.streams) begin();
  });
  socket.onDrain(() => {
    for (const taken of held.splice(0)) taken();
  });
  socket.onClose(() => {
    connection.end();
  });

  function begin(): void {
    connection.listen({
      data: (channel, data, taken) => {
        const bytes = channel === errorChannel && !options.status ? messageOf(data) : data;
        if (bytes.byteLength === 0 || byChannel.get(channel)?.send(bytes) !== false) taken();
        else held.push(taken);
      },
      end: (channel, failure) => {
        if (channel !== undefined) return;
        if (failure !== undefined) byChannel.get(errorChannel)?.send(failureStatus(failure));
        for (const stream of byChannel.values()) stream.finish();
        session.close();
      },
      drain: () => {
        socket.hold(false);
      },
    });
  }
}

/** Port-forward over SPDY: for each connection of the client a data and an error stream with the same request id. */
export function portForwardOverSpdy(socket: MessageSocket, connect: (port: number) => Promise<NodeConnection>): void {
  const pairs = new Map<string, { data?: SpdyStream; error?: SpdyStream }>();
  const connections = new Set<NodeConnection>();
  const held: (() => void)[] = [];
  // The session lives as long as its socket; nobody else needs to hold it.
  void new SpdySession(socket, (stream) => {
    const id = stream.headers['requestid'] ?? '';
    const type = (stream.headers['streamtype'] ?? '').toLowerCase();
    const pair = { ...pairs.get(id), ...(type === 'data' ? { data: stream } : { error: stream }) };
    pairs.set(id, pair);
    const { data, error } = pair;
    if (data === undefined || error === undefined) return;
    pairs.delete(id);
    carry(data, error);
  });
  socket.onDrain(() => {
    for (const taken of held.splice(0)) taken();
  });
  socket.onClose(() => {
    for (const connection of connections) connection.end();
  });

  function carry(data: SpdyStream, error: SpdyStream): void {
    connect(Number(data.headers['port'])).then(
      (connection) => {
        connections.add(connection);
        data.onData((bytes) => {
          if (!connection.send(toPod, bytes)) socket.hold(true);
        });
        data.onEnd(() => {
          connection.end(toPod);
        });
        connection.listen({
          data: (channel, bytes, taken) => {
            if (channel === errorChannel ? error.send(messageOf(bytes)) : data.send(bytes)) taken();
            else held.push(taken);
          },
          end: (channel, failure) => {
            if (channel !== undefined) return;
            if (failure !== undefined) error.send(utf8(failure));
            connections.delete(connection);
            data.finish();
            error.finish();
          },
          drain: () => {
            socket.hold(false);
          },
        });
      },
      (reason: unknown) => {
        error.send(utf8(errorMessage(reason)));
        error.finish();
        data.finish();
      },
    );
  }
}
