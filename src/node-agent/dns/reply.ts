/** DNS replies as messages, cut to what the asker takes. */
import packet, { type Answer, type DecodedPacket, type Packet } from 'dns-packet';
import { ttlSeconds } from './records.ts';

/** What a reply says besides the question that it repeats. */
export interface ReplyContent {
  readonly flags: number;
  readonly answers: readonly Answer[];
  readonly additionals: readonly Answer[];
  /** The zone that the answer is about; undefined where it is about none of ours. */
  readonly zone?: string | undefined;
}

const udpBytesMin = 512;
const udpBytesMax = 1232;

function ednsOf(query: DecodedPacket): number | undefined {
  const edns = query.additionals?.find((record) => record.type === 'OPT');
  return edns?.type === 'OPT' ? edns.udpPayloadSize : undefined;
}

/** What the asker can take over UDP: 512 bytes, or what its EDNS record says (RFC 6891). */
export function udpLimit(query: DecodedPacket): number {
  return Math.min(Math.max(udpBytesMin, ednsOf(query) ?? udpBytesMin), udpBytesMax);
}

/** Says how long others may remember that there is nothing (RFC 2308). */
function startOfAuthority(zone: string): Answer {
  return {
    type: 'SOA',
    name: zone,
    ttl: ttlSeconds,
    data: {
      mname: `ns.dns.${zone}`,
      rname: `hostmaster.${zone}`,
      serial: 1,
      refresh: 7200,
      retry: 1800,
      expire: 86_400,
      minimum: ttlSeconds,
    },
  };
}

const headBytes = 12;
/** Points to the name of the first question, which stands right behind the head. */
const askedName = Buffer.from([0xc0, headBytes]);

/** Records of the name that was asked for point to it (RFC 1035 section 4.1.4): many more of them fit a datagram. */
function encoded({ answers = [], authorities = [], additionals = [], ...rest }: Packet): Buffer {
  const message = packet.encode(rest);
  const sections = [answers, authorities, additionals];
  for (const [i, { length }] of sections.entries()) message.writeUInt16BE(length, 6 + 2 * i);
  const asked = bareName(rest.questions?.[0]?.name ?? '');
  const bytesOf = (record: Answer): Buffer[] => {
    const points = asked !== '' && bareName(record.name) === asked;
    const bytes = packet.encode({ answers: [points ? { ...record, name: '.' } : record] }).subarray(headBytes);
    return points ? [askedName, bytes.subarray(1)] : [bytes];
  };
  return Buffer.concat([message, ...sections.flat().flatMap(bytesOf)]);
}

const bareName = (name: string): string => name.toLowerCase().replace(/\.$/, '');

/**
 * A reply of at most `limit` bytes: what is too long loses what only saves a question, then as many answers as it must,
 * with a mark that sends the asker to TCP; who does not speak that has the first of them.
 */
export function replyTo(query: DecodedPacket, content: ReplyContent, limit = Infinity): Buffer {
  const { zone, answers, additionals } = content;
  const [question] = query.questions ?? [];
  const authority = zone === undefined ? [] : [startOfAuthority(zone)];
  const isAboutZone = question?.type === 'SOA' && bareName(question.name) === zone;
  const records = isAboutZone ? authority : answers;
  const edns: Answer[] =
    ednsOf(query) === undefined
      ? []
      : [
          {
            type: 'OPT',
            name: '.',
            udpPayloadSize: udpBytesMax,
            extendedRcode: 0,
            ednsVersion: 0,
            flags: 0,
            flag_do: false,
            options: [],
          },
        ];
  const made = (
    flags: number,
    parts: { readonly answers: readonly Answer[]; readonly additionals: readonly Answer[] },
  ): Buffer =>
    encoded({
      type: 'response',
      id: query.id ?? 0,
      flags: content.flags | flags | ((query.flags ?? 0) & packet.RECURSION_DESIRED) | packet.RECURSION_AVAILABLE,
      questions: query.questions ?? [],
      answers: [...parts.answers],
      authorities: records.length === 0 ? authority : [],
      additionals: [...parts.additionals, ...edns],
    });
  const whole = made(0, { answers: records, additionals });
  if (whole.length <= limit) return whole;
  const short = made(0, { answers: records, additionals: [] });
  if (short.length <= limit) return short;
  const first = (count: number): Buffer =>
    made(packet.TRUNCATED_RESPONSE, { answers: records.slice(0, count), additionals: [] });
  let [fits, tooMany] = [0, records.length];
  while (tooMany - fits > 1) {
    const middle = (fits + tooMany) >> 1;
    if (first(middle).length <= limit) fits = middle;
    else tooMany = middle;
  }
  return first(fits);
}
