/**
 * Opens idle watches over HTTP/2 as client-go does: all watches of a client share its connection. Runs as a child of
 * the benchmark: takes an Http2WatchLoad as JSON argument, prints `open` when all watches stand, and ends with its
 * input.
 */
import { connect } from 'node:http2';

export interface Http2WatchLoad {
  readonly port: number;
  readonly token: string;
  readonly clients: number;
  readonly watchesPerClient: number;
  readonly path: string;
}

const { port, token, clients, watchesPerClient, path } = JSON.parse(process.argv[2] ?? '{}') as Http2WatchLoad;

/** Resolves when the client's watches stand. */
async function client(): Promise<void> {
  const session = connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
  await Promise.all(
    Array.from(
      { length: watchesPerClient },
      () =>
        new Promise<void>((resolve, reject) => {
          const stream = session.request({
            ':path': path,
            authorization: `Bearer ${token}`,
            accept: 'application/json',
          });
          stream.on('response', ({ ':status': status }) => {
            if (status === 200) resolve();
            else reject(new Error(`a watch was answered with ${status}`));
          });
          stream.on('error', reject);
          stream.resume();
        }),
    ),
  );
}

for (let i = 0; i < clients; i++) await client();
process.stdout.write('open\n');
process.stdin.on('data', () => undefined);
process.stdin.on('end', () => {
  process.exit(0);
});
