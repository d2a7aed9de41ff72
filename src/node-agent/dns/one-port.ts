/** A free port of an address, for UDP and TCP alike. */
import { createSocket, type Socket } from 'node:dgram';
import type { Server } from 'node:net';
import { familyOf } from '../../api/index.ts';

/** The system gives a port that is free for UDP; by chance somebody has it for TCP. */
const triesMax = 20;

/** Lets `tcp` listen; resolves with a socket of UDP at the same port. Rejects for an address of another machine. */
export async function listenOnOnePort(tcp: Server, address: string): Promise<Socket> {
  for (let tries = 1; ; tries++) {
    const udp = createSocket(familyOf(address) === 'IPv4' ? 'udp4' : 'udp6');
    try {
      await begun(udp, (done) => udp.bind(0, address, done));
      await begun(tcp, (done) => tcp.listen(udp.address().port, address, done));
      return udp;
    } catch (error) {
      udp.close();
      if (tries === triesMax || (error as { readonly code?: unknown }).code !== 'EADDRINUSE') throw error;
    }
  }
}

function begun(server: Socket | Server, begin: (done: () => void) => unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    begin(() => {
      server.off('error', reject);
      resolve();
    });
  });
}
