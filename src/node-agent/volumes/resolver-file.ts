/** The resolver file of a pod (resolv.conf), within the limits of resolvers. */
import type { Pod } from '../../api/index.ts';

/** What a resolver file says. */
export interface HostResolver {
  readonly nameservers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

/** What resolvers read of a file (Kubernetes, "Pod's DNS Config"); the C library stops at longer domains. */
const nameserversMax = 3;
const searchesMax = 32;
const searchCharactersMax = 2048;
const domainCharactersMax = 253;

/** Reads resolv.conf(5). A last dot makes no other domain of a name. */
export function parseResolvConf(text: string): HostResolver {
  const lines = text.split('\n').map((line) =>
    line
      .replace(/[#;].*$/, '')
      .trim()
      .split(/\s+/),
  );
  const values = (keyword: string): string[][] =>
    lines.filter(([first]) => first === keyword).map(([, ...rest]) => rest);
  const searches = values('search').at(-1) ?? values('domain').at(-1) ?? [];
  return {
    nameservers: values('nameserver').flatMap(([address]) => (address === undefined ? [] : [address])),
    searches: distinct(searches.map((domain) => (domain === '.' ? domain : domain.replace(/\.$/, '')))),
    options: values('options').flat(),
  };
}

interface ClusterResolver {
  readonly dnsAddresses: readonly string[];
  readonly domain: string;
  readonly host: HostResolver;
}

interface ResolverFile {
  readonly text: string;
  /** What was left out, since resolvers read no more: sentences for Events. */
  readonly omissions: readonly string[];
}

/** The pod's /etc/resolv.conf by its dnsPolicy and dnsConfig (Kubernetes, "DNS for Services and Pods"). */
export function resolvConf(pod: Pod, cluster: ClusterResolver): ResolverFile {
  const { dnsConfig = {} } = pod.spec;
  const base = resolverOfPolicy(pod, cluster);
  const named = (dnsConfig.options ?? []).map(({ name = '', value }) =>
    value === undefined || value === '' ? name : `${name}:${value}`,
  );
  const overridden = new Set(named.map((option) => option.split(':')[0]));
  const options = [...base.options.filter((option) => !overridden.has(option.split(':')[0])), ...named];
  const allServers = distinct([...base.nameservers, ...(dnsConfig.nameservers ?? [])]);
  const allSearches = distinct([...base.searches, ...(dnsConfig.searches ?? [])]);
  const nameservers = allServers.slice(0, nameserversMax);
  const searches = withinSearchLine(allSearches);
  const text = [
    ...(searches.length === 0 ? [] : [`search ${searches.join(' ')}`]),
    ...nameservers.map((address) => `nameserver ${address}`),
    ...(options.length === 0 ? [] : [`options ${options.join(' ')}`]),
    '',
  ].join('\n');
  return { text, omissions: omissionsOf([allServers, nameservers], [allSearches, searches]) };
}

function resolverOfPolicy(pod: Pod, { dnsAddresses, domain, host }: ClusterResolver): HostResolver {
  const { dnsPolicy = 'ClusterFirst', hostNetwork } = pod.spec;
  if (dnsPolicy === 'None') return { nameservers: [], searches: [], options: [] };
  if (dnsPolicy === 'Default' || (dnsPolicy === 'ClusterFirst' && hostNetwork === true)) return host;
  return {
    nameservers: dnsAddresses,
    searches: [`${pod.metadata.namespace}.svc.${domain}`, `svc.${domain}`, domain, ...host.searches],
    options: ['ndots:5'],
  };
}

/** The first domains that fit, without those that are too long to be one. */
function withinSearchLine(searches: readonly string[]): readonly string[] {
  const able = searches.slice(0, searchesMax).filter(({ length }) => length <= domainCharactersMax);
  let characters = -1;
  const end = able.findIndex(({ length }) => (characters += length + 1) > searchCharactersMax);
  return end < 0 ? able : able.slice(0, end);
}

/** All of a line and what is kept of it. */
type Line = readonly [readonly string[], readonly string[]];

/** In the kubelet's words. */
function omissionsOf([servers, keptServers]: Line, [searches, keptSearches]: Line): readonly string[] {
  const omissions: string[] = [];
  if (keptServers.length < servers.length)
    omissions.push(
      'Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: ' +
        keptServers.join(' '),
    );
  if (keptSearches.length < searches.length)
    omissions.push(
      'Search Line limits were exceeded, some search paths have been omitted, the applied search line is: ' +
        keptSearches.join(' '),
    );
  return omissions;
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
