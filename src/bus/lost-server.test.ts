import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { silentLogger } from '../base/index.ts';
import { systemTimers } from '../platform/index.ts';
import { connectNats, startNatsServer } from './index.ts';

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => {
        resolve(port);
      });
    });
  });
}

test('a server that stands still is left for another one, and not tried again first', async (t) => {
  if (spawnSync('nats-server', ['--version']).status !== 0) {
    t.log('skipped: nats-server is not installed');
    t.pass();
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'troupe-lost-server-'));
  const ports = [await freePort(), await freePort()] as const;
  const start = async (port: number): ReturnType<typeof startNatsServer> =>
    startNatsServer({
      program: 'nats-server',
      host: '127.0.0.1',
      port,
      authorization: { type: 'token', token: 'secret' },
      folder: await mkdtemp(join(folder, 'server-')),
      logFile: join(folder, `${port}.log`),
      timers: systemTimers,
      log: silentLogger,
    });
  const both = [await start(ports[0]), await start(ports[1])] as const;
  const connected = (servers: readonly string[]): ReturnType<typeof connectNats> =>
    connectNats({ servers, token: 'secret', name: 'agent', pingMs: 100 });
  const bus = await connected(both.map(({ url }) => url));
  const witness = await connected([both[0].url]);
  let isFirst = false;
  witness.subscribe('here', () => {
    isFirst = true;
  });
  await witness.flush();
  bus.publish('here', new Uint8Array());
  await bus.flush();
  await witness.flush();
  await witness.close();
  const lost = isFirst ? both[0] : both[1];
  try {
    const moved = new Promise<number>((resolve) => {
      bus.onStatus((status) => {
        if (status === 'connected') resolve(performance.now());
      });
    });
    const began = performance.now();
    process.kill(lost.pid() ?? 0, 'SIGSTOP');
    const tookMs = (await moved) - began;
    // A try of the server that was lost would last three seconds.
    t.true(tookMs < 3_000, `${Math.round(tookMs)} ms`);
    await bus.flush();
  } finally {
    process.kill(lost.pid() ?? 0, 'SIGCONT');
    await bus.close();
    await Promise.all(both.map((server) => server.stop()));
    await rm(folder, { recursive: true });
  }
});
