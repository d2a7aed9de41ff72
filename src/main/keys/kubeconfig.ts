/** The text of a kubeconfig. */
import { stringify } from 'yaml';

export interface KubeconfigOptions {
  readonly cluster: string;
  /**
   * The addresses of the API. With more than one each has a context of its own, `troupe-<cluster>-<member>`; the first
   * is the current one.
   */
  readonly servers: readonly { readonly member: string; readonly url: string }[];
  readonly ca: string;
  /** Absent: the reader has no credentials and only learns which authority to trust. */
  readonly user?: KubeconfigUser | undefined;
}

/** What it signs in with: a certificate with its key (PEM), or a bearer token. */
type KubeconfigUser = { readonly certificate: string; readonly key: string } | { readonly token: string };

/**
 * With all data inside, so that the file can be copied to another machine.
 */
export function kubeconfigText({ cluster, servers, ca, user }: KubeconfigOptions): string {
  const name = `troupe-${cluster}`;
  const entries = servers.map(({ member, url }) => ({ name: servers.length === 1 ? name : `${name}-${member}`, url }));
  return stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: entries.map((entry) => ({
        name: entry.name,
        cluster: { server: entry.url, 'certificate-authority-data': base64(ca) },
      })),
      ...(user === undefined ? undefined : accessOf(user, { name, entries })),
    },
    { lineWidth: 0 },
  );
}

interface Entries {
  readonly name: string;
  readonly entries: readonly { readonly name: string }[];
}

/** The user, and a context for each server. */
function accessOf(user: KubeconfigUser, { name, entries }: Entries): object {
  const admin = `${name}-admin`;
  return {
    users: [{ name: admin, user: credentialOf(user) }],
    contexts: entries.map((entry) => ({
      name: entry.name,
      context: { cluster: entry.name, user: admin, namespace: 'default' },
    })),
    'current-context': entries[0]?.name ?? name,
  };
}

function credentialOf(user: KubeconfigUser): object {
  if ('token' in user) return { token: user.token };
  return { 'client-certificate-data': base64(user.certificate), 'client-key-data': base64(user.key) };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
