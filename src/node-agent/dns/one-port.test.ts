import { createServer, type Server } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { listenOnOnePort } from './one-port.ts';

const loopback = '127.0.0.1';

/** A server whose first `taken` ports somebody else has. */
function serverOf(t: ExecutionContext, taken: number): Server {
  const server = createServer();
  const listen = server.listen.bind(server) as (port: number, host: string, done: () => void) => Server;
  let asked = 0;
  server.listen = ((port: number, host: string, done: () => void) => {
    asked += 1;
    if (asked > taken) return listen(port, host, done);
    queueMicrotask(() => server.emit('error', Object.assign(new Error('taken'), { code: 'EADDRINUSE' })));
    return server;
  }) as Server['listen'];
  t.teardown(() => server.close());
  return server;
}

test('a port that is taken for TCP is left for another one', async (t) => {
  const tcp = serverOf(t, 2);
  const udp = await listenOnOnePort(tcp, loopback);
  t.teardown(() => udp.close());
  t.like(tcp.address(), { port: udp.address().port, address: loopback });
});

test('after twenty of them, and for an address of another machine, it fails instead of waiting', async (t) => {
  await t.throwsAsync(listenOnOnePort(serverOf(t, Infinity), loopback), { code: 'EADDRINUSE' });
  await t.throwsAsync(listenOnOnePort(serverOf(t, 0), '192.0.2.1'), { code: 'EADDRNOTAVAIL' });
});
