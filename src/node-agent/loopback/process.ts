/**
 * The process in a pod's network: `node process.ts SOCKET`. Whoever connects to the socket says a port and is answered
 * with a line: empty, and then the bytes of the connection follow; or why there is none. It ends with its standard
 * input.
 */
import { connect, createServer, type Socket } from 'node:net';

/** What it writes on standard output once it listens. */
export type Listening = 'listening\n';

const listening: Listening = 'listening\n';
const [, , path = ''] = process.argv;

const connected = (host: string, port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host, port, allowHalfOpen: true }, () => {
      resolve(socket);
    });
    socket.once('error', reject);
  });

const reached = (port: number): Promise<Socket> =>
  connected('127.0.0.1', port).catch((error: unknown) => connected('::1', port).catch(() => Promise.reject(error)));

function joined(client: Socket, server: Socket): void {
  client.write('\n');
  for (const [one, other] of [
    [client, server],
    [server, client],
  ] as const) {
    one.pipe(other);
    one.on('error', () => other.destroy());
    one.on('close', () => {
      if (!one.readableEnded || !one.writableFinished) other.destroy();
    });
  }
}

const listener = createServer({ allowHalfOpen: true }, (client) => {
  client.on('error', () => undefined);
  client.once('data', (said: Buffer) => {
    client.pause();
    reached(Number.parseInt(said.toString(), 10)).then(
      (server) => {
        joined(client, server);
      },
      (error: unknown) => {
        client.end(`${error instanceof Error ? error.message : String(error)}\n`);
      },
    );
  });
});
listener.listen(path, () => {
  process.stdout.write(listening);
});
process.stdin.on('end', () => process.exit()).resume();
