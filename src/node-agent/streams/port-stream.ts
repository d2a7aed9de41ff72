/** Streams a TCP connection between a door and a pod's port. */
import { once } from 'node:events';
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
  /** A connection to the pod's own loopback address, where a server may listen that refuses others. */
  readonly loopback?: (() => Promise<Socket>) | undefined;
}

/**
 * Carries one TCP connection to a pod's port. Either side may end first: the other is heard to its end. A server whose
 * client is gone gets all that it sent, and the end of it.
 */
export async function carryPort(timers: Timers, link: StreamLink, target: PortTarget): Promise<void> {
  const connecting = connected(target);
  // A failure is told below.
  const whenConnected = (use: (socket: Socket) => unknown): Promise<unknown> => connecting.then(use, () => undefined);
  link.onData(async (channel, data) => {
    if (channel === toPod) await whenConnected((socket) => written(socket, data));
  });
  link.onEnd((channel) => {
    if (channel === toPod) void whenConnected((socket) => socket.end());
    else if (channel === undefined) void whenConnected((socket) => letGo(timers, socket));
  });
  try {
    const socket = await connecting;
    for await (const data of socket.iterator({ destroyOnReturn: false }))
      if (!(await link.send(fromPod, data as Uint8Array))) return;
    link.end(fromPod);
  } catch (error) {
    await link.send(failure, failureOf(target, errorMessage(error)));
  }
  await whenConnected((socket) => socket.destroy());
  link.end();
}

async function connected({ host, port, loopback }: PortTarget): Promise<Socket> {
  const socket = connect({ host, port, allowHalfOpen: true });
  try {
    await once(socket, 'connect');
  } catch (error) {
    if (loopback === undefined || (error as NodeJS.ErrnoException).code !== 'ECONNREFUSED') throw error;
    return loopback().catch((other: unknown) => {
      throw new Error(`${errorMessage(error)}, and in the pod: ${errorMessage(other)}`, { cause: error });
    });
  }
  // Who reads hears errors while it does.
  socket.on('error', () => undefined);
  return socket;
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
