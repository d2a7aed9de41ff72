import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { silentLogger, type Timers } from '../base/index.ts';
import { systemTimers } from '../platform/index.ts';
import { type Bus, connectNats, type NatsBusOptions, type NatsServer, startNatsServer } from './index.ts';
import { freePort } from '../platform/index.ts';
import { withoutNatsServer } from './nats-server.fixture.ts';

/** A test that needs a real server. */
const nats = withoutNatsServer === undefined ? test : test.skip;

interface Servers {
  readonly both: readonly [NatsServer, NatsServer];
  connect(options?: Partial<NatsBusOptions>): Promise<Bus>;
}

/** Two servers that know nothing of each other. */
async function withServers(act: (servers: Servers) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'troupe-lost-server-'));
  const start = async (port: number): Promise<NatsServer> =>
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
  const both = [await start(await freePort('127.0.0.1')), await start(await freePort('127.0.0.1'))] as const;
  const buses: Bus[] = [];
  try {
    await act({
      both,
      connect: async (options) => {
        const servers = both.map(({ url }) => url);
        const bus = await connectNats({ servers, token: 'secret', name: 'agent', pingMs: 100, ...options });
        buses.push(bus);
        return bus;
      },
    });
  } finally {
    for (const server of both) process.kill(server.pid() ?? 0, 'SIGCONT');
    await Promise.all(buses.map((bus) => bus.close()));
    await Promise.all(both.map((server) => server.stop()));
    await rm(folder, { recursive: true });
  }
}

/** Whether this bus is connected to that server. */
async function isAt(bus: Bus, server: NatsServer, connect: Servers['connect']): Promise<boolean> {
  const witness = await connect({ servers: [server.url] });
  let heard = false;
  witness.subscribe('here', () => {
    heard = true;
  });
  await witness.flush();
  bus.publish('here', new Uint8Array());
  await bus.flush();
  await witness.flush();
  await witness.close();
  return heard;
}

/** Resolves at its next connection. */
const connection = (bus: Bus): Promise<void> =>
  new Promise((resolve) => {
    bus.onStatus((status) => {
      if (status === 'connected') resolve();
    });
  });

nats('a server that stands still is left for another one, and not tried again first', (t) =>
  withServers(async ({ both, connect }) => {
    const bus = await connect();
    const lost = (await isAt(bus, both[0], connect)) ? both[0] : both[1];
    const moved = connection(bus);
    const began = performance.now();
    process.kill(lost.pid() ?? 0, 'SIGSTOP');
    await moved;
    const tookMs = performance.now() - began;
    // A try of the server that was lost would last three seconds.
    t.true(tookMs < 3_000, `${Math.round(tookMs)} ms`);
    await bus.flush();
  }),
);

nats('a connection goes back to its own server when that answers again', (t) =>
  withServers(async ({ both, connect }) => {
    const [own, other] = both;
    let look = (): void => undefined;
    const returns: Timers = {
      ...systemTimers,
      every: (_periodMs, call) => {
        look = call;
        return { cancel: () => undefined };
      },
    };
    const bus = await connect({ ordered: true, returns });
    t.true(await isAt(bus, own, connect));
    const moved = connection(bus);
    process.kill(own.pid() ?? 0, 'SIGSTOP');
    await moved;
    t.true(await isAt(bus, other, connect));
    const back = connection(bus);
    process.kill(own.pid() ?? 0, 'SIGCONT');
    look();
    await back;
    t.true(await isAt(bus, own, connect));
  }),
);
