/** Finds free ports of this machine. */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * From these a port is drawn that shall stay free until somebody listens there, now and after each start: below those
 * that Linux gives to outgoing connections (32768 and up), and below the node ports of Services.
 */
const drawnFrom = 20_000;
const drawnTo = 29_999;
const drawsMax = 1_000;
/** What was drawn is not drawn again soon: it is free until its owner listens there. */
const drawn = new Set<number>();
const drawnKeptMax = 1_000;

/** A port of `host` that is free now: `wanted`, or any. Rejects when the wanted one is in use. */
export async function freePort(host: string, wanted?: number): Promise<number> {
  if (wanted !== undefined) return await bound(host, wanted);
  for (let draws = 0; draws < drawsMax; draws += 1) {
    const wish = draw();
    const port = await bound(host, wish).catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return undefined;
      throw error;
    });
    if (port !== undefined) return port;
  }
  return await bound(host, 0);
}

function draw(): number {
  for (;;) {
    const port = randomInt(drawnFrom, drawnTo + 1);
    if (drawn.has(port)) continue;
    if (drawn.size >= drawnKeptMax) drawn.clear();
    drawn.add(port);
    return port;
  }
}

function bound(host: string, wanted: number): Promise<number> {
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
