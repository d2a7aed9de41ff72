import { stringify } from 'yaml';

export interface KubeconfigOptions {
  readonly cluster: string;
  /**
   * The addresses of the API. With more than one each has a context of its own, `troupe-<cluster>-<member>`; the first
   * is the current one.
   */
  readonly servers: readonly { readonly member: string; readonly url: string }[];
  readonly ca: string;
  /** Absent: who reads it is nobody yet, and learns what to trust. */
  readonly user?: { readonly certificate: string; readonly key: string };
}

/**
 * A kubeconfig (client.authentication of kubectl) with everything inside, so that it can be copied to another machine.
 */
export function kubeconfigText({ cluster, servers, ca, user }: KubeconfigOptions): string {
  const name = `troupe-${cluster}`;
  const admin = `${name}-admin`;
  const entries = servers.map(({ member, url }) => ({ name: servers.length === 1 ? name : `${name}-${member}`, url }));
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  return stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: entries.map((entry) => ({
        name: entry.name,
        cluster: { server: entry.url, 'certificate-authority-data': base64(ca) },
      })),
      ...(user === undefined
        ? {}
        : {
            users: [
              {
                name: admin,
                user: { 'client-certificate-data': base64(user.certificate), 'client-key-data': base64(user.key) },
              },
            ],
            contexts: entries.map((entry) => ({
              name: entry.name,
              context: { cluster: entry.name, user: admin, namespace: 'default' },
            })),
            'current-context': entries[0]?.name ?? name,
          }),
    },
    { lineWidth: 0 },
  );
}
