import test from 'ava';
import { silentLogger } from '../../base/index.ts';
import { type Bus, connectionSubject, type NatsConnectionInfo, SimulatedNetwork } from '../../bus/index.ts';
import { SimulatedTime } from '../../platform/index.ts';
import { type Audience, watchAudience } from './feed-audience.ts';

interface World {
  readonly audience: Audience;
  pass(ms: number): Promise<void>;
  readonly connected: NatsConnectionInfo[];
  leads: boolean;
  /** Servers that answer, of two. */
  answering: number;
  counted: number;
  /** Somebody asks a server to be let in. */
  arrive(): Promise<void>;
  /** The member's own connection to NATS is back after a cut. */
  back(): void;
}

function start(): World {
  const time = new SimulatedTime();
  const bus = new SimulatedNetwork(time).client('m1');
  const listeners: ((status: 'connected') => void)[] = [];
  const heard: Bus = {
    publish: (...args) => {
      bus.publish(...args);
    },
    subscribe: (...args) => bus.subscribe(...args),
    request: (...args) => bus.request(...args),
    inbox: () => bus.inbox(),
    flush: () => bus.flush(),
    onStatus: (listener) => {
      listeners.push(listener);
    },
    close: () => bus.close(),
  };
  const count = (
    matches: (connection: NatsConnectionInfo) => boolean,
    servers: number,
  ): Promise<number | undefined> => {
    world.counted += 1;
    return Promise.resolve(world.answering < servers ? undefined : world.connected.filter(matches).length);
  };
  const world: World = {
    pass: (ms) => time.run(ms),
    leads: true,
    answering: 2,
    counted: 0,
    connected: [
      { name: 'm1', user: undefined },
      { name: 'node-1', user: 'system:node:node-1' },
    ],
    audience: watchAudience({
      bus: heard,
      connections: { count },
      timers: time,
      log: silentLogger,
      leads: () => world.leads,
      servers: () => 2,
    }),
    arrive: async () => {
      bus.publish(connectionSubject, new Uint8Array());
      await world.pass(1);
    },
    back: () => {
      for (const listener of listeners) listener('connected');
    },
  };
  return world;
}

test('once the servers list nobody but members and agents, nobody is taken to listen', async (t) => {
  const world = start();
  t.true(world.audience.present);
  await world.pass(11_000);
  t.true(world.audience.present);
  await world.pass(2_000);
  t.false(world.audience.present);
});

test('a client that asks to connect counts as a listener until the lists can show it', async (t) => {
  const world = start();
  await world.pass(13_000);
  await world.arrive();
  t.true(world.audience.present);
  await world.pass(8_000);
  await world.arrive();
  await world.pass(11_000);
  t.true(world.audience.present);
  world.connected.push({ name: 'follower', user: 'alice' });
  await world.pass(100_000);
  t.true(world.audience.present);
  world.connected.pop();
  await world.pass(61_000);
  t.false(world.audience.present);
});

test('somebody may be there as long as a server does not answer, or while another member publishes', async (t) => {
  const world = start();
  world.answering = 1;
  await world.pass(100_000);
  t.true(world.audience.present);
  world.answering = 2;
  world.leads = false;
  const { counted } = world;
  await world.pass(100_000);
  t.true(world.audience.present);
  t.is(world.counted, counted);
  world.leads = true;
  await world.pass(61_000);
  t.false(world.audience.present);
});

test('who came while this member was cut off is found when it is back', async (t) => {
  const world = start();
  await world.pass(13_000);
  t.false(world.audience.present);
  world.back();
  t.true(world.audience.present);
  world.connected.push({ name: 'follower', user: 'admin' });
  await world.pass(13_000);
  t.true(world.audience.present);
  world.audience.close();
});
