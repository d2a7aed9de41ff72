import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { silentLogger } from '../base/index.ts';
import { systemTimers } from '../platform/index.ts';
import {
  type Bus,
  BusError,
  connectionRequest,
  connectionSubject,
  connectNats,
  createNatsIssuer,
  decode,
  encode,
  makeIssuerSeed,
  type NatsBusOptions,
  natsConnections,
  natsUsers,
  SimulatedNetwork,
  startNatsServer,
} from './index.ts';
import { freePort } from '../platform/index.ts';
import { withoutNatsServer } from './nats-server.fixture.ts';
import { matches } from './simulated-bus.ts';

/** A test that needs a real server. */
const nats = withoutNatsServer === undefined ? test : test.skip;

/** What every Bus adapter must do; `connect` gives a fresh client of the same network. */
async function suite(t: ExecutionContext, connect: () => Promise<Bus>): Promise<void> {
  const [sender, receiver, second] = [await connect(), await connect(), await connect()];
  const got: string[] = [];
  let arrived: () => void = () => undefined;
  const all = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  receiver.subscribe('a.*.c', (message) => {
    got.push(`${message.subject} ${String(decode(message.payload))} ${message.headers?.['trace'] ?? '-'}`);
    if (got.length === 2) arrived();
  });
  await receiver.flush();
  sender.publish('a.b.c', encode('one'), { headers: { trace: 't1' } });
  sender.publish('a.b', encode('unheard'));
  sender.publish('a.x.c', encode('two'));
  await all;
  t.deepEqual(got, ['a.b.c one t1', 'a.x.c two -'], 'messages arrive in order, with headers, by pattern');

  for (const [name, client] of [
    ['first', receiver],
    ['second', second],
  ] as const) {
    client.subscribe(
      'work',
      (message) => {
        client.publish(message.reply ?? '', encode(name));
      },
      { queue: 'workers' },
    );
    await client.flush();
  }
  const answer = decode((await sender.request('work', encode({}), { deadlineMs: 2_000 })).payload);
  t.true(answer === 'first' || answer === 'second', 'one member of the queue group answers');

  const late: string[] = [];
  const draining = receiver.subscribe('late', (message) => {
    late.push(String(decode(message.payload)));
  });
  await receiver.flush();
  for (const text of ['a', 'b']) sender.publish('late', encode(text));
  await sender.flush();
  await draining.drain();
  sender.publish('late', encode('c'));
  await sender.flush();
  t.deepEqual(late, ['a', 'b'], 'what was sent before a subscription drains is heard');

  const nobody = await t.throwsAsync(sender.request('nobody.here', encode({}), { deadlineMs: 2_000 }), {
    instanceOf: BusError,
  });
  t.is(nobody?.code, 'no-responders');
  const refused = new Promise<number>((resolve) => {
    sender.subscribe('refused', (message) => {
      resolve(message.payload.byteLength);
    });
  });
  await sender.flush();
  sender.publish('nobody.here', encode({}), { reply: 'refused' });
  t.is(await refused, 0, 'a message that nobody hears comes back empty');
  receiver.subscribe('silent', () => undefined);
  await receiver.flush();
  t.is(
    (await t.throwsAsync(sender.request('silent', encode({}), { deadlineMs: 20 }), { instanceOf: BusError }))?.code,
    'timeout',
  );
  t.is(
    t.throws(
      () => {
        sender.publish('a.b.c', new Uint8Array(3 * 1024 * 1024));
      },
      { instanceOf: BusError },
    )?.code,
    'too-large',
  );
  for (const client of [sender, receiver, second]) await client.close();
}

test('the simulated bus does what every bus does', async (t) => {
  const network = new SimulatedNetwork(systemTimers);
  await suite(t, () => Promise.resolve(network.client('client')));
});

nats('the NATS bus does what every bus does', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'troupe-bus-'));
  const port = await freePort('127.0.0.1');
  const server = await startNatsServer({
    program: 'nats-server',
    host: '127.0.0.1',
    port,
    authorization: { type: 'token', token: 'secret' },
    folder,
    logFile: join(folder, 'log'),
    timers: systemTimers,
    log: silentLogger,
  });
  try {
    await t.throwsAsync(connectNats({ servers: [server.url], token: 'wrong', name: 'intruder' }), {
      instanceOf: BusError,
    });
    await suite(t, () => connectNats({ servers: [server.url], token: 'secret', name: 'test' }));
  } finally {
    await server.stop();
    await rm(folder, { recursive: true });
  }
});

test('an encoded value comes back without its undefined fields', (t) => {
  t.deepEqual(decode(encode({ a: 1, b: undefined, c: [{ d: undefined, e: 'x' }], f: new Uint8Array([1]) })), {
    a: 1,
    c: [{ e: 'x' }],
    f: Buffer.from([1]),
  });
});

test('patterns match as NATS does', (t) => {
  const match = (pattern: string, subject: string): boolean => matches(pattern.split('.'), subject.split('.'));
  t.true(match('a.*.c', 'a.b.c'));
  t.true(match('a.>', 'a.b.c'));
  t.false(match('a.>', 'a'));
  t.false(match('a.*', 'a.b.c'));
  t.false(match('a.b.c', 'a.b'));
});

nats('a server with roles lets members in by their password, others as a member says, and nobody else', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'troupe-nats-'));
  const issuer = createNatsIssuer(makeIssuerSeed());
  const subscriptionsMax = 100;
  const server = await startNatsServer({
    program: 'nats-server',
    host: '127.0.0.1',
    port: await freePort('127.0.0.1'),
    folder,
    logFile: join(folder, 'log'),
    timers: systemTimers,
    log: silentLogger,
    subscriptionsMax,
    authorization: { type: 'roles', memberPassword: 'mp', systemPassword: 'sp', issuer: issuer.publicKey },
  });
  const opened: Bus[] = [];
  const connect = async (more: Partial<NatsBusOptions>): Promise<Bus> => {
    const bus = await connectNats({ servers: [server.url], name: 'test', ...more });
    opened.push(bus);
    return bus;
  };
  try {
    const member = await connect({ user: { name: natsUsers.member, password: () => 'mp' } });
    member.subscribe(connectionSubject, ({ payload, reply = '' }) => {
      const asked = connectionRequest(payload);
      if (asked === undefined) return;
      const now = Date.now();
      member.publish(
        reply,
        asked.token === 'good'
          ? issuer.grant(
              asked,
              { name: 'n1', publish: ['api', 'node.n1.door.>'], subscribe: ['node.n1.>', '_INBOX.n1.>'] },
              now,
            )
          : issuer.refuse(asked, 'no', now),
      );
    });
    for (const subject of ['api', 'node.n2.door.x', 'raft.m1'])
      member.subscribe(subject, ({ reply }) => {
        if (reply !== undefined) member.publish(reply, new Uint8Array([1]));
      });
    await member.flush();
    for (const wrong of [
      {},
      { token: 'bad' },
      { user: { name: natsUsers.member, password: () => 'sp' } },
      { user: { name: 'n1', password: () => '' } },
    ]) {
      t.is((await t.throwsAsync(connect(wrong), { instanceOf: BusError }))?.code, 'permission');
    }
    const node = await connect({ token: () => 'good', inboxPrefix: '_INBOX.n1' });
    t.deepEqual([...(await node.request('api', new Uint8Array(), { deadlineMs: 2_000 })).payload], [1]);
    for (const closed of ['node.n2.door.x', 'raft.m1'])
      await t.throwsAsync(
        node.request(closed, new Uint8Array(), { deadlineMs: 300 }),
        { instanceOf: BusError },
        closed,
      );
    const heard: string[] = [];
    for (const subject of ['node.n2.>', 'node.n1.stream', '_INBOX.>', '>'])
      node.subscribe(subject, (message) => {
        heard.push(message.subject);
        if (message.reply !== undefined) node.publish(message.reply, new Uint8Array([2]));
      });
    await node.flush();
    member.publish('node.n2.stream', new Uint8Array());
    t.deepEqual(
      [...(await member.request('node.n1.stream', new Uint8Array(), { deadlineMs: 2_000 })).payload],
      [2],
      'what was asked may be answered',
    );
    t.deepEqual(heard, ['node.n1.stream']);
    t.is((await stat(join(folder, 'nats-server.conf'))).mode & 0o777, 0o600);
    const statuses: string[] = [];
    node.onStatus((status) => {
      statuses.push(status);
    });
    member.onStatus((status) => {
      statuses.push(`member ${status}`);
    });
    const back = new Promise<void>((resolve) => {
      node.onStatus((status) => {
        if (status === 'connected') resolve();
      });
    });
    const connections = natsConnections(
      await connect({ user: { name: natsUsers.system, password: () => 'sp' } }),
      systemTimers,
    );
    t.is(await connections.count(({ user }) => user === 'n1', 1), 1);
    t.is(
      await connections.count(({ user }) => user === undefined, 1),
      2,
      'the member and the system user came by a password',
    );
    t.is(await connections.count(() => true, 2), undefined, 'a second server did not answer');
    t.is(await connections.end(({ name, user }) => name === 'test' && user === 'nobody'), 0);
    t.is(await connections.end(({ user }) => user === 'n1'), 1, 'a client is known by whom the member let in');
    await back;
    t.deepEqual(statuses, ['disconnected', 'connected'], 'that connection alone is ended, and comes back if it may');
    const greedy = await connect({ token: () => 'good', inboxPrefix: '_INBOX.n1' });
    const many = (count: number): string => `_INBOX.n1.many.${count}`;
    for (let count = 1; count <= subscriptionsMax + 10; count += 1)
      greedy.subscribe(many(count), ({ subject }) => {
        heard.push(subject);
      });
    await greedy.flush();
    for (const count of [1, subscriptionsMax + 10]) member.publish(many(count), new Uint8Array());
    await member.flush();
    await greedy.flush();
    t.deepEqual(heard.slice(1), [many(1)], 'a connection has so many subscriptions at most');
  } finally {
    for (const bus of opened) await bus.close();
    await server.stop();
    await rm(folder, { recursive: true });
  }
});
