import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import test, { type ExecutionContext } from 'ava';
import packet, { type DecodedPacket, type RecordType } from 'dns-packet';
import { seededRandom, silentLogger } from '../../base/index.ts';
import { systemTimers } from '../../platform/index.ts';
import type { EndpointSlice, New, Service, ServiceSpec } from '../../api/index.ts';
import { type DnsFacts, type DnsServer, startDnsServer } from './index.ts';
import { listenOnOnePort } from './one-port.ts';
import { framed, messagesOf } from './tcp-messages.ts';
import { stored } from '../objects.fixture.ts';

const loopback = '127.0.0.1';
const pods = Array.from({ length: 12 }, (_, i) => `10.244.0.${i + 1}`);
const slice = stored<EndpointSlice>({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'db-x', namespace: 'shop' },
  addressType: 'IPv4',
  ports: [{ name: 'sql', port: 5432, protocol: 'TCP' }],
  endpoints: pods.map((address) => ({ addresses: [address], conditions: { ready: true } })),
});
const service = (name: string, spec: New<ServiceSpec>): Service =>
  stored<Service>({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'shop' },
    spec,
  });
const services: Readonly<Record<string, Service>> = {
  db: service('db', { clusterIP: 'None' }),
  near: service('near', { type: 'ExternalName', externalName: 'db.shop.svc.cluster.local' }),
  away: service('away', { type: 'ExternalName', externalName: 'example.com' }),
};
const facts: DnsFacts = {
  domain: 'cluster.local',
  service: (_, name) => services[name],
  slicesOf: () => [slice],
  hasNamespace: () => true,
  hasServices: () => true,
  namesOf: () => [],
};

interface Asking {
  readonly name: string;
  readonly type: RecordType;
  readonly edns?: number;
}

function question({ name, type, edns }: Asking): Buffer {
  const additionals =
    edns === undefined
      ? []
      : [
          {
            type: 'OPT' as const,
            name: '.' as const,
            udpPayloadSize: edns,
            extendedRcode: 0,
            ednsVersion: 0,
            flags: 0,
            flag_do: false,
            options: [],
          },
        ];
  return packet.encode({
    type: 'query',
    id: 77,
    flags: packet.RECURSION_DESIRED,
    questions: [{ name, type }],
    additionals,
  });
}

const udpSocket = (address: string): ReturnType<typeof createSocket> =>
  createSocket(address.includes(':') ? 'udp6' : 'udp4');

function overUdp(server: DnsServer, asking: Asking, address = loopback): Promise<DecodedPacket> {
  return new Promise((resolve) => {
    const socket = udpSocket(address);
    socket.once('message', (reply) => {
      socket.close();
      resolve(packet.decode(reply));
    });
    socket.send(question(asking), server.port, address);
  });
}

function overTcp(server: DnsServer, asking: Asking, address = loopback): Promise<DecodedPacket> {
  return new Promise((resolve) => {
    const socket = connect(server.port, address);
    messagesOf(socket, (reply) => {
      socket.destroy();
      resolve(packet.decode(reply));
    });
    socket.write(framed(question(asking)));
  });
}

const named = (query: DecodedPacket, data: string): Buffer =>
  packet.encode({
    type: 'response',
    id: query.id ?? 0,
    questions: query.questions ?? [],
    answers: [{ type: 'A', name: query.questions?.[0]?.name ?? '', data, ttl: 60 }],
  });

/**
 * A resolver outside of the cluster: what it says over UDP and over TCP differs; before each true answer a stranger
 * sends a false one.
 */
async function startResolver(t: ExecutionContext, address = loopback): Promise<string> {
  const tcp = createServer((socket) => {
    messagesOf(socket, (message) => {
      socket.write(framed(named(packet.decode(message), '192.0.2.2')));
    });
  });
  const udp = await listenOnOnePort(tcp, address);
  const stranger = udpSocket(address);
  udp.on('message', (message, from) => {
    const query = packet.decode(message);
    stranger.send(named(query, '192.0.2.66'), from.port, from.address, () => {
      setTimeout(() => {
        udp.send(named(query, '192.0.2.1'), from.port, from.address);
      }, 20);
    });
  });
  t.teardown(() => {
    udp.close();
    stranger.close();
    tcp.close();
  });
  return `${address}#${udp.address().port}`;
}

async function start(t: ExecutionContext, upstreams: readonly string[] = [], address = loopback): Promise<DnsServer> {
  const server = await startDnsServer({
    address,
    facts,
    upstreams,
    timers: systemTimers,
    random: seededRandom(1),
    log: silentLogger,
  });
  t.teardown(() => {
    server.close();
  });
  return server;
}

const dataOf = ({ answers = [] }: DecodedPacket): unknown[] =>
  answers.map((answer) => (answer as { readonly data?: unknown }).data);

test('an answer that is too long for a datagram has what fits, with a mark; over TCP it is whole', async (t) => {
  const server = await start(t);
  const asking: Asking = { name: '_sql._tcp.db.shop.svc.cluster.local', type: 'SRV' };
  const short = await overUdp(server, asking);
  t.true(short.flag_tc);
  const given = short.answers?.length ?? 0;
  t.true(given > 0 && given < pods.length, `${given} of ${pods.length}`);
  const whole = await overTcp(server, asking);
  t.is(whole.answers?.length, pods.length);
  t.is(whole.additionals?.length, pods.length);
});

test('an asker with EDNS gets up to 1,232 bytes; what only saves a question goes first', async (t) => {
  const server = await start(t);
  const reply = await overUdp(server, { name: '_sql._tcp.db.shop.svc.cluster.local', type: 'SRV', edns: 4096 });
  t.false(reply.flag_tc);
  t.is(reply.answers?.length, pods.length);
  t.deepEqual(
    reply.additionals?.map((record) => record.type),
    ['OPT'],
  );
});

test('names outside of the cluster are asked the way the asker came, and only who was asked is believed', async (t) => {
  const server = await start(t, [await startResolver(t)]);
  t.deepEqual(dataOf(await overUdp(server, { name: 'example.com', type: 'A' })), ['192.0.2.1']);
  t.deepEqual(dataOf(await overTcp(server, { name: 'example.com', type: 'A' })), ['192.0.2.2']);
});

const loopback6 = '::1';
const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === loopback6));

(hasIpv6 ? test : test.skip)(
  'a server on an address of IPv6 answers there, and asks resolvers of both families (needs IPv6)',
  async (t) => {
    for (const resolver of [loopback, loopback6]) {
      const server = await start(t, [await startResolver(t, resolver)], loopback6);
      t.deepEqual(dataOf(await overUdp(server, { name: 'example.com', type: 'A' }, loopback6)), ['192.0.2.1']);
      t.deepEqual(dataOf(await overTcp(server, { name: 'example.com', type: 'A' }, loopback6)), ['192.0.2.2']);
    }
  },
);

test('an ExternalName comes with the addresses that it leads to', async (t) => {
  const server = await start(t, [await startResolver(t)]);
  t.deepEqual(dataOf(await overUdp(server, { name: 'away.shop.svc.cluster.local', type: 'A' })), [
    'example.com',
    '192.0.2.1',
  ]);
});

test('each answer begins with another address, and has all of them', async (t) => {
  const server = await start(t);
  const given: unknown[][] = [];
  for (let i = 0; i < 12; i++)
    given.push(dataOf(await overTcp(server, { name: 'db.shop.svc.cluster.local', type: 'A' })));
  for (const addresses of given) t.deepEqual([...addresses].sort(), [...pods].sort());
  t.true(new Set(given.map(([first]) => first)).size > 3);
});

test('a datagram of 512 bytes holds the addresses of a dozen pods, under the name as it was asked', async (t) => {
  const server = await start(t);
  const reply = await overUdp(server, { name: 'DB.shop.svc.cluster.local', type: 'A' });
  t.false(reply.flag_tc);
  t.deepEqual(dataOf(reply).sort(), [...pods].sort());
  t.deepEqual(new Set(reply.answers?.map(({ name }) => name)), new Set(['DB.shop.svc.cluster.local']));
});

test('an alias stays before its addresses', async (t) => {
  const server = await start(t);
  for (let i = 0; i < 12; i++) {
    const reply = await overTcp(server, { name: 'near.shop.svc.cluster.local', type: 'A' });
    t.is(dataOf(reply)[0], 'db.shop.svc.cluster.local');
    t.is(reply.answers?.length, 1 + pods.length);
  }
});

test('without a resolver to ask, a foreign name fails at once', async (t) => {
  const server = await start(t);
  t.is(
    ((await overUdp(server, { name: 'example.com', type: 'A' })) as DecodedPacket & { readonly rcode: string }).rcode,
    'SERVFAIL',
  );
});

test('the zone has an authority, as an answer and beside what there is not', async (t) => {
  const server = await start(t);
  t.deepEqual(
    (await overUdp(server, { name: 'cluster.local', type: 'SOA' })).answers?.map(({ type }) => type),
    ['SOA'],
  );
  const absent = (await overUdp(server, { name: 'nothing.shop.svc.cluster.local', type: 'A' })) as DecodedPacket & {
    readonly rcode: string;
  };
  t.is(absent.rcode, 'NXDOMAIN');
  t.deepEqual(
    absent.authorities?.map(({ type }) => type),
    ['SOA'],
  );
});
