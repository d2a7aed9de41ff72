import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import test, { type ExecutionContext } from 'ava';
import { SimulatedTime } from '../../platform/index.ts';
import { loopbackDialer } from './index.ts';

/** In this process' own network: to enter another one needs root. */
const time = new SimulatedTime();
const dialer = loopbackDialer(time, () => ['env']);

async function listening(t: ExecutionContext, host: string, serve: (socket: Socket) => void): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, serve).listen(0, host);
  t.teardown(() => server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function text(socket: Socket): Promise<string> {
  let found = '';
  for await (const data of socket.iterator({ destroyOnReturn: false })) found += String(data);
  return found;
}

const loopback6 = '::1';
const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === loopback6));

for (const [host, declare] of [
  ['127.0.0.1', test],
  [loopback6, hasIpv6 ? test : test.skip],
] as const)
  declare(`a server at ${host} hears its client to the end, then answers, and the process ends`, async (t) => {
    const port = await listening(t, host, (socket) => {
      void text(socket).then((heard) => socket.end(`heard ${heard}`));
    });
    const owner = { containerId: host, processId: process.pid };
    const [one, other] = await Promise.all([dialer.dial(owner, port), dialer.dial(owner, port)]);
    one.end('one');
    other.end('other');
    t.deepEqual(await Promise.all([text(one), text(other)]), ['heard one', 'heard other']);
    time.advance(10_000);
    const again = await dialer.dial(owner, port);
    again.end('again');
    t.is(await text(again), 'heard again', 'after the process has ended, another one is started');
  });

test('what a server says first is not lost', async (t) => {
  const speaks = await listening(t, '127.0.0.1', (socket) => {
    socket.end('220 ready');
  });
  const owner = { containerId: 'speaks', processId: process.pid };
  const heard = await dialer.dial(owner, speaks);
  heard.end();
  t.is(await text(heard), '220 ready');
});

test('closed ports, and networks that cannot be entered, are refused with the reason', async (t) => {
  const owner = { containerId: 'nothing', processId: process.pid };
  await t.throwsAsync(dialer.dial(owner, 1), { message: /ECONNREFUSED 127\.0\.0\.1:1/ });
  const failing = loopbackDialer(time, () => ['false']);
  await t.throwsAsync(failing.dial(owner, 1), { message: /cannot be entered \(1\)/ });
  const absent = loopbackDialer(time, () => ['/no/such/program']);
  await t.throwsAsync(absent.dial(owner, 1), { message: /ENOENT/ });
});
