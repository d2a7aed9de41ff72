/** The file of names and addresses that every container gets (hosts). */
import { hostnameOf } from '../container/index.ts';
import type { Pod } from '../../api/index.ts';

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
