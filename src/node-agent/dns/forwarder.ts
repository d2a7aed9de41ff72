/** Asks the machine's resolvers for names outside of the cluster. */
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { connect } from 'node:net';
import { familyOf, type IpFamily } from '../../api/index.ts';
import type { Random, Timer, Timers } from '../../base/index.ts';
import { framed, messagesOf } from './tcp-messages.ts';

export type DnsTransport = 'udp' | 'tcp';

/** Asks other resolvers. */
export interface Forwarder {
  /** The first resolver's answer to the message, else the next one's; rejects when none answers. */
  forward(message: Buffer, transport: DnsTransport): Promise<Buffer>;
  close(): void;
}

interface ForwarderOptions {
  /** Addresses; a port may follow after `#`, which is 53 otherwise. */
  readonly upstreams: readonly string[];
  readonly timers: Timers;
  readonly random: Random;
}

interface Asked {
  /** The asker's id. */
  readonly id: number;
  readonly upstream: Upstream;
  readonly resolve: (reply: Buffer) => void;
  readonly timer: Timer;
}

interface Upstream {
  readonly address: string;
  readonly port: number;
}

const deadlineMs = 2000;
const askedMax = 4096;

function upstreamOf(text: string): Upstream {
  const [address = '', port = '53'] = text.split('#');
  return { address, port: Number(port) };
}

/**
 * Questions over UDP share one socket for each family of resolvers. Each goes out under an id that nobody can foresee,
 * and only who was asked is listened to: a false answer would have to guess both (RFC 5452 section 4).
 */
export async function startForwarder(options: ForwarderOptions): Promise<Forwarder> {
  const asked = new Map<number, Asked>();
  const answered = (reply: Buffer, { address, port }: RemoteInfo): void => {
    const entry = reply.length < 12 ? undefined : asked.get(reply.readUInt16BE(0));
    if (entry === undefined || entry.upstream.address !== address || entry.upstream.port !== port) return;
    asked.delete(reply.readUInt16BE(0));
    entry.timer.cancel();
    reply.writeUInt16BE(entry.id, 0);
    entry.resolve(reply);
  };
  const families = new Set(options.upstreams.map((text) => familyOf(upstreamOf(text).address)));
  const sockets = new Map<IpFamily, UdpSocket>();
  for (const family of families) sockets.set(family, await openSocket(family, answered));
  const freeId = (): number => {
    for (;;) {
      const id = options.random.below(65_536);
      if (!asked.has(id)) return id;
    }
  };
  const ask = (message: Buffer, upstream: Upstream): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      if (asked.size >= askedMax) {
        reject(new Error('too many questions are under way'));
        return;
      }
      const id = freeId();
      const copy = Buffer.from(message);
      copy.writeUInt16BE(id, 0);
      const timer = options.timers.after(deadlineMs, () => {
        asked.delete(id);
        reject(new Error(`${upstream.address} did not answer`));
      });
      asked.set(id, { id: message.readUInt16BE(0), upstream, resolve, timer });
      sockets.get(familyOf(upstream.address))?.send(copy, upstream.port, upstream.address, (error) => {
        if (error !== null) {
          asked.delete(id);
          timer.cancel();
          reject(error);
        }
      });
    });
  return {
    forward: async (message, transport) => {
      let failure: unknown = new Error('there is no resolver to ask');
      for (const upstream of options.upstreams.map(upstreamOf)) {
        try {
          return await (transport === 'udp' ? ask(message, upstream) : askOverTcp(message, upstream, options.timers));
        } catch (error) {
          failure = error;
        }
      }
      throw failure;
    },
    close: () => {
      for (const socket of sockets.values()) socket.close();
    },
  };
}

async function openSocket(family: IpFamily, answered: (reply: Buffer, from: RemoteInfo) => void): Promise<UdpSocket> {
  const socket = createSocket(family === 'IPv4' ? 'udp4' : 'udp6');
  // Deadlines tell of it.
  socket.on('error', () => undefined);
  socket.on('message', answered);
  await new Promise<void>((resolve) => {
    socket.bind(0, resolve);
  });
  return socket;
}

/** A connection a question: they are few, since only long answers travel so. */
function askOverTcp(message: Buffer, { address, port }: Upstream, timers: Timers): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, address);
    const timer = timers.after(deadlineMs, () => {
      socket.destroy(new Error(`${address} did not answer`));
    });
    const end = (finish: () => void): void => {
      timer.cancel();
      finish();
      socket.destroy();
    };
    socket.on('error', (error) => {
      end(() => {
        reject(error);
      });
    });
    socket.on('close', () => {
      end(() => {
        reject(new Error(`${address} closed the connection`));
      });
    });
    messagesOf(socket, (reply) => {
      end(() => {
        resolve(reply);
      });
    });
    socket.write(framed(message));
  });
}
