/**
 * The two ends of a stream, each in a pod's network namespace.
 *   node stream.ts sink PORT
 *   node stream.ts source DIRECT-ADDRESS:PORT SERVICE-ADDRESS:PORT TURNS
 * The source sends to either in turns, so that both meet the same neighbours, and prints the megabytes and the
 * connections a second of each turn.
 */
import { connect, createServer, type Socket } from 'node:net';

const turnMs = 250;
const chunk = Buffer.alloc(256 * 1024, 'x');

const opened = (target: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const [host = '', port = ''] = target.split(':');
    const socket = connect({ host, port: Number(port), noDelay: true }, () => {
      resolve(socket);
    });
    socket.on('error', reject);
  });

/** Megabytes a second over one connection. */
async function streamed(target: string): Promise<number> {
  const socket = await opened(target);
  const from = performance.now();
  while (performance.now() - from < turnMs)
    if (!socket.write(chunk)) await new Promise((resolve) => socket.once('drain', resolve));
  const rate = (socket.bytesWritten - socket.writableLength) / 1e6 / ((performance.now() - from) / 1000);
  socket.destroy();
  return rate;
}

/** Connections a second, one after the other. */
async function connected(target: string): Promise<number> {
  const from = performance.now();
  let count = 0;
  for (; performance.now() - from < turnMs; count++) (await opened(target)).resetAndDestroy();
  return count / ((performance.now() - from) / 1000);
}

const [, , role, ...args] = process.argv;
if (role === 'sink') {
  createServer((socket) => {
    socket.on('error', () => undefined).resume();
  }).listen(Number(args[0]), () => {
    console.log('ready');
  });
} else {
  const [direct = '', service = '', turns = '0'] = args;
  const told = { direct: [] as number[], service: [] as number[] };
  const connections = { direct: [] as number[], service: [] as number[] };
  await streamed(direct);
  for (let i = 0; i < Number(turns); i++)
    for (const way of i % 2 === 0 ? (['direct', 'service'] as const) : (['service', 'direct'] as const)) {
      const target = way === 'direct' ? direct : service;
      told[way].push(await streamed(target));
      connections[way].push(await connected(target));
    }
  console.log(JSON.stringify({ megabytes: told, connections }));
}
