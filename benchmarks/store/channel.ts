/** The connections of a load process to the members: NATS, or a bare socket. */
import { connect } from 'node:net';
import { type Bus, FramedSocket } from '../../src/bus/index.ts';
import { type Answer, frameBytesMax, pack, type Request, requestSubject, unpack } from './protocol.ts';

/** A client's way to one member. */
export interface Channel {
  post(request: Request): void;
  close(): void;
}

/** Requests of one event-loop turn travel together, as HTTP/2 multiplexes gRPC calls. */
function batching(send: (payload: Uint8Array) => void): (request: Request) => void {
  let waiting: Request[] = [];
  return (request) => {
    if (waiting.push(request) > 1) return;
    queueMicrotask(() => {
      const requests = waiting;
      waiting = [];
      send(pack(requests));
    });
  };
}

/** Over NATS; the answers come to `inbox`. */
export function busChannel(bus: Bus, member: string, inbox: string): Channel {
  return {
    post: batching((payload) => {
      bus.publish(requestSubject(member), payload, { reply: inbox });
    }),
    close: () => undefined,
  };
}

/** One connection of its own. */
export function socketChannel(
  { host, port }: { readonly host: string; readonly port: number },
  onAnswer: (answer: Answer) => void,
): Promise<Channel> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host, noDelay: true }, () => {
      const framed = new FramedSocket(socket, {
        frameBytesMax,
        onPayload: (payload) => {
          for (const answer of unpack<Answer>(payload)) onAnswer(answer);
        },
      });
      socket.on('error', () => undefined);
      resolve({
        post: batching((payload) => {
          if (socket.writable) framed.send(payload);
        }),
        close: () => {
          socket.destroy();
        },
      });
    });
    socket.once('error', reject);
  });
}
