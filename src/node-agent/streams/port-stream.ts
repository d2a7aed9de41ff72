/** Streams a TCP connection between a door and a pod's port. */
import { connect, type Socket } from 'node:net';
import { errorMessage, type Timers } from '../../base/index.ts';
import type { StreamLink } from './stream-link.ts';

const [toPod, fromPod, , failure] = [0, 1, 2, 3];
/** So long a server may take to end after its client is gone. */
const lingerMs = 2_000;

interface PortTarget {
  readonly host: string;
  readonly port: number;
  readonly pod: string;
}

/**
 * Carries one TCP connection to a pod's port. Either side may end first: the other is heard to its end. A server whose
 * client is gone gets all that it sent, and the end of it.
 */
export async function carryPort(timers: Timers, link: StreamLink, target: PortTarget): Promise<void> {
  const socket = connect({ host: target.host, port: target.port, allowHalfOpen: true });
  // The loop below hears errors while it runs.
  socket.on('error', () => undefined);
  link.onData((channel, data) => (channel === toPod ? written(socket, data) : Promise.resolve()));
  link.onEnd((channel) => {
    if (channel === toPod) socket.end();
    else if (channel === undefined) letGo(timers, socket);
  });
  try {
    for await (const data of socket.iterator({ destroyOnReturn: false }))
      if (!(await link.send(fromPod, data as Uint8Array))) return;
    link.end(fromPod);
  } catch (error) {
    await link.send(failure, failureOf(target, errorMessage(error)));
  }
  socket.destroy();
  link.end();
}

/** A connection that is closed over what was not read resets the other side, which then loses what it has not read. */
function letGo(timers: Timers, socket: Socket): void {
  if (socket.destroyed) return;
  socket.end();
  socket.on('data', () => undefined);
  const timer = timers.after(lingerMs, () => {
    socket.destroy();
  });
  socket.once('end', () => {
    socket.destroy();
  });
  socket.once('close', () => {
    timer.cancel();
  });
}

function failureOf({ port, pod }: PortTarget, reason: string): Uint8Array {
  const message = `error forwarding port ${port} to pod ${pod}: ${reason}`;
  return new TextEncoder().encode(JSON.stringify({ metadata: {}, status: 'Failure', message, code: 500 }));
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
