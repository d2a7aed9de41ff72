/** The files that every container gets: hosts and resolv.conf. */
import { hostnameOf } from '../container/index.ts';
import type { Pod } from '../../api/index.ts';

/** The machine's resolver settings. */
export interface HostResolver {
  readonly nameservers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

/** Reads resolv.conf(5). */
export function parseResolvConf(text: string): HostResolver {
  const lines = text.split('\n').map((line) =>
    line
      .replace(/[#;].*$/, '')
      .trim()
      .split(/\s+/),
  );
  const values = (keyword: string): string[][] =>
    lines.filter(([first]) => first === keyword).map(([, ...rest]) => rest);
  return {
    nameservers: values('nameserver').flatMap(([address]) => (address === undefined ? [] : [address])),
    searches: values('search').at(-1) ?? values('domain').at(-1) ?? [],
    options: values('options').flat(),
  };
}

/** The pod's /etc/resolv.conf by its dnsPolicy and dnsConfig (Kubernetes, "DNS for Services and Pods"). */
export function resolvConf(
  pod: Pod,
  cluster: { readonly dnsAddresses: readonly string[]; readonly domain: string; readonly host: HostResolver },
): string {
  const { host, domain } = cluster;
  const { dnsConfig = {}, hostNetwork } = pod.spec;
  let policy = pod.spec.dnsPolicy ?? 'ClusterFirst';
  if (policy === 'ClusterFirst' && hostNetwork === true) policy = 'Default';
  const inCluster: HostResolver = {
    nameservers: cluster.dnsAddresses,
    searches: [`${pod.metadata.namespace}.svc.${domain}`, `svc.${domain}`, domain, ...host.searches],
    options: ['ndots:5'],
  };
  const base =
    policy === 'None' ? { nameservers: [], searches: [], options: [] } : policy === 'Default' ? host : inCluster;
  const named = (dnsConfig.options ?? []).map(({ name = '', value }) =>
    value === undefined || value === '' ? name : `${name}:${value}`,
  );
  const overridden = new Set(named.map((option) => option.split(':')[0]));
  const nameservers = [...new Set([...base.nameservers, ...(dnsConfig.nameservers ?? [])])];
  const searches = [...new Set([...base.searches, ...(dnsConfig.searches ?? [])])];
  const options = [...base.options.filter((option) => !overridden.has(option.split(':')[0])), ...named];
  return [
    ...(searches.length === 0 ? [] : [`search ${searches.join(' ')}`]),
    ...nameservers.map((address) => `nameserver ${address}`),
    ...(options.length === 0 ? [] : [`options ${options.join(' ')}`]),
    '',
  ].join('\n');
}

/** The pod's /etc/hosts. A pod on the host's network gets the host's file and its aliases. */
export function hostsFile(
  pod: Pod,
  facts: { readonly podIps: readonly string[]; readonly clusterDomain: string; readonly hostFile: string },
): string {
  const aliases = (pod.spec.hostAliases ?? []).map(({ ip, hostnames = [] }) => `${ip}\t${hostnames.join('\t')}`);
  const tail = aliases.length === 0 ? '' : `\n# Entries added by HostAliases.\n${aliases.join('\n')}\n`;
  if (pod.spec.hostNetwork === true) return `# Kubernetes-managed hosts file (host network).\n${facts.hostFile}${tail}`;
  const hostname = hostnameOf({ ...pod, spec: { ...pod.spec, setHostnameAsFQDN: false } }, facts.clusterDomain);
  const full =
    pod.spec.subdomain === undefined || pod.spec.subdomain === ''
      ? ''
      : `${hostname}.${pod.spec.subdomain}.${pod.metadata.namespace}.svc.${facts.clusterDomain}\t`;
  return (
    [
      '# Kubernetes-managed hosts file.',
      '127.0.0.1\tlocalhost',
      '::1\tlocalhost ip6-localhost ip6-loopback',
      'fe00::0\tip6-localnet',
      'fe00::0\tip6-mcastprefix',
      'fe00::1\tip6-allnodes',
      'fe00::2\tip6-allrouters',
      ...facts.podIps.map((address) => `${address}\t${full}${hostname}`),
      '',
    ].join('\n') + tail
  );
}
