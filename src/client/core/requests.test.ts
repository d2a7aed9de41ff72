import test from 'ava';
import { type Bus, SimulatedNetwork, subjectsOf } from '../../bus/index.ts';
import { SimulatedTime } from '../../platform/index.ts';
import type { ApiReply } from '../../protocol/index.ts';
import { encodeMessage } from './encoding.ts';
import { Exchanges } from './exchanges.ts';
import { Requests } from './requests.ts';

type Status = 'connected' | 'disconnected' | 'closed';

/** The requests of a client on a network where no member answers until `open`. */
function world() {
  const time = new SimulatedTime();
  const network = new SimulatedNetwork(time);
  let tell = (_status: Status): void => undefined;
  const bus: Bus = Object.assign(network.client('client'), {
    onStatus: (listener: (status: Status) => void) => {
      tell = listener;
    },
  });
  const subject = 'troupe.test.api';
  const exchanges = new Exchanges(bus, subjectsOf('test'));
  const ports = { bus, timers: time, cluster: 'test', token: () => 'secret', deadlineMs: 10_000 };
  const requests = new Requests({ ...ports, exchanges, subject });
  let asked = 0;
  const outcomes: string[] = [];
  return {
    time,
    outcomes,
    exchanges,
    tell: (status: Status) => {
      tell(status);
    },
    asked: () => asked,
    open: () => {
      const door = network.client('door');
      door.subscribe(subject, ({ reply = '' }) => {
        asked += 1;
        door.publish(reply, encodeMessage({ status: 200 } as ApiReply, 'json'));
      });
    },
    send: () => {
      requests.send({ verb: 'get', group: '', version: 'v1', resource: 'pods' }, {}).then(
        ({ status }) => outcomes.push(String(status)),
        ({ message }: Error) => outcomes.push(message),
      );
    },
  };
}

test('a request that nobody had is sent again for a while, once at a time', async (t) => {
  const w = world();
  w.send();
  await w.time.run(450);
  t.deepEqual(w.outcomes, []);
  w.open();
  await w.time.run(200);
  t.deepEqual(w.outcomes, ['200']);
  await w.time.run(20_000);
  t.is(w.asked(), 1);
});

test('a connection that breaks takes nothing from a request that nobody had', async (t) => {
  const w = world();
  w.send();
  await w.time.run(10);
  w.tell('disconnected');
  await w.time.run(500);
  t.deepEqual(w.outcomes, []);
  w.open();
  w.tell('connected');
  await w.time.run(500);
  t.deepEqual(w.outcomes, ['200']);
  t.is(w.asked(), 1);
});

test('a request that nobody has for a second fails, and so does one whose client is closed', async (t) => {
  const w = world();
  w.send();
  await w.time.run(1_500);
  t.deepEqual(w.outcomes, ['no member of the cluster answers over NATS']);
  w.send();
  await w.time.run(50);
  w.exchanges.close();
  w.open();
  await w.time.run(2_000);
  t.deepEqual(w.outcomes.slice(1), ['the client was closed']);
  t.is(w.asked(), 0);
});
