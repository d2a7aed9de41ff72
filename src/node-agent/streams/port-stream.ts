/** Streams a TCP connection between a door and a pod's port. */
import { connect, type Socket } from 'node:net';
import type { StreamLink } from './stream-link.ts';

const [toPod, fromPod, , failure] = [0, 1, 2, 3];

/** Carries one TCP connection to a pod's port. */
export async function carryPort(
  link: StreamLink,
  target: { readonly host: string; readonly port: number; readonly pod: string },
): Promise<void> {
  const socket = connect({ host: target.host, port: target.port, allowHalfOpen: true });
  link.onData((channel, data) => (channel === toPod ? written(socket, data) : Promise.resolve()));
  link.onEnd((channel) => {
    if (channel === toPod) socket.end();
    else if (channel === undefined) socket.destroy();
  });
  try {
    for await (const data of socket) if (!(await link.send(fromPod, data as Uint8Array))) break;
    link.end(fromPod);
  } catch (error) {
    const { message } = error as Error;
    await link.send(
      failure,
      new TextEncoder().encode(
        JSON.stringify({
          metadata: {},
          status: 'Failure',
          message: `error forwarding port ${target.port} to pod ${target.pod}: ${message}`,
          code: 500,
        }),
      ),
    );
  } finally {
    socket.destroy();
    link.end();
  }
}

function written(socket: Socket, data: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed || socket.writableEnded) resolve();
    else
      socket.write(data, () => {
        resolve();
      });
  });
}
