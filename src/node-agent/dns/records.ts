/** The records of the cluster's zone, as pure functions of Services and endpoints (Kubernetes DNS specification). */
import {
  addressText,
  type Endpoint,
  type EndpointSlice,
  isEndpointReady,
  isHeadless,
  parseStrictAddress,
  type Service,
  serviceOfSlice,
} from '../../api/index.ts';

/** An answer record of the kinds that cluster DNS gives. */
type DnsRecord =
  | {
      readonly type: 'A' | 'AAAA' | 'CNAME' | 'PTR' | 'TXT';
      readonly name: string;
      readonly ttl: number;
      readonly data: string;
    }
  | {
      readonly type: 'SRV';
      readonly name: string;
      readonly ttl: number;
      readonly data: {
        readonly priority: number;
        readonly weight: number;
        readonly port: number;
        readonly target: string;
      };
    };

interface DnsQuestion {
  readonly name: string;
  readonly type: string;
}

/**
 * `answer`: ours, even when empty (the name exists but has no such record), `alias` where its last record is one of a
 * name that is not; `no-such-name`: ours, absent; `forward`: not ours.
 */
export type DnsOutcome = Answered | { readonly type: 'no-such-name' } | { readonly type: 'forward' };

interface Answered {
  readonly type: 'answer';
  readonly answers: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
  readonly alias?: string | undefined;
}

/** What cluster DNS knows. */
export interface DnsFacts {
  /** Without dots at the ends: cluster.local. */
  readonly domain: string;
  readonly service: (namespace: string, name: string) => Service | undefined;
  readonly slicesOf: (namespace: string, name: string) => readonly EndpointSlice[];
  readonly hasNamespace: (namespace: string) => boolean;
  readonly hasServices: (namespace: string) => boolean;
  /** Names by address, for PTR. */
  readonly namesOf: (address: string) => readonly string[];
}

export const ttlSeconds = 5;
/** A service that names a service that names a service …: so far an alias is followed. */
const aliasesMax = 8;

/** Answers one question by Kubernetes' DNS schema (Kubernetes DNS-Based Service Discovery, 1.1.0). Pure. */
export function answerQuestion(facts: DnsFacts, question: DnsQuestion): DnsOutcome {
  const outcome = answerOnce(facts, question);
  if (outcome.type !== 'answer' || (question.type !== 'A' && question.type !== 'AAAA')) return outcome;
  return withAliases(facts, outcome, question.type);
}

/** Resolvers of programs do not follow aliases by themselves: what they lead to stands in the same answer. */
function withAliases(facts: DnsFacts, outcome: Answered, type: string): DnsOutcome {
  const all = [...outcome.answers];
  for (let i = 0; i < aliasesMax; i++) {
    const last = all.at(-1);
    if (last?.type !== 'CNAME') return { ...outcome, answers: all };
    const next = answerOnce(facts, { name: last.data, type });
    if (next.type === 'forward') return { ...outcome, answers: all, alias: last.data };
    if (next.type === 'no-such-name' || next.answers.length === 0) return { ...outcome, answers: all };
    all.push(...next.answers);
  }
  return { ...outcome, answers: all };
}

function answerOnce(facts: DnsFacts, question: DnsQuestion): DnsOutcome {
  const name = question.name.toLowerCase().replace(/\.$/, '');
  if (name.endsWith('.in-addr.arpa') || name.endsWith('.ip6.arpa')) return pointer(facts, name);
  if (name !== facts.domain && !name.endsWith(`.${facts.domain}`)) return { type: 'forward' };
  const labels = name
    .slice(0, Math.max(0, name.length - facts.domain.length - 1))
    .split('.')
    .filter((label) => label !== '');
  const kind = labels.at(-1);
  if (labels.length === 0) return empty;
  if (labels.length === 1 && kind === 'dns-version')
    return answers(
      question.type === 'TXT' || question.type === 'ANY'
        ? [{ type: 'TXT', name, ttl: ttlSeconds, data: schemaVersion }]
        : [],
    );
  if (kind === 'svc') return serviceAnswer(facts, { ...question, name }, labels.slice(0, -1));
  if (kind === 'pod') return podAnswer(facts, { ...question, name }, labels.slice(0, -1));
  return { type: 'no-such-name' };
}

/** Of the schema that the records follow. */
const schemaVersion = '1.1.0';
const empty: DnsOutcome = { type: 'answer', answers: [], additionals: [] };

function answers(list: readonly DnsRecord[], additionals: readonly DnsRecord[] = []): DnsOutcome {
  return { type: 'answer', answers: list, additionals };
}

/** `1-2-3-4.<namespace>.pod`, or `fd00--1` for an address of IPv6. */
function podAnswer(facts: DnsFacts, question: DnsQuestion, labels: readonly string[]): DnsOutcome {
  const [dashed, namespace] = labels;
  if (labels.length !== 2 || dashed === undefined || namespace === undefined)
    return labels.length < 2 ? empty : { type: 'no-such-name' };
  const address = ['.', ':']
    .map((mark) => parseStrictAddress(dashed.replaceAll('-', mark)))
    .find((each) => each !== undefined);
  if (address === undefined || !facts.hasNamespace(namespace)) return { type: 'no-such-name' };
  return answers(addressRecords(question.name, [addressText(address)], question.type));
}

/** `[…].<service>.<namespace>.svc`, where … is nothing, a host name, or `_port._protocol`. */
function serviceAnswer(facts: DnsFacts, question: DnsQuestion, labels: readonly string[]): DnsOutcome {
  const namespace = labels.at(-1);
  const name = labels.at(-2);
  if (namespace === undefined) return empty;
  // Some resolvers (musl) end their search at a name that exists: `db.svc` must not, or `db` is found nowhere else.
  if (name === undefined) return facts.hasServices(namespace) ? empty : { type: 'no-such-name' };
  const service = facts.service(namespace, name);
  if (service === undefined) return { type: 'no-such-name' };
  const rest = labels.slice(0, -2);
  if (service.spec.type === 'ExternalName')
    return rest.length === 0
      ? answers([{ type: 'CNAME', name: question.name, ttl: ttlSeconds, data: service.spec.externalName ?? '' }])
      : { type: 'no-such-name' };
  const headless =
    service.spec.clusterIP === 'None' || service.spec.clusterIP === undefined || service.spec.clusterIP === '';
  const place: ServicePlace = {
    facts,
    service,
    full: `${name}.${namespace}.svc.${facts.domain}`,
    // Hosts of a service with a cluster address have names as well, as CoreDNS gives them: charts count on it.
    hosts: headless || rest.length === 1 ? hostsOf(facts, service) : [],
    headless,
  };
  if (rest.length === 0) return plainAnswer(place, question);
  if (rest.length === 1) return hostAnswer(place, question, rest[0] ?? '');
  if (rest.length === 2) return portAnswer(place, question, { port: rest[0] ?? '', protocol: rest[1] ?? '' });
  return { type: 'no-such-name' };
}

interface Host {
  readonly label: string;
  readonly address: string;
  readonly slice: EndpointSlice;
}

interface ServicePlace {
  readonly facts: DnsFacts;
  readonly service: Service;
  readonly full: string;
  readonly hosts: readonly Host[];
  readonly headless: boolean;
}

function hostsOf(facts: DnsFacts, service: Service): readonly Host[] {
  const { name = '', namespace = '' } = service.metadata;
  const shown = (endpoint: Endpoint): boolean =>
    service.spec.publishNotReadyAddresses === true || isEndpointReady(endpoint);
  return facts
    .slicesOf(namespace, name)
    .flatMap((slice) =>
      (slice.endpoints ?? [])
        .filter(shown)
        .flatMap((endpoint) =>
          endpoint.addresses.map((address) => ({ label: endpoint.hostname ?? hostLabel(address), address, slice })),
        ),
    );
}

const clusterAddresses = ({ spec }: Service): readonly string[] => spec.clusterIPs ?? [spec.clusterIP ?? ''];

const hostLabel = (address: string): string => address.replaceAll('.', '-').replaceAll(':', '-');

function addressRecords(name: string, addresses: readonly string[], type: string): DnsRecord[] {
  const wanted = (address: string): boolean =>
    (address.includes(':') ? type === 'AAAA' : type === 'A') || type === 'ANY';
  return [...new Set(addresses)]
    .filter(wanted)
    .map((data) => ({ type: data.includes(':') ? 'AAAA' : 'A', name, ttl: ttlSeconds, data }));
}

function plainAnswer(place: ServicePlace, question: DnsQuestion): DnsOutcome {
  if (question.type === 'SRV') return portAnswer(place, question, { port: '*', protocol: '*' });
  if (!place.headless) return answers(addressRecords(question.name, clusterAddresses(place.service), question.type));
  if (place.hosts.length === 0) return { type: 'no-such-name' };
  return answers(
    addressRecords(
      question.name,
      place.hosts.map(({ address }) => address),
      question.type,
    ),
  );
}

function hostAnswer(place: ServicePlace, question: DnsQuestion, label: string): DnsOutcome {
  if (label.startsWith('_')) return empty;
  const found = place.hosts.filter((host) => host.label.toLowerCase() === label);
  return found.length === 0
    ? { type: 'no-such-name' }
    : answers(
        addressRecords(
          question.name,
          found.map(({ address }) => address),
          question.type,
        ),
      );
}

function portAnswer(
  place: ServicePlace,
  question: DnsQuestion,
  wanted: { readonly port: string; readonly protocol: string },
): DnsOutcome {
  const port = wanted.port.replace(/^_/, '');
  const protocol = wanted.protocol.replace(/^_/, '').toUpperCase();
  const matches = (name: string | undefined, kind: string | undefined): boolean =>
    (wanted.port === '*' || (name ?? '') === port) && (wanted.protocol === '*' || (kind ?? 'TCP') === protocol);
  const targets: { readonly target: string; readonly port: number; readonly addresses: readonly string[] }[] = [];
  if (!place.headless) {
    for (const each of place.service.spec.ports ?? [])
      if (matches(each.name, each.protocol))
        targets.push({ target: place.full, port: each.port, addresses: clusterAddresses(place.service) });
  } else {
    for (const host of place.hosts)
      for (const each of host.slice.ports ?? [])
        if (each.port !== undefined && matches(each.name, each.protocol))
          targets.push({ target: `${host.label}.${place.full}`, port: each.port, addresses: [host.address] });
  }
  if (targets.length === 0) return wanted.port === '*' ? empty : { type: 'no-such-name' };
  if (question.type !== 'SRV' && question.type !== 'ANY') return empty;
  // A host of two families stands in two slices.
  const unique = [...new Map(targets.map((each) => [`${each.target} ${each.port}`, each])).values()];
  const weight = Math.max(1, Math.floor(100 / unique.length));
  return answers(
    unique.map((each) => ({
      type: 'SRV',
      name: question.name,
      ttl: ttlSeconds,
      data: { priority: 0, weight, port: each.port, target: each.target },
    })),
    targets.flatMap((each) => addressRecords(each.target, each.addresses, 'ANY')),
  );
}

function pointer(facts: DnsFacts, name: string): DnsOutcome {
  const address = reversedAddress(name);
  const names = address === undefined ? [] : facts.namesOf(address);
  if (names.length === 0) return { type: 'forward' };
  return answers(names.map((data) => ({ type: 'PTR', name, ttl: ttlSeconds, data })));
}

/** The address that a name of in-addr.arpa (by bytes) or ip6.arpa (by hexadecimal digits) asks for. */
function reversedAddress(name: string): string | undefined {
  const parts = name.split('.').slice(0, -2).reverse();
  const digits = parts.join('');
  const text = name.endsWith('.ip6.arpa') ? (digits.match(/.{4}/g) ?? []).join(':') : parts.join('.');
  const address = parseStrictAddress(text);
  return address === undefined ? undefined : addressText(address);
}

/** The names of an address: a service's own, and those of endpoints with a host name or of a headless service. */
export function namesOfAddress(
  services: readonly Service[],
  slices: readonly EndpointSlice[],
  query: { readonly address: string; readonly domain: string },
): readonly string[] {
  const { address, domain } = query;
  const named = services
    .filter(({ spec }) => spec.clusterIP === address || spec.clusterIPs?.includes(address) === true)
    .map(({ metadata }) => `${metadata.name}.${metadata.namespace}.svc.${domain}`);
  const headless = new Set(
    services.filter(({ spec }) => isHeadless(spec)).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
  );
  for (const slice of slices) {
    const service = serviceOfSlice(slice);
    if (service === undefined) continue;
    const isNamed = headless.has(`${slice.metadata.namespace}/${service}`);
    for (const { addresses, hostname } of slice.endpoints ?? [])
      if (addresses.includes(address) && (isNamed || hostname !== undefined))
        named.push(`${hostname ?? hostLabel(address)}.${service}.${slice.metadata.namespace}.svc.${domain}`);
  }
  return [...new Set(named)];
}
