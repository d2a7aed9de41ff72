/** The cluster DNS server, over UDP and TCP. */
import { createServer, type Socket } from 'node:net';
import packet, { type Answer, type DecodedPacket } from 'dns-packet';
import { errorMessage, type Logger, type Random, type Timers } from '../../base/index.ts';
import { answerQuestion, type DnsFacts, type DnsOutcome } from './records.ts';
import { type DnsTransport, type Forwarder, startForwarder } from './forwarder.ts';
import { listenOnOnePort } from './one-port.ts';
import { type ReplyContent, replyTo, udpLimit } from './reply.ts';
import { framed, messagesOf } from './tcp-messages.ts';

export interface DnsServerOptions {
  readonly address: string;
  readonly facts: DnsFacts;
  /** The machine's resolvers, asked for names outside of the cluster. */
  readonly upstreams: readonly string[];
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Logger;
}

export interface DnsServer {
  readonly port: number;
  close(): void;
}

const idleMs = 10_000;
/** Of the response codes of RFC 1035. */
const [serverFailure, noSuchName] = [2, 3];

/** Listens on UDP and TCP at one free port of the address. */
export async function startDnsServer(options: DnsServerOptions): Promise<DnsServer> {
  const forwarder = await startForwarder(options);
  const tcp = createServer((socket) => {
    serveTcp(options, forwarder, socket);
  });
  const udp = await listenOnOnePort(tcp, options.address).catch((error: unknown) => {
    forwarder.close();
    throw error;
  });
  udp.on('error', (error) => {
    options.log.warn('cluster DNS over UDP failed', { error: errorMessage(error) });
  });
  udp.on('message', (message, from) => {
    void answer(options, forwarder, { message, transport: 'udp' }).then((reply) => {
      if (reply !== undefined) udp.send(reply, from.port, from.address, () => undefined);
    });
  });
  tcp.on('error', (error) => {
    options.log.warn('cluster DNS over TCP failed', { error: errorMessage(error) });
  });
  return {
    port: udp.address().port,
    close: () => {
      udp.close();
      tcp.close();
      forwarder.close();
    },
  };
}

function serveTcp(options: DnsServerOptions, forwarder: Forwarder, socket: Socket): void {
  socket.setTimeout(idleMs, () => {
    socket.destroy();
  });
  // The asker is gone.
  socket.on('error', () => undefined);
  messagesOf(socket, (message) => {
    void answer(options, forwarder, { message, transport: 'tcp' }).then((reply) => {
      if (reply !== undefined && socket.writable) socket.write(framed(reply));
    });
  });
}

interface Query {
  readonly message: Buffer;
  readonly transport: DnsTransport;
}

/** The reply to one message; undefined if it is no query. */
async function answer(
  options: DnsServerOptions,
  forwarder: Forwarder,
  { message, transport }: Query,
): Promise<Buffer | undefined> {
  let query: DecodedPacket;
  try {
    query = packet.decode(message);
  } catch {
    return undefined;
  }
  const [question] = query.questions ?? [];
  if (question === undefined || query.type === 'response') return undefined;
  const reply = (content: ReplyContent): Buffer =>
    replyTo(query, content, transport === 'udp' ? udpLimit(query) : Infinity);
  const outcome = answerQuestion(options.facts, { name: question.name, type: question.type });
  if (outcome.type === 'forward')
    return forwarder
      .forward(message, transport)
      .catch(() => reply({ flags: serverFailure, answers: [], additionals: [] }));
  if (outcome.type === 'no-such-name')
    return reply({
      flags: packet.AUTHORITATIVE_ANSWER | noSuchName,
      answers: [],
      additionals: [],
      zone: options.facts.domain,
    });
  const answers = [...(outcome.answers as Answer[]), ...(await aliasAnswers(forwarder, outcome, question.type))];
  return reply({
    flags: packet.AUTHORITATIVE_ANSWER,
    answers: turned(answers, options.random),
    additionals: outcome.additionals as Answer[],
    zone: options.facts.domain,
  });
}

/** Many programs take the first address: each answer begins with another one, as CoreDNS's do. Aliases stay before. */
function turned(answers: readonly Answer[], random: Random): readonly Answer[] {
  const { addresses = [], others = [] } = Object.groupBy(answers, ({ type }) =>
    type === 'A' || type === 'AAAA' ? 'addresses' : 'others',
  );
  const start = random.below(Math.max(1, addresses.length));
  return [...others, ...addresses.slice(start), ...addresses.slice(0, start)];
}

/** The records of the name outside of the cluster that an ExternalName leads to. */
async function aliasAnswers(
  forwarder: Forwarder,
  { alias }: Extract<DnsOutcome, { type: 'answer' }>,
  type: string,
): Promise<Answer[]> {
  if (alias === undefined || (type !== 'A' && type !== 'AAAA')) return [];
  const query = packet.encode({
    type: 'query',
    id: 0,
    flags: packet.RECURSION_DESIRED,
    questions: [{ type, name: alias }],
  });
  return forwarder.forward(query, 'udp').then(
    (bytes) => packet.decode(bytes).answers ?? [],
    () => [],
  );
}
