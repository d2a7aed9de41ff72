/** Finds free ports of this machine. */
import { createServer } from 'node:net';

/** A port of `host` that is free now: `wanted`, or any. Rejects when the wanted one is in use. */
export function freePort(host: string, wanted = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(wanted, host, () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
  });
}
