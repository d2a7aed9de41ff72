import { connect } from 'node:net';
import test from 'ava';
import { type Logger, seededRandom, silentLogger } from '../base/index.ts';
import { systemTimers as timers } from '../platform/index.ts';
import { decode, encode, FramedSocket, openPeerLinks, type PeerLinks, SimulatedNetwork, subjectsOf } from './index.ts';

const subject = subjectsOf('test').links;
let seed = 0;

function open(network: SimulatedNetwork, member: string, log: Logger = silentLogger): Promise<PeerLinks> {
  seed += 1;
  return openPeerLinks({
    bus: network.client(member),
    subject,
    member,
    listen: { host: '127.0.0.1' },
    timers,
    random: seededRandom(seed),
    log,
  });
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds())
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
}

/** The next payload as text. */
function next(links: PeerLinks): Promise<string> {
  return new Promise((resolve) => {
    links.onPayload((payload) => {
      resolve(Buffer.from(payload).toString());
    });
  });
}

test('members find each other over the bus and send both ways', async (t) => {
  const network = new SimulatedNetwork(timers);
  const all = [await open(network, 'a'), await open(network, 'b'), await open(network, 'c')];
  await until(() => all.every((links) => links.linked().length === 2));
  const [a, b, c] = all as [PeerLinks, PeerLinks, PeerLinks];
  t.deepEqual(b.linked(), ['a', 'c']);
  const [atA, atC] = [next(a), next(c)];
  t.true(b.send('a', Buffer.from('to a')));
  t.true(b.send('c', Buffer.from('to c')));
  t.deepEqual([await atA, await atC], ['to a', 'to c']);
  t.false(b.send('d', Buffer.from('nobody')));
  t.false(b.send('a', new Uint8Array(9 * 1024 * 1024)), 'what is too large takes the other way');
  for (const links of all) await links.close();
});

test('payloads of every size arrive whole and in order', async (t) => {
  const network = new SimulatedNetwork(timers);
  const [a, b] = [await open(network, 'a'), await open(network, 'b')];
  await until(() => a.linked().length === 1 && b.linked().length === 1);
  const random = seededRandom(9);
  const sent = [1, 3, 70_000, 5, 2_000_000, 65_536, 65_535, 17].map((bytes) => random.bytes(bytes));
  const got: Buffer[] = [];
  b.onPayload((payload) => {
    got.push(Buffer.from(payload));
  });
  for (const payload of sent) a.send('b', payload);
  await until(() => got.length === sent.length);
  t.deepEqual(
    got.map((payload, i) => payload.equals(sent[i] as Uint8Array)),
    sent.map(() => true),
  );
  for (const links of [a, b]) await links.close();
});

test('a link that ends leaves the other way, and one that comes back is dialled again', async (t) => {
  const network = new SimulatedNetwork(timers);
  const a = await open(network, 'a');
  const b = await open(network, 'b');
  await until(() => a.linked().length === 1);
  await b.close();
  await until(() => a.linked().length === 0);
  t.false(a.send('b', Buffer.from('x')));
  const again = await open(network, 'b');
  await until(() => a.linked().length === 1 && again.linked().length === 1);
  const got = next(again);
  t.true(a.send('b', Buffer.from('back')));
  t.is(await got, 'back');
  for (const links of [a, again]) await links.close();
});

test('who does not know the secret is refused', async (t) => {
  const network = new SimulatedNetwork(timers);
  let announced: { readonly port: number; readonly secret: string } | undefined;
  network.client('spy').subscribe(subject, ({ payload }) => {
    announced = decode(payload) as { port: number; secret: string };
  });
  const refusals: string[] = [];
  const log: Logger = {
    ...silentLogger,
    warn: (message) => {
      refusals.push(message);
    },
    with: () => log,
  };
  const a = await open(network, 'a', log);
  await until(() => announced !== undefined);
  const port = announced?.port ?? 0;
  for (const hello of [encode({ from: 'b', secret: 'wrong' }), encode({ from: 'b' }), Buffer.from('GET / HTTP/1.1')]) {
    const socket = connect({ port, host: '127.0.0.1' });
    const ended = new Promise((resolve) => {
      socket.once('close', resolve);
    });
    socket.on('error', () => undefined);
    new FramedSocket(socket, {
      frameBytesMax: 1024,
      onPayload: () => {
        t.fail('a stranger hears nothing');
      },
    }).send(hello);
    await ended;
  }
  t.is(refusals.length, 3);
  t.deepEqual(a.linked(), []);
  await a.close();
});

test('an announcement that makes no sense is passed over', async (t) => {
  const network = new SimulatedNetwork(timers);
  const a = await open(network, 'a');
  const stranger = network.client('stranger');
  for (const payload of [
    new Uint8Array(0),
    Buffer.from('{}'),
    encode(null),
    encode({ member: 'b' }),
    encode({ member: 'b', host: 'x', port: 'y', secret: 1, ask: 2 }),
  ])
    stranger.publish(subject, payload);
  const b = await open(network, 'b');
  await until(() => a.linked().length === 1 && b.linked().length === 1);
  t.deepEqual(a.linked(), ['b']);
  for (const links of [a, b]) await links.close();
});

test('links that are opened again do so under another secret, and carry payloads as before', async (t) => {
  const network = new SimulatedNetwork(timers);
  const [a, b] = [await open(network, 'a'), await open(network, 'b')];
  await until(() => a.linked().length === 1 && b.linked().length === 1);
  const secrets = new Set<unknown>();
  network.client('listener').subscribe(subject, ({ payload }) => {
    const said = decode(payload) as { readonly member: string; readonly secret: string };
    if (said.member === 'b') secrets.add(said.secret);
  });
  b.reopen();
  await until(() => b.linked().length === 0);
  await until(() => a.linked().length === 1 && b.linked().length === 1);
  a.renew({ ca: '', certificate: '', key: '' });
  const heard = next(b);
  t.true(a.send('b', Buffer.from('again')));
  t.is(await heard, 'again');
  b.reopen();
  await until(() => secrets.size === 2);
  await Promise.all([a.close(), b.close()]);
  t.pass();
});
