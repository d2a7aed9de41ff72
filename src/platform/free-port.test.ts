import { createServer } from 'node:net';
import test from 'ava';
import { freePort } from './free-port.ts';

test('a port is drawn below those of outgoing connections and of Services, and nobody listens there', async (t) => {
  for (let i = 0; i < 50; i += 1) {
    const port = await freePort('127.0.0.1');
    t.true(port >= 20_000 && port < 30_000, String(port));
  }
});

test('no port is drawn twice before its owner can listen there', async (t) => {
  const ports: number[] = [];
  for (let i = 0; i < 500; i += 1) ports.push(await freePort('127.0.0.1'));
  t.is(new Set(ports).size, ports.length);
});

test('a wanted port that is in use is refused, and so is an address that is not ours', async (t) => {
  const port = await freePort('127.0.0.1');
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve);
  });
  await t.throwsAsync(freePort('127.0.0.1', port), { code: 'EADDRINUSE' });
  await new Promise((resolve) => {
    server.close(resolve);
  });
  t.is(await freePort('127.0.0.1', port), port);
  await t.throwsAsync(freePort('192.0.2.1'), { code: 'EADDRNOTAVAIL' });
});
