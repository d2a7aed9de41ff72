import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Socket } from 'node:net';
import packet, { type Answer, type DecodedPacket } from 'dns-packet';
import { errorMessage, type Logger, type Timers } from '../../base/index.ts';
import { answerQuestion, type DnsFacts, type DnsOutcome } from './records.ts';
import { type Forwarder, startForwarder } from './forwarder.ts';

export interface DnsServerOptions {
  readonly address: string;
  readonly facts: DnsFacts;
  /** The machine's resolvers, asked for names outside of the cluster. */
  readonly upstreams: readonly string[];
  readonly timers: Timers;
  readonly log: Logger;
}

export interface DnsServer {
  readonly port: number;
  close(): void;
}

const udpBytesMax = 1232;

/** Listens on UDP and TCP at one free port of the address. */
export async function startDnsServer(options: DnsServerOptions): Promise<DnsServer> {
  const udp = createSocket('udp4');
  await new Promise<void>((resolve, reject) => {
    udp.once('error', reject);
    udp.bind(0, options.address, () => { udp.off('error', reject); resolve(); });
  });
  const { port } = udp.address();
  const forwarder = await startForwarder({ upstreams: options.upstreams, timers: options.timers });
  udp.on('error', (error) => { options.log.warn('cluster DNS over UDP failed', { error: errorMessage(error) }); });
  udp.on('message', (message, from) => {
    void answer(options, forwarder, message).then((reply) => { sendUdp(udp, reply, { address: from.address, port: from.port, limit: sizeLimit(message) }); });
  });
  const tcp = createServer((socket) => { serveTcp(options, forwarder, socket); });
  tcp.on('error', (error) => { options.log.warn('cluster DNS over TCP failed', { error: errorMessage(error) }); });
  await new Promise<void>((resolve) => { tcp.listen(port, options.address, resolve); });
  return { port, close: () => { udp.close(); tcp.close(); forwarder.close(); } };
}

/** What the asker can take over UDP: 512 bytes, or what its EDNS record says. */
function sizeLimit(message: Buffer): number {
  try {
    const edns = packet.decode(message).additionals?.find((record) => record.type === 'OPT');
    return edns?.type === 'OPT' ? Math.min(Math.max(512, edns.udpPayloadSize), udpBytesMax) : 512;
  } catch {
    return 512;
  }
}

function sendUdp(socket: UdpSocket, reply: Buffer | undefined, to: { readonly address: string; readonly port: number; readonly limit: number }): void {
  if (reply === undefined) return;
  let bytes = reply;
  if (reply.length > to.limit) {
    /* Too long for a datagram: an empty answer marked as truncated sends the asker to TCP. */
    const whole = packet.decode(reply);
    bytes = packet.encode({ type: 'response', id: whole.id ?? 0, flags: (whole.flags ?? 0) | packet.TRUNCATED_RESPONSE, questions: whole.questions ?? [] });
  }
  socket.send(bytes, to.port, to.address, () => undefined);
}

function serveTcp(options: DnsServerOptions, forwarder: Forwarder, socket: Socket): void {
  let rest = Buffer.alloc(0);
  socket.setTimeout(10_000, () => { socket.destroy(); });
  socket.on('error', () => undefined); /* the asker is gone */
  socket.on('data', (piece: Buffer) => {
    rest = Buffer.concat([rest, piece]);
    while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
      const length = rest.readUInt16BE(0);
      const message = rest.subarray(2, 2 + length);
      rest = rest.subarray(2 + length);
      void answer(options, forwarder, message).then((reply) => {
        if (reply === undefined || !socket.writable) return;
        const head = Buffer.alloc(2);
        head.writeUInt16BE(reply.length, 0);
        socket.write(Buffer.concat([head, reply]));
      });
    }
  });
}

/** The reply to one message; undefined for what is no query. */
async function answer(options: DnsServerOptions, forwarder: Forwarder, message: Buffer): Promise<Buffer | undefined> {
  let query: DecodedPacket;
  try {
    query = packet.decode(message);
  } catch {
    return undefined;
  }
  const [question] = query.questions ?? [];
  if (question === undefined || query.type === 'response') return undefined;
  const outcome = answerQuestion(options.facts, { name: question.name, type: question.type });
  if (outcome.type === 'forward') return forwarder.forward(message).catch(() => reply(query, { flags: 2 /* SERVFAIL */ }));
  const followed = await followAlias(forwarder, outcome, question.type);
  return reply(query, { flags: packet.AUTHORITATIVE_ANSWER | (outcome.type === 'no-such-name' ? 3 : 0), answers: followed, additionals: outcome.type === 'answer' ? (outcome.additionals as Answer[]) : [], domain: options.facts.domain });
}

/** An ExternalName's target is looked up for the asker, since stub resolvers do not follow aliases by themselves. */
async function followAlias(forwarder: Forwarder, outcome: DnsOutcome, type: string): Promise<Answer[]> {
  if (outcome.type !== 'answer') return [];
  const own = outcome.answers as Answer[];
  const [alias] = outcome.answers;
  if (alias?.type !== 'CNAME' || (type !== 'A' && type !== 'AAAA')) return own;
  const query = packet.encode({ type: 'query', id: 0, flags: packet.RECURSION_DESIRED, questions: [{ type, name: alias.data }] });
  const found = await forwarder.forward(query).then((bytes) => packet.decode(bytes).answers ?? [], () => []);
  return [...own, ...found];
}

function reply(query: DecodedPacket, content: { readonly flags: number; readonly answers?: Answer[]; readonly additionals?: Answer[]; readonly domain?: string }): Buffer {
  const soa: Answer[] = content.domain === undefined || (content.answers ?? []).length > 0 ? [] : [{
    type: 'SOA', name: content.domain, ttl: 5, data: { mname: `ns.dns.${content.domain}`, rname: `hostmaster.${content.domain}`, serial: 1, refresh: 7200, retry: 1800, expire: 86_400, minimum: 5 },
  }];
  return packet.encode({
    type: 'response', id: query.id ?? 0, flags: content.flags | ((query.flags ?? 0) & packet.RECURSION_DESIRED) | packet.RECURSION_AVAILABLE,
    questions: query.questions ?? [], answers: content.answers ?? [], authorities: soa, additionals: content.additionals ?? [],
  });
}
