import { stringify } from 'yaml';

export interface KubeconfigOptions {
  readonly cluster: string;
  readonly server: string;
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

/** A kubeconfig (client.authentication of kubectl) with everything inside, so that it can be copied to another machine. */
export function kubeconfigText({ cluster, server, ca, certificate, key }: KubeconfigOptions): string {
  const name = `troupe-${cluster}`;
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, 'certificate-authority-data': base64(ca) } }],
    users: [{ name: `${name}-admin`, user: { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) } }],
    contexts: [{ name, context: { cluster: name, user: `${name}-admin`, namespace: 'default' } }],
    'current-context': name,
  }, { lineWidth: 0 });
}
