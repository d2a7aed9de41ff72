import test, { type ExecutionContext } from 'ava';
import { type LogIndex, seededRandom, silentLogger, type Term } from '../../base/index.ts';
import { openPeerLinks, type PeerLinks, SimulatedNetwork, subjectsOf } from '../../bus/index.ts';
import { SimulatedTime, systemTimers } from '../../platform/index.ts';
import type { Message } from '../../raft/core/index.ts';
import { encodeFrame, FrameReader, framePieces } from './bus-frame.ts';
import { busTransport, type StoreMessage } from '../index.ts';

type AppendRequest = Extract<Message, { type: 'append' }>;

const append = (bytes: number, index = 1): AppendRequest => ({
  type: 'append',
  from: 'a',
  to: 'b',
  term: 3 as Term,
  previousIndex: (index - 1) as LogIndex,
  previousTerm: 2 as Term,
  commit: 0 as LogIndex,
  entries: [
    {
      index: index as LogIndex,
      term: 3 as Term,
      type: 'data',
      data: Uint8Array.from({ length: bytes }, (_, i) => (i * 7 + index) & 0xff),
    },
  ],
});
const plain = (message: StoreMessage): unknown => {
  const { entries, ...rest } = message as AppendRequest;
  return {
    ...rest,
    entries: entries.map(({ data, ...entry }) => ({ ...entry, data: Buffer.from(data).toString('base64') })),
  };
};

test('what one turn sends to a member arrives in one payload, in order, and nothing reaches others', async (t) => {
  const time = new SimulatedTime();
  const network = new SimulatedNetwork(time);
  const subjects = subjectsOf('test');
  let payloads = 0;
  network.client('spy').subscribe(subjects.raft('b'), () => {
    payloads += 1;
  });
  const [a, b, c] = ['a', 'b', 'c'].map((member) => busTransport({ bus: network.client(member), subjects, member }));
  const received: StoreMessage[] = [];
  b?.onMessage((message) => {
    received.push(message);
  });
  c?.onMessage(() => {
    t.fail();
  });
  a?.onMessage(() => {
    t.fail();
  });
  for (let index = 1; index <= 5; index++) a?.send('b', append(100, index));
  await time.run(1);
  t.is(payloads, 1);
  t.deepEqual(
    received.map(plain),
    [1, 2, 3, 4, 5].map((index) => plain(append(100, index))),
  );
  b?.close();
  a?.send('b', append(1));
  await time.run(1);
  t.is(received.length, 5);
});

test('much that one turn sends travels as several frames, in order', async (t) => {
  const time = new SimulatedTime();
  const network = new SimulatedNetwork(time);
  const subjects = subjectsOf('test');
  const sizes: number[] = [];
  network.client('spy').subscribe(subjects.raft('b'), ({ payload }) => {
    sizes.push(payload.length);
  });
  const [a, b] = [
    busTransport({ bus: network.client('a'), subjects, member: 'a' }),
    busTransport({ bus: network.client('b'), subjects, member: 'b' }),
  ];
  const received: StoreMessage[] = [];
  b.onMessage((message) => {
    received.push(message);
  });
  const sent = Array.from({ length: 64 }, (_, i) => append(100_000, i + 1));
  for (const message of sent) a.send('b', message);
  await time.run(1);
  t.deepEqual(received.map(plain), sent.map(plain));
  t.true(Math.max(...sizes) < 500_000, `the largest frame has ${Math.max(...sizes)} bytes`);
});

test('a frame over the limit travels in pieces and is put together again', async (t) => {
  const time = new SimulatedTime();
  const network = new SimulatedNetwork(time);
  const subjects = subjectsOf('test');
  const a = busTransport({ bus: network.client('a'), subjects, member: 'a' });
  const b = busTransport({ bus: network.client('b'), subjects, member: 'b' });
  const received: StoreMessage[] = [];
  b.onMessage((message) => {
    received.push(message);
  });
  a.send('b', append(5_000_000));
  await time.run(1);
  const dataOf = (message: StoreMessage | undefined): Uint8Array =>
    (message as AppendRequest).entries[0]?.data ?? new Uint8Array(0);
  t.is(Buffer.compare(dataOf(received[0]), dataOf(append(5_000_000))), 0);
});

/** What the transport owes, whichever way messages take: those for the member, whole, in the order they were sent. */
async function suite(t: ExecutionContext, links: Readonly<Record<string, PeerLinks>>): Promise<void> {
  const network = new SimulatedNetwork(systemTimers);
  const transportOf = (member: string): ReturnType<typeof busTransport> => {
    const own = links[member];
    return busTransport({
      bus: network.client(member),
      subjects: subjectsOf('suite'),
      member,
      ...(own === undefined ? {} : { links: own }),
    });
  };
  const [a, b] = [transportOf('a'), transportOf('b')];
  const sent = [100, 3, 700_000, 1, 900_000].map((bytes, i) => append(bytes, i + 1));
  const received = new Promise<StoreMessage[]>((resolve) => {
    const messages: StoreMessage[] = [];
    b.onMessage((message) => {
      if (messages.push(message) === sent.length) resolve(messages);
    });
  });
  for (const message of sent) a.send('b', message);
  t.deepEqual((await received).map(plain), sent.map(plain));
  const answered = new Promise<StoreMessage>((resolve) => {
    a.onMessage(resolve);
  });
  b.send('a', { type: 'heartbeat-response', from: 'b', to: 'a', term: 3 as Term, read: 4 });
  t.like(await answered, { type: 'heartbeat-response', from: 'b', read: 4 });
  for (const transport of [a, b]) transport.close();
}

test('over the bus a transport keeps what it promises', (t) => suite(t, {}));

test('over a link a transport keeps what it promises', async (t) => {
  const network = new SimulatedNetwork(systemTimers);
  const open = (member: string): Promise<PeerLinks> =>
    openPeerLinks({
      bus: network.client(member),
      subject: 'links',
      member,
      listen: { host: '127.0.0.1' },
      timers: systemTimers,
      random: seededRandom(member.charCodeAt(0)),
      log: silentLogger,
    });
  const [a, b] = [await open('a'), await open('b')];
  while (a.linked().length === 0 || b.linked().length === 0)
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  await suite(t, { a, b });
  for (const links of [a, b]) await links.close();
});

test('whatever is lost, doubled, mixed or out of order, a frame comes out whole or not at all', (t) => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = seededRandom(seed);
    const reader = new FrameReader();
    const sent = Array.from({ length: 30 }, (_, i) => append(random.below(4_000), i + 1));
    const payloads = sent.flatMap((message, i) =>
      framePieces(encodeFrame([message]), { from: 'a', id: i % 7, payloadBytesMax: 600 }).map((payload) => ({
        payload,
        at: i + random.fraction() * 3,
      })),
    );
    const mixed = [...payloads, ...payloads.filter(() => random.below(4) === 0)]
      .filter(() => random.below(12) > 0)
      .sort((x, y) => x.at - y.at);
    const known = new Set(sent.map((message) => JSON.stringify(plain(message))));
    let whole = 0;
    for (const { payload } of mixed) {
      for (const message of reader.read(payload) ?? []) {
        t.true(known.has(JSON.stringify(plain(message))), `seed ${seed}`);
        whole += 1;
      }
    }
    t.true(whole > 0, `seed ${seed}`);
  }
});

test('bytes that no member sent are counted and dropped', (t) => {
  const reader = new FrameReader();
  const random = seededRandom(5);
  for (let i = 0; i < 200; i++) t.deepEqual(reader.read(random.bytes(random.below(60))) ?? [], []);
  for (const value of [
    [],
    [[1]],
    [[{ type: 'vote' }]],
    ['a', 1, 5, 2, 0, new Uint8Array(1)],
    ['a', -1, 0, 2, 0, new Uint8Array(1)],
  ]) {
    t.deepEqual(reader.read(Buffer.from(JSON.stringify(value))) ?? [], []);
  }
});
