import { createSocket } from 'node:dgram';
import type { Timer, Timers } from '../../base/index.ts';

/** Asks other resolvers. */
export interface Forwarder {
  /** The first resolver's answer to the message, else the next one's; rejects when none answers. */
  forward(message: Buffer): Promise<Buffer>;
  close(): void;
}

interface Asked {
  readonly id: number;
  readonly resolve: (reply: Buffer) => void;
  readonly timer: Timer;
}

const deadlineMs = 2000;
const askedMax = 4096;

/** One socket for all questions; each goes out under an id of its own, so that answers find their asker. */
export async function startForwarder(options: { readonly upstreams: readonly string[]; readonly timers: Timers }): Promise<Forwarder> {
  const socket = createSocket('udp4');
  const asked = new Map<number, Asked>();
  let nextId = 1;
  socket.on('error', () => undefined); /* deadlines tell of it */
  socket.on('message', (reply) => {
    const entry = reply.length < 12 ? undefined : asked.get(reply.readUInt16BE(0));
    if (entry === undefined) return;
    asked.delete(reply.readUInt16BE(0));
    entry.timer.cancel();
    reply.writeUInt16BE(entry.id, 0);
    entry.resolve(reply);
  });
  await new Promise<void>((resolve) => { socket.bind(0, resolve); });
  const ask = (message: Buffer, upstream: string): Promise<Buffer> => new Promise((resolve, reject) => {
    if (asked.size >= askedMax) { reject(new Error('too many questions are under way')); return; }
    while (asked.has(nextId)) nextId = (nextId + 1) % 65_536;
    const id = nextId;
    nextId = (nextId + 1) % 65_536;
    const copy = Buffer.from(message);
    copy.writeUInt16BE(id, 0);
    const timer = options.timers.after(deadlineMs, () => { asked.delete(id); reject(new Error(`${upstream} did not answer`)); });
    asked.set(id, { id: message.readUInt16BE(0), resolve, timer });
    socket.send(copy, 53, upstream, (error) => { if (error !== null) { asked.delete(id); timer.cancel(); reject(error); } });
  });
  return {
    forward: async (message) => {
      let failure: unknown = new Error('there is no resolver to ask');
      for (const upstream of options.upstreams) {
        try {
          return await ask(message, upstream);
        } catch (error) {
          failure = error;
        }
      }
      throw failure;
    },
    close: () => { socket.close(); },
  };
}
