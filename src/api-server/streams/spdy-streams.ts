/** exec, attach and port-forward over SPDY. */
import { errorMessage } from '../../base/index.ts';
import { type MessageSocket, utf8 } from '../request.ts';
import type { ConnectionListener, NodeConnection } from './node-connection.ts';
import { SpdySession, type SpdyStream } from './spdy-session.ts';
import { failureStatus, messageOf } from './stream-status.ts';

const channels: Readonly<Record<string, number>> = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4 };
const [toPod, errorChannel] = [0, 3];

interface ExecSpdyOptions {
  /** How many streams the client opens; the conversation begins when all are there. */
  readonly streams: number;
  /** The error stream carries a Status; else the message alone. */
  readonly status: boolean;
}

/** exec and attach over SPDY: the client opens a stream for each channel and says in its headers which one it is. */
export function execOverSpdy(connection: NodeConnection, socket: MessageSocket, options: ExecSpdyOptions): void {
  const streams = new ExecStreams(options);
  const session = new SpdySession(socket, (stream) => {
    const channel = channels[(stream.headers['streamtype'] ?? '').toLowerCase()];
    if (channel === undefined) return;
    stream.onData((data) => {
      if (!connection.send(channel, data)) socket.hold(true);
    });
    stream.onEnd(() => {
      if (channel === toPod) connection.end(toPod);
    });
    if (streams.opened(channel, stream)) connection.listen(streams.listener(socket, session));
  });
  socket.onDrain(() => {
    streams.resume();
  });
  socket.onClose(() => {
    connection.end();
  });
}

/** The streams of one exec or attach, and the frames of the node that wait for the client. */
class ExecStreams {
  readonly #options: ExecSpdyOptions;
  readonly #byChannel = new Map<number, SpdyStream>();
  readonly #held: (() => void)[] = [];

  constructor(options: ExecSpdyOptions) {
    this.#options = options;
  }

  /** True once all streams are there. */
  opened(channel: number, stream: SpdyStream): boolean {
    this.#byChannel.set(channel, stream);
    return this.#byChannel.size === this.#options.streams;
  }

  resume(): void {
    for (const taken of this.#held.splice(0)) taken();
  }

  listener(socket: MessageSocket, session: SpdySession): ConnectionListener {
    return {
      data: (channel, data, taken) => {
        const bytes = channel === errorChannel && !this.#options.status ? messageOf(data) : data;
        if (bytes.byteLength === 0 || this.#byChannel.get(channel)?.send(bytes) !== false) taken();
        else this.#held.push(taken);
      },
      end: (channel, failure) => {
        if (channel !== undefined) return;
        if (failure !== undefined) this.#byChannel.get(errorChannel)?.send(failureStatus(failure));
        for (const stream of this.#byChannel.values()) stream.finish();
        session.close();
      },
      drain: () => {
        socket.hold(false);
      },
    };
  }
}

/** The two streams of one connection of the client's. */
interface StreamPair {
  readonly data: SpdyStream;
  readonly error: SpdyStream;
}

type Connect = (port: number) => Promise<NodeConnection>;

/** Port-forward over SPDY: for each connection of the client a data and an error stream with the same request id. */
export function portForwardOverSpdy(socket: MessageSocket, connect: Connect): void {
  const forwarding = new SpdyForwarding(socket, connect);
  const pairs = new Map<string, Partial<StreamPair>>();
  // The session lives as long as its socket; nobody else needs to hold it.
  void new SpdySession(socket, (stream) => {
    const id = stream.headers['requestid'] ?? '';
    const type = (stream.headers['streamtype'] ?? '').toLowerCase();
    const pair = { ...pairs.get(id), ...(type === 'data' ? { data: stream } : { error: stream }) };
    pairs.set(id, pair);
    const { data, error } = pair;
    if (data === undefined || error === undefined) return;
    pairs.delete(id);
    forwarding.carry({ data, error });
  });
}

/** The connections of one client to ports of the pod. */
class SpdyForwarding {
  readonly #socket: MessageSocket;
  readonly #connect: Connect;
  readonly #connections = new Set<NodeConnection>();
  readonly #held: (() => void)[] = [];

  constructor(socket: MessageSocket, connect: Connect) {
    this.#socket = socket;
    this.#connect = connect;
    socket.onDrain(() => {
      for (const taken of this.#held.splice(0)) taken();
    });
    socket.onClose(() => {
      for (const connection of this.#connections) connection.leave();
    });
  }

  carry(pair: StreamPair): void {
    this.#connect(Number(pair.data.headers['port'])).then(
      (connection) => {
        this.#join(connection, pair);
      },
      (reason: unknown) => {
        pair.error.send(utf8(errorMessage(reason)));
        pair.error.finish();
        pair.data.finish();
      },
    );
  }

  #join(connection: NodeConnection, { data, error }: StreamPair): void {
    this.#connections.add(connection);
    data.onData((bytes) => {
      if (!connection.send(toPod, bytes)) this.#socket.hold(true);
    });
    data.onEnd(() => {
      connection.end(toPod);
    });
    connection.listen({
      data: (channel, bytes, taken) => {
        if (channel === errorChannel ? error.send(messageOf(bytes)) : data.send(bytes)) taken();
        else this.#held.push(taken);
      },
      end: (channel, failure) => {
        if (channel !== undefined) return;
        if (failure !== undefined) error.send(utf8(failure));
        this.#connections.delete(connection);
        data.finish();
        error.finish();
      },
      drain: () => {
        this.#socket.hold(false);
      },
    });
  }
}
